"""What `ecrctl access` shows: who may do what where, one answer, and what another account needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ops.terminal import say, warn
from registry.access.ecr_actions import ON_REGISTRY, ON_REPOSITORIES
from registry.access.explain import Answer, Reason, action_named, ask
from registry.access.other_accounts import policies_for_account
from registry.access.rows import rows as said
from registry.errors import InvalidRegistry, UnknownName
from registry.findings import listed
from registry.load import check_sources
from registry.model import Organization, Registry
from registry.nearest import Nearest
from registry.reading.include import read_files
from registry.reading.sources import Sources

#: What people read above a column, and its key for programs.
_COLUMNS: Final = {
    "principal": "principal",
    "who": "who",
    "may": "may",
    "where": "where",
    "regions": "regions",
    "granted by": "grantedBy",
}


def read(file: Path) -> tuple[Registry, Sources]:
    """A registry and the files it comes from.

    :raises InvalidRegistry: with every finding, where one is an error.
    :raises UnreadableFile: where the path names no file that can be read.
    """
    sources = read_files(file)
    outcome = check_sources(sources)
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
            "grantedBy": str(sources.position(row.at)),
        }
        for row in said(registry)
    ]
    return sorted(found, key=lambda row: (row["principal"], row["may"], row["where"], row["grantedBy"]))


def table(found: Sequence[dict[str, Any]]) -> tuple[Sequence[str], list[list[Any]]]:
    """The same as columns and rows."""
    return list(_COLUMNS), [[row[key] for key in _COLUMNS.values()] for row in found]


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
    found = ask(registry, known[principal], named, repository)
    if found is None:
        near = Nearest(it.name for it in registry.repositories).way_out(repository)
        raise UnknownName(
            f"the file does not declare {repository}, and no creation template creates it at a push or for a cache"
            f"{f'; {near}' if near else ''}"
        )
    return found


def _unknown(noun: str, word: str, known: list[str]) -> str:
    return f"there is no {noun} {word}; {_near(word, known)}"


def _near(word: str, known: list[str]) -> str:
    return Nearest(known).way_out(word) or (f"there are {listed(known)}" if known else "there is none")


def answer_as_dict(found: Answer, sources: Sources) -> dict[str, Any]:
    """The same for programs."""
    return {
        "allowed": found.allowed,
        "statements": [each.statement for each in found.reasons if each.allows],
        "deniedBy": [each.statement for each in found.reasons if not each.allows],
        "writtenAt": [str(sources.position(at)) for each in found.reasons for at in each.at],
        "conditions": [each.condition for each in found.reasons if each.condition],
        "template": found.template.prefix if found.template else None,
        "otherSide": found.other_side,
    }


def print_answer(found: Answer, registry: Registry, sources: Sources, question: tuple[str, str, str]) -> None:
    """Yes or no, and why."""
    principal, action, repository = question
    if found.template is not None:
        say(f"{repository} is not declared; the creation template {found.template.prefix} creates it")
    if not found.allowed:
        say(f"no: nothing allows {action} on {repository} to {principal}")
    for each in found.reasons:
        say(_reason(each, registry, sources))
    if found.other_side is not None:
        say(f"account {found.other_side} must allow it, too: ecrctl access --for-account {found.other_side}")


def _reason(reason: Reason, registry: Registry, sources: Sources) -> str:
    word = ("yes" if reason.allows else "denied") + (f", where {reason.condition}" if reason.condition else "")
    regions = ", ".join(at.beside(registry.home) for at in reason.locations)
    by = f"granted by {reason.granted} at" if reason.granted else "written at"
    return f"{word}: {reason.statement}, in {regions}; {by} {', '.join(str(sources.position(at)) for at in reason.at)}"


def for_account(registry: Registry, account: str) -> dict[str, Any]:
    """What an account has to allow on its own side, by principal.

    :raises UnknownName: for an account that the file does not speak of.
    """
    accounts = sorted({it.account for it in registry.principals if not isinstance(it, Organization)})
    if account not in accounts:
        raise UnknownName(f"no principal of the file is in the account {account}; {_near(account, accounts)}")
    found = policies_for_account(registry, account)
    if not found:
        warn(f"account {account} needs no policies on its side")
    return found
