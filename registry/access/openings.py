"""Whom a resource policy opens what to: the one reading of it that rules, `ecrctl access` and the synth share.

It may say more of somebody than IAM would let in, never less: a condition narrows a statement only where it names who.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any, Final

from registry.access.policy_language import (
    OPPOSITES,
    VARIABLE,
    Operator,
    Statement,
    actions_of,
    is_about_all,
    many,
    operator,
    principals_of,
)
from registry.naming import account_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who is meant: whoever all of this is true of. Nothing said is everybody.

    `arn` is a user, a role, one of its sessions, or a pattern of those of one account; `source` is what a service acts
    for: an ARN or a pattern of such of one account, an account, or an organization; `other` is a provider of
    identities, or the unique id of a role or user.
    """

    arn: str | None = None
    account: str | None = None
    organization: str | None = None
    path: str | None = None
    service: str | None = None
    source: str | None = None
    other: str | None = None

    @property
    def everybody(self) -> bool:
        """Whether nothing says who."""
        return self == Audience()

    @property
    def source_account(self) -> str | None:
        """The account a service acts for; None where none is named."""
        account = account_of(self.source or "") or self.source or ""
        return account if re.fullmatch("[0-9]{12}", account) else None

    def __str__(self) -> str:
        if self.everybody:
            return "everybody"
        if self.service:
            return f"{self.service} for {self.source or 'anybody'}"
        inside = f" in {self.path or self.organization}" if self.organization else ""
        who = self.other or self.arn or (f"account {self.account}" if self.account else "")
        return f"{who}{inside}" if who else self.path or self.organization or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What the Allow at an index opens to one audience: actions (`ecr:…`), under conditions that do not say who."""

    audience: Audience
    actions: frozenset[str]
    statement: int
    condition: str = ""


def openings(document: Mapping[str, Any]) -> tuple[Opening, ...]:
    """Everything the statements of a policy open, in their order; of which repositories, their Resource says."""
    denies = [(actions_of(it), _kept(it), it) for it in document["Statement"] if it["Effect"] == "Deny"]
    found: dict[Opening, None] = {}
    for index, statement in enumerate(document["Statement"]):
        if statement["Effect"] == "Deny":
            continue
        refused = [(names, kept) for names, kept, deny in denies if is_about_all(deny, statement)]
        actions = actions_of(statement).difference(*(names for names, kept in refused if kept == {}))
        within = [kept for names, kept in refused if kept and actions <= names]
        for audience in _audiences(statement, within) if actions else ():
            opening = Opening(audience=audience, actions=actions, statement=index, condition=condition_of(statement))
            found[opening] = None
    return tuple(found)


def opens_to_everybody(document: Mapping[str, Any]) -> bool:
    """Whether a statement lets in callers of whom nothing is said."""
    return any(opening.audience.everybody for opening in openings(document))


def why_open(document: Mapping[str, Any], accepted: str | None) -> str | None:
    """Why a policy may have `*` as principal: its conditions say who is meant, or somebody accepted that all are.

    None where it has none, or nobody accepted it.
    """
    allowed = [statement for statement in document["Statement"] if statement["Effect"] == "Allow"]
    if not any("*" in (value for _, value in principals_of(it.get("Principal"))) for it in allowed):
        return None
    if opens_to_everybody(document):
        return accepted
    return "Principal * stands with a condition, such as aws:PrincipalOrgID, which says who is meant."


def is_for_everybody(statement: Statement) -> bool:
    """Whether a Deny certainly leaves nobody."""
    return _kept(statement) == {}


def condition_of(statement: Statement) -> str:
    """The conditions of a statement that do not name who, in one line."""
    return ", ".join(
        f"{written} {key} {' or '.join(many(values))}"
        for written, keys in (statement.get("Condition") or {}).items()
        for key, values in keys.items()
        if _read(written, key, values, service=False) is None and _read(written, key, values, service=True) is None
    )


def _fixed(value: str, by: Operator) -> bool:
    return VARIABLE not in value and (by.base.startswith("StringEquals") or not re.search(r"[*?]", value))


def _arn(value: str, by: Operator) -> bool:
    """Up to its account without wildcards: `*` of a StringLike goes past colons, which a role's path may hold."""
    return VARIABLE not in value and re.match(r"arn:aws[a-z-]*:(?:iam|sts)::[0-9]{12}:.", value) is not None


def _path(value: str, by: Operator) -> bool:
    return by.of == "any" and VARIABLE not in value and re.match(r"o-[a-z0-9]+/", value) is not None


def _unique_id(value: str, by: Operator) -> bool:
    return VARIABLE not in value and re.match(r"A(?:ROA|IDA)[A-Z0-9]{12,}(?::|$)", value) is not None


def _source(value: str, by: Operator) -> bool:
    """The region may be any; a StringLike may say so for Lambda, whose functions have no name with a colon."""
    region = r"[a-z0-9-]*" if by.base == "StringLike" and ":lambda:" not in value else r"[a-z0-9*-]*"
    return VARIABLE not in value and re.match(rf"arn:aws[a-z-]*:[a-z0-9-]+:{region}:[0-9]{{12}}:.", value) is not None


#: The condition keys that name who, what they name, and when a value does. With a positive operator only.
_CALLERS: Final = {
    "aws:principalarn": ("arn", _arn),
    "aws:principalaccount": ("account", _fixed),
    "aws:principalorgid": ("organization", _fixed),
    "aws:principalorgpaths": ("path", _path),
    "aws:userid": ("other", _unique_id),
}
_SOURCES: Final = {
    "aws:sourcearn": ("source", _source),
    "aws:sourceaccount": ("source", _fixed),
    "aws:sourceorgid": ("source", _fixed),
}
_POSITIVE: Final = frozenset(OPPOSITES.values())
_COMBINATIONS: Final = 1_000
Named = Mapping[str, tuple[str, ...]]


def _read(written: str, key: str, values: Any, *, service: bool) -> tuple[str, tuple[str, ...]] | None:
    """What a condition names of callers, or of what services act for; None where it does not say who."""
    by = operator(written)
    kind, closes = (_SOURCES if service else _CALLERS).get(key.lower(), ("", _fixed))
    words = many(values)
    if not kind or by is None or by.if_exists or by.of == "all" or by.base not in _POSITIVE or not words:
        return None
    return (kind, words) if all(closes(word, by) for word in words) else None


def _named(condition: Mapping[str, Any], *, service: bool = False) -> dict[str, tuple[str, ...]]:
    """Whom conditions name. Of two that name the same kind, both hold, so either may stand for both."""
    found: dict[str, tuple[str, ...]] = {}
    for written, keys in condition.items():
        for key, values in keys.items():
            if said := _read(written, key, values, service=service):
                found.setdefault(*said)
    return found


def _kept(statement: Statement) -> dict[str, tuple[str, ...]] | None:
    """Whom a Deny leaves: all but nobody (`{}`), those whom its one condition exempts, or it cannot be said (None)."""
    if "*" not in (value for _, value in principals_of(statement.get("Principal"))):
        return None
    conditions = statement.get("Condition") or {}
    if not conditions:
        return {}
    if len(conditions) != 1 or len(next(iter(conditions.values()))) != 1:
        return None
    ((written, keys),) = conditions.items()
    by = operator(written)
    if by is None or by.base not in OPPOSITES or by.of == "any":
        return None
    positive = f"{'ForAnyValue:' if by.of == 'all' else ''}{OPPOSITES[by.base]}"
    return _named({positive: keys}) or None


def _audiences(statement: Statement, within: list[dict[str, tuple[str, ...]]]) -> Iterator[Audience]:
    condition = statement.get("Condition") or {}
    named = {key: values for kept in reversed(within) for key, values in kept.items()} | _named(condition)
    sources = _named(condition, service=True).get("source", (None,))
    if statement.get("NotPrincipal") is not None:
        yield Audience()  # all but these: whoever they are
        return
    for kind, value in principals_of(statement.get("Principal")):
        if kind == "Service":
            # A service is in no organization, so a condition on its caller's lets it in nowhere.
            yield from (Audience(service=value, source=source) for source in sources if not named)
        elif kind == "AWS":
            yield from _narrowed(_plain(value), named)
        else:
            yield Audience(other=f"{kind} {value}")


def _plain(value: str) -> Audience:
    """Whom a value of the type AWS means."""
    if value == "*":
        return Audience()
    if re.fullmatch("[0-9]{12}", value) or value.endswith(":root"):
        return Audience(account=account_of(value) or value)
    return Audience(arn=value, account=account_of(value) or None)


def _narrowed(who: Audience, named: Named) -> Iterator[Audience]:
    """An audience within what the conditions name, one for each value; those that cannot be are left out."""
    keys = [key for key in ("arn", "path", "account", "organization", "other") if key in named]
    while prod(len(named[key]) for key in keys) > _COMBINATIONS and len(keys) > 1:
        keys.pop()  # what is left is wider, and still says who
    for values in product(*(named[key] for key in keys)):
        said = dict(zip(keys, values, strict=True))
        if "path" in said:
            organization = said["path"].partition("/")[0]
            if said.setdefault("organization", organization) != organization:
                continue
        if "arn" in said:
            account = account_of(said["arn"])
            if said.setdefault("account", account) != account:
                continue
            if who.arn is not None:
                said["arn"] = who.arn
        if who.account is not None and said.setdefault("account", who.account) != who.account:
            continue
        yield replace(who, **said)
