"""What `ecrctl access` shows: who may do what where, one answer, and what another account needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ops.output import say, warn
from registry import yaml_reader
from registry.access import locations_of
from registry.answers import Allowed, action_named, allowed, identity, other_half
from registry.ecr_actions import ON_REGISTRY, ON_REPOSITORIES
from registry.errors import ExitCode, InvalidRegistry, RegistryError
from registry.findings import listed
from registry.include import gathered
from registry.load import checked
from registry.model import Organization, Registry
from registry.shape_findings import Nearest
from registry.sources import Sources

#: What people read above a column, and its key for programs.
_COLUMNS: Final = {
    "principal": "principal",
    "who": "who",
    "may": "may",
    "where": "where",
    "regions": "regions",
    "granted by": "grantedBy",
}


class UnknownName(RegistryError):
    """A question about something that is not there."""

    exit_code = ExitCode.INVALID


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
            "grantedBy": str(sources.position(grant.at)),
        }
        for grant in registry.grants
    ]
    return sorted(found, key=lambda row: (row["principal"], row["may"], row["where"], row["grantedBy"]))


def table(found: Sequence[dict[str, Any]]) -> tuple[Sequence[str], list[list[Any]]]:
    """The same as columns and rows."""
    return list(_COLUMNS), [[row[key] for key in _COLUMNS.values()] for row in found]


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
    return f"there is no {noun} {word}; {_near(word, known)}"


def _near(word: str, known: list[str]) -> str:
    return Nearest(known).way_out(word) or (f"there are {listed(known)}" if known else "there is none")


def print_answer(found: list[Allowed], registry: Registry, sources: Sources, question: tuple[str, str, str]) -> None:
    """Yes or no, and why."""
    principal, action, repository = question
    if not found:
        say(f"no: nothing grants {action} on {repository} to {principal}")
    for each in found:
        say(
            f"yes: {each.statement}, in {', '.join(at.beside(registry.home) for at in each.locations)}; "
            f"granted by {each.grant.granted} at {sources.position(each.grant.at)}"
        )


def for_account(registry: Registry, account: str) -> dict[str, Any]:
    """What an account has to allow on its own side, by principal.

    :raises UnknownName: for an account that the file does not speak of.
    """
    accounts = sorted({it.account for it in registry.principals if not isinstance(it, Organization)})
    if account not in accounts:
        raise UnknownName(f"no principal of the file is of the account {account}; {_near(account, accounts)}")
    found = other_half(registry, account)
    if not found:
        warn(f"nothing of {account} has to be allowed on its side")
    return found
