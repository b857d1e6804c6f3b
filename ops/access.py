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
from registry.access import locations_of
from registry.answers import Allowed, action_named, allowed, identity, other_half
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
            "principal": grant.principal.name,
            "who": identity(grant.principal),
            "may": grant.granted,
            "where": grant.scope,
            "regions": [location.beside(registry.home) for location in locations_of(registry, grant)],
            "granted by": str(sources.position(grant.at)),
        }
        for grant in registry.grants
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


def answer(registry: Registry, principal: str, action: str, repository: str) -> list[Allowed]:
    """Every statement by which a principal may do an action on a repository.

    :raises UnknownName: for a principal or an action there is none of, with the nearest one.
    """
    known = [it.name for it in registry.principals]
    if principal not in known:
        raise UnknownName(_unknown("principal", principal, known))
    named = action_named(action)
    if named is None:
        raise UnknownName(_unknown("action", action, [f"ecr:{name}" for name in sorted(ON_REPOSITORIES | ON_REGISTRY)]))
    return list(allowed(registry, principal, named, repository))


def _unknown(noun: str, word: str, known: list[str]) -> str:
    near = Nearest(known).way_out(word)
    return f"there is no {noun} {word}; {near or f'there are {listed(known)}'}"


def print_answer(found: list[Allowed], registry: Registry, sources: Sources, question: tuple[str, str, str]) -> None:
    """Yes or no, and why."""
    principal, action, repository = question
    if not found:
        typer.echo(f"no: nothing grants {action} on {repository} to {principal}")
    for each in found:
        typer.echo(
            f"yes: {each.statement}, in {', '.join(at.beside(registry.home) for at in each.locations)}; "
            f"granted by {each.grant.granted} at {sources.position(each.grant.at)}"
        )


def print_other_half(registry: Registry, account: str) -> bool:
    """Print what an account has to allow its own side, as JSON; whether there is anything."""
    found = other_half(registry, account)
    print(json.dumps(found, indent=2))
    return bool(found)
