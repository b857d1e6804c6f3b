"""What a resource policy says to one caller: yes, no, or where something is true that only a request shows.

A caller may stand for many (any role of an account): then only what holds for all of them is said of it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from registry.access.policy_language import (
    OPPOSITES,
    Statement,
    actions_of,
    many,
    matches,
    operator,
    principals_of,
    speaks_of,
)
from registry.naming import account_of

#: Stands for a name that nobody knows: wildcards match it, and no name does.
ANYTHING: Final = "*any*"
#: Keys that a request of a role, or of a service, never has.
_NOT_OF_ROLES: Final = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:principalservicename"})
_NOT_OF_SERVICES: Final = frozenset({"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:userid"})
#: How near a statement's principal comes to a caller. One that names the caller's account leaves it to IAM there.
Reach = Literal["named", "account"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A role by ARN or a service by name, and what is known of its requests: values by condition key in lower case."""

    arn: str
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_service(self) -> bool:
        """Whether it is a service."""
        return not self.arn.startswith("arn:")

    @property
    def account(self) -> str:
        """The account it is in; empty for a service."""
        return account_of(self.arn)

    def values(self, key: str) -> tuple[str, ...] | None:
        """The values of a condition key: none where a request has no such key, None where that is not known."""
        absent = _NOT_OF_SERVICES if self.is_service else _NOT_OF_ROLES
        return self.known.get(key.lower(), () if key.lower() in absent else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one statement says: certain, or only where its condition holds; `reach` of an Allow."""

    statement: int
    allows: bool
    certain: bool
    reach: Reach


def verdicts(document: Mapping[str, Any] | None, caller: Caller, action: str, resource: str = "*") -> Iterator[Verdict]:
    """Every statement of a policy that speaks, or may speak, of a caller and an action (`ecr:…`) on a resource (ARN).

    The statements of a repository policy are about its repository, whatever `resource` is.
    """
    for index, statement in enumerate(document["Statement"] if document else ()):
        reach = _reaches(statement, caller)
        about = speaks_of(statement, resource)
        holds = _all((reach is not None, about, _certainly(statement, caller), _conditions(statement, caller)))
        if holds is not False and action in actions_of(statement):
            allows = statement["Effect"] == "Allow"
            yield Verdict(statement=index, allows=allows, certain=holds is True, reach=reach or "named")


def _reaches(statement: Statement, caller: Caller) -> Reach | None:
    if statement.get("NotPrincipal") is not None:
        return None if any(_is(caller, *it) for it in principals_of(statement["NotPrincipal"])) else "named"
    if any(_is(caller, *it) or _may_be(caller, *it) for it in principals_of(statement.get("Principal"))):
        return "named"
    return "account" if caller.account in _whole_accounts(statement) else None


def _whole_accounts(statement: Statement) -> set[str]:
    values = [value for kind, value in principals_of(statement.get("Principal")) if kind == "AWS"]
    return {account_of(value) or value for value in values if value.endswith(":root") or value.isdecimal()}


def _certainly(statement: Statement, caller: Caller) -> bool | None:
    """Whether all requests of the caller are of the statement's principals, where any is."""
    if statement.get("NotPrincipal") is not None:  # one that names the caller's account may let it go
        named = {account_of(value) or value for _, value in principals_of(statement["NotPrincipal"])}
        return None if caller.account in named else True
    entries = list(principals_of(statement.get("Principal")))
    certain = any(_is(caller, *it) for it in entries) or caller.account in _whole_accounts(statement)
    return True if certain else None


def _is(caller: Caller, kind: str, value: str) -> bool:
    if kind == "Service":
        return caller.is_service and value == caller.arn
    return kind == "AWS" and (value == "*" or value == caller.arn)


def _may_be(caller: Caller, kind: str, value: str) -> bool:
    """Whether a session that is named is one of the caller's."""
    role = f":assumed-role/{caller.arn.rpartition('/')[2]}/"
    return kind == "AWS" and role in value and account_of(value) == caller.account


def _conditions(statement: Statement, caller: Caller) -> bool | None:
    return _all(
        _condition(written, many(values), caller.values(key))
        for written, keys in (statement.get("Condition") or {}).items()
        for key, values in keys.items()
    )


def _condition(written: str, wanted: tuple[str, ...], found: tuple[str, ...] | None) -> bool | None:
    by = operator(written)
    if by is None or found is None:
        return None
    if by.base == "Null":
        return (not found) in [word.lower() == "true" for word in wanted]
    negated = by.base in OPPOSITES
    if not found:  # without the key a negated operator holds, and so do IfExists and ForAllValues
        return (negated and by.of != "any") or by.if_exists or by.of == "all"
    base = OPPOSITES.get(by.base, by.base)
    each = [_any(matches(base, word, value) for word in wanted) for value in found]
    if negated:
        each = [None if it is None else not it for it in each]
    return _all(each) if by.of == "all" else _any(each)


def _all(values: Iterable[bool | None]) -> bool | None:
    found = list(values)
    return False if False in found else None if None in found else True


def _any(values: Iterable[bool | None]) -> bool | None:
    found = list(values)
    return True if True in found else None if None in found else False
