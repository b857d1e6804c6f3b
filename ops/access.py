"""What `ecrctl access` shows: tables for people, JSON and Markdown for others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from registry import yaml_reader
from registry.access_rows import rows as said
from registry.answers import Answer, Reason, action_named, asked, other_half
from registry.ecr_actions import ON_REGISTRY, ON_REPOSITORIES
from registry.errors import InvalidRegistry, RegistryError
from registry.findings import listed
from registry.include import gathered
from registry.load import checked
from registry.model import Registry
from registry.shape_findings import Nearest
from registry.sources import Sources

COLUMNS = ("principal", "who", "may", "where", "regions", "granted by")


class UnknownName(RegistryError):
    """A question about something that is not there."""

    exit_code = 2


def read(file: Path) -> tuple[Registry, Sources]:
    """A registry and the files it comes from.

    :raises InvalidRegistry: with every finding, where one is an error.
    :raises UnreadableFile: where the path names no file that can be read.
    """
    sources = gathered(yaml_reader.read(file, str(file)), file)
    outcome = checked(sources)
    if outcome.registry is None:
        raise InvalidRegistry(outcome.findings)
    return outcome.registry, sources


def rows(registry: Registry, sources: Sources) -> list[dict[str, Any]]:
    """Who may do what where, and which layer says so."""
    found = [
        {
            "principal": row.principal,
            "who": row.who,
            "may": row.may,
            "where": row.where,
            "regions": [location.beside(registry.home) for location in row.locations],
            "granted by": str(sources.position(row.at)),
        }
        for row in said(registry)
    ]
    return sorted(found, key=lambda row: (row["principal"], row["may"], row["where"], row["granted by"]))


def markdown(found: list[dict[str, Any]]) -> str:
    """The same as a Markdown table."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(_cell(row[column]).replace("|", "\\|") for column in COLUMNS) + " |" for row in found]
    return "\n".join(lines)


def print_table(found: list[dict[str, Any]]) -> None:
    """The same for a terminal."""
    table = Table(box=box.SIMPLE)
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for row in found:
        table.add_row(*(_cell(row[column]) for column in COLUMNS))
    Console().print(table if found else "nothing is granted to anyone")


def _cell(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def answer(registry: Registry, principal: str, action: str, repository: str) -> Answer:
    """Whether a principal may do an action on a repository, as AWS would answer for everything the file makes.

    :raises UnknownName: for a principal, an action or a repository there is none of, with the nearest one.
    """
    known = {it.name: it for it in registry.principals}
    if principal not in known:
        raise UnknownName(_unknown("principal", principal, list(known)))
    named = action_named(action)
    if named is None:
        raise UnknownName(_unknown("action", action, [f"ecr:{name}" for name in sorted(ON_REPOSITORIES | ON_REGISTRY)]))
    found = asked(registry, known[principal], named, repository)
    if found is None:
        near = Nearest(it.name for it in registry.repositories).way_out(repository)
        raise UnknownName(
            f"nobody declares {repository}, and no creation template makes it at a push or for a cache"
            f"{f'; {near}' if near else ''}"
        )
    return found


def _unknown(noun: str, word: str, known: list[str]) -> str:
    near = Nearest(known).way_out(word)
    return f"there is no {noun} {word}; {near or f'there are {listed(known)}'}"


def answer_as_dict(found: Answer, sources: Sources) -> dict[str, Any]:
    """The same for programs."""
    return {
        "allowed": found.allowed,
        "statements": [each.statement for each in found.reasons if each.allows],
        "denied_by": [each.statement for each in found.reasons if not each.allows],
        "written_at": [str(sources.position(at)) for each in found.reasons for at in each.at],
        "conditions": [each.condition for each in found.reasons if each.condition],
        "template": found.template.prefix if found.template else None,
        "other_side": found.other_side,
    }


def print_answer(found: Answer, registry: Registry, sources: Sources, question: tuple[str, str, str]) -> None:
    """Yes or no, and why."""
    principal, action, repository = question
    if found.template is not None:
        typer.echo(f"{repository} is not declared; the creation template {found.template.prefix} makes it")
    if not found.allowed:
        typer.echo(f"no: nothing allows {action} on {repository} to {principal}")
    for each in found.reasons:
        typer.echo(_reason(each, registry, sources))
    if found.other_side is not None:
        typer.echo(
            f"account {found.other_side} has to allow it as well: ecrctl access --for-account {found.other_side}"
        )


def _reason(reason: Reason, registry: Registry, sources: Sources) -> str:
    word = ("yes" if reason.allows else "denied") + (f", where {reason.condition}" if reason.condition else "")
    regions = ", ".join(at.beside(registry.home) for at in reason.locations)
    by = f"granted by {reason.granted} at" if reason.granted else "written at"
    return f"{word}: {reason.statement}, in {regions}; {by} {', '.join(str(sources.position(at)) for at in reason.at)}"


def print_other_half(registry: Registry, account: str) -> bool:
    """Print what an account has to allow its own side, as JSON; whether there is anything."""
    found = other_half(registry, account)
    print(json.dumps(found, indent=2))
    return bool(found)
