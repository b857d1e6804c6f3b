"""Who may do what on one repository: every grant and every policy as one relation, so that effects can be compared.

It says more than IAM would, never less, as registry/access/openings.py does; what that leaves open is in policies.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Final

from registry import naming
from registry.access.ecr_actions import ON_REGISTRY
from registry.access.explain import identity, purpose_of
from registry.access.openings import Audience, Opening, openings
from registry.access.policies import locations_of, repository_statements, role_account
from registry.access.policy_language import many, speaks_of
from registry.access.purposes import GRANTED
from registry.access.registry_policy import registry_statements
from registry.access.rows import audience_of, exact_audience
from registry.findings import YamlPath
from registry.locations import Location
from registry.model import (
    CreationTemplate,
    ExistingRole,
    Federated,
    Grant,
    MadeRole,
    PipelineRole,
    Principal,
    Repository,
)
from registry.patterns import covers
from registry.plan.sides import Side

REGISTRY: Final = "the registry itself"
#: Names of repositories that no file declares, in a registry policy.
LIKE: Final = "any repository named "
_SHOWN: Final = 4  # actions that are named


@dataclass(frozen=True, slots=True)
class May:
    """Somebody may do an action (`ecr:…`), under conditions that do not say who."""

    who: Audience
    action: str
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the file says so, and whom it grants it, where that is a grant."""

    at: YamlPath
    principal: Principal | None = None


Told = dict[May, Source]


def of_repository(side: Side, of: Repository | CreationTemplate, at: Location, renewed: frozenset[str]) -> Told:
    """What grants and policies of a repository, or of a creation template's repositories, allow at a location.

    :param renewed: principals that are somebody else on the other side. They stand for themselves here, by name.
    """
    found: Told = {}
    for grant in of.grants:
        if role_account(side.registry, grant.principal) is not None and at in locations_of(side.registry, grant):
            who = _of_role(grant.principal, renewed)
            for action in purpose_of(grant).of_own_roles:
                found.setdefault(May(who, action), Source(grant.at, grant.principal))
    text = of.policy_in(at)
    for opening in _openings(text) if text else ():
        source = _source(side, of, opening, at)
        known = source.principal.name if source.principal else ""
        who = Audience(other=f"principal {known}") if known in renewed else opening.audience
        for action in opening.actions:
            found.setdefault(May(who, action, opening.condition), source)
    return found


def of_grants(side: Side, grants: Iterable[Grant], at: Location, renewed: frozenset[str]) -> Told:
    """What grants alone would allow on a repository of theirs at a location."""
    found: Told = {}
    kept = tuple(grants)
    for grant in kept:
        if role_account(side.registry, grant.principal) is not None and at in locations_of(side.registry, grant):
            who = _of_role(grant.principal, renewed)
            found.update({May(who, action): Source(grant.at, grant.principal)
                          for action in purpose_of(grant).of_own_roles})  # fmt: skip
    for statement, by in repository_statements(kept, at, side.registry.home):
        for opening in openings({"Statement": [statement]}):
            source = _of_grants(by, opening.audience)
            known = source.principal.name if source.principal else ""
            who = Audience(other=f"principal {known}") if known in renewed else opening.audience
            found.update({May(who, action, opening.condition): source for action in opening.actions})
    return found


def of_registry(side: Side, at: Location) -> dict[str, Told]:
    """What the registry policy of a location allows, by repository: declared ones, others by pattern, and itself.

    Without what lets the home replicate into a replica of another account: that is told of the replica.
    """
    statements = registry_statements(side.registry, at)
    found: dict[str, Told] = {}
    for opening in openings({"Statement": [it.document for it in statements]}):
        statement = statements[opening.statement]
        if statement.at is None and not statement.grants:
            continue
        source = Source(statement.at) if statement.at is not None else _of_grants(statement.grants, opening.audience)
        for action in opening.actions:
            may = May(opening.audience, action, opening.condition)
            for name in _reached(side, statement.document, action, at):
                found.setdefault(name, {}).setdefault(may, source)
    return found


def _reached(side: Side, statement: Mapping[str, Any], action: str, at: Location) -> Iterator[str]:
    if action.removeprefix("ecr:") in ON_REGISTRY:
        yield REGISTRY
        return
    for repository in side.registry.repositories_in(at):
        if speaks_of(statement, naming.repository_arn(at, repository.name)) is not False:
            yield repository.name
    if statement.get("NotResource") is not None:
        yield f"{LIKE}other than {', '.join(sorted(map(_name, many(statement['NotResource']))))}"
    else:
        yield from (f"{LIKE}{_name(it)}" for it in many(statement.get("Resource")) if "*" in it or "?" in it)


def _name(resource: str) -> str:
    return resource.partition(":repository/")[2] or resource


@lru_cache(maxsize=4096)
def _openings(text: str) -> tuple[Opening, ...]:
    return openings(json.loads(text))


def _source(side: Side, of: Repository | CreationTemplate, opening: Opening, at: Location) -> Source:
    """What is written comes first in a policy, then what grants come to."""
    written = len(of.written_at)
    if opening.statement < written:
        return Source(of.written_at[opening.statement])
    return _of_grants(_granting(of.grants, at, side.registry.home)[opening.statement - written], opening.audience)


@lru_cache(maxsize=1024)
def _granting(grants: tuple[Grant, ...], at: Location, home: Location) -> tuple[tuple[Grant, ...], ...]:
    """The grants behind each statement of a repository's policy: often those of its whole namespace."""
    return tuple(by for _, by in repository_statements(grants, at, home))


def _of_grants(by: tuple[Grant, ...], who: Audience) -> Source:
    meant = next((grant for grant in by if exact_audience(grant.principal) == who), by[0])
    return Source(meant.at, meant.principal)


def _of_role(principal: Principal, renewed: frozenset[str]) -> Audience:
    """Whoever gets the policies of a role: jobs of CI by their identity, whatever their role is called."""
    if principal.name in renewed:
        return Audience(other=f"principal {principal.name}")
    if isinstance(principal, MadeRole):
        return Audience(other=_taken_by(principal))
    assert isinstance(principal, ExistingRole | PipelineRole)  # role_account says so
    return Audience(arn=principal.arn, account=principal.account)


def _taken_by(principal: MadeRole) -> str:
    """Who takes a role that is made here, whatever it is called."""
    audience = f"{principal.audience} " if isinstance(principal, Federated) else ""
    return f"{audience}{identity(principal)}"


def beyond(new: Told, old: Told, own: frozenset[str], moved: tuple[str, str] = ("", "")) -> Told:
    """What one side allows and the other does not.

    :param own: the accounts of the registry.
    :param moved: regions of the other side and of this one, where a copy of a repository is compared with another.
    """
    there: dict[str, list[May]] = {}
    for each in old:
        there.setdefault(each.action, []).append(_moved(each, *moved))
    return {
        may: source
        for may, source in new.items()
        if not any(_covered(may, other, own) for other in there.get(may.action, ()))
    }


def _moved(may: May, before: str, after: str) -> May:
    if before == after or may.who.source is None:
        return may
    return replace(may, who=replace(may.who, source=may.who.source.replace(f":{before}:", f":{after}:")))


def _covered(may: May, by: May, own: frozenset[str]) -> bool:
    return by.condition in ("", may.condition) and within(may.who, by.who, own)


def within(narrow: Audience, wide: Audience, own: frozenset[str]) -> bool:
    """Whether everybody of an audience is certainly of another one.

    A policy that names one of the registry's `own` accounts leaves it to IAM there, so it says nothing of a role. A
    service is somebody only where it is named.
    """
    if narrow == wide:
        return True
    if narrow.service or wide.service or narrow.other or wide.other:
        return (
            narrow.service == wide.service
            and narrow.other == wide.other
            and (wide.source is None or (narrow.source is not None and covers(wide.source, narrow.source)))
        )
    if wide.arn is None and wide.account in own and narrow.arn is not None:
        return False
    for field in fields(Audience):
        said, mine = getattr(wide, field.name), getattr(narrow, field.name)
        if said is not None and (mine is None or not covers(said, mine)):
            return False
    return True


def called(side: Side, who: Audience) -> str:
    """What people call an audience: the principal's name beside who that is, where the file has one."""
    words = str(who)
    name = audience_of(side.registry, who)
    if who.other and not name:
        name = next(
            (it.name for it in side.registry.principals
             if isinstance(it, MadeRole) and who.other in (_taken_by(it), f"principal {it.name}")),
            "",
        )  # fmt: skip
    elif who.arn and not name:
        name = next(
            (it.name for it in side.registry.principals
             if isinstance(it, ExistingRole | PipelineRole) and it.arn == who.arn),
            "",
        )  # fmt: skip
    return f"{name} ({words})" if name and words != f"principal {name}" else name or words


def in_words(actions: frozenset[str]) -> str:
    """Actions as the key of a grant that comes to the same, or by their number."""
    for name, purpose in GRANTED.items():
        if actions in (frozenset(purpose.on_repositories), frozenset(purpose.of_own_roles)):
            return name
    if len(actions) <= _SHOWN:
        return ", ".join(sorted(actions))
    return f"{', '.join(sorted(actions)[:_SHOWN])} and {len(actions) - _SHOWN} more actions"
