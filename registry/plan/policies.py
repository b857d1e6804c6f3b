"""What effects alone do not show of policies: what is denied, and statements whose effect cannot be told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry import naming
from registry.access.openings import condition_of
from registry.access.policy_language import VARIABLE, actions_of, many, principals_of
from registry.findings import YamlPath
from registry.limits import IAM_GUIDE
from registry.locations import Location
from registry.model import CreationTemplate, Repository
from registry.plan.change import Change, Kind, Part, Risk, comparison, kinds_about
from registry.plan.relation import in_words
from registry.plan.sides import Side, Sides

_LINK = f"{IAM_GUIDE}/reference_policies_evaluation-logic.html"
kind = kinds_about("Access")
ALLOWED = kind(
    "deny-removed",
    Risk.OPENS,
    "A Deny is taken out of a policy, or denies something else",
    "Whatever it denied holds again wherever something allows it: IAM in this account, another statement, a grant.",
    _LINK,
)
DENIED = kind(
    "deny-added",
    Risk.BREAKS,
    "A policy denies more",
    "A Deny wins over everything that allows, also over grants.",
    _LINK,
)
UNCLEAR = kind(
    "policy-unclear",
    Risk.OPENS,
    "A statement changes whose effect cannot be told",
    "It allows all but some (NotPrincipal), or several of its conditions speak of who asks, or a policy variable "
    "stands in it. Read it; a statement that names whom it lets in can be compared.",
    f"{IAM_GUIDE}/reference_policies_elements_notprincipal.html",
)
Statements = Mapping[str, tuple[dict[str, Any], YamlPath]]
#: Keys that say who a service acts for, or who a caller is: of several in one statement only one is compared.
_WHO = (
    frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid"}),
    frozenset(
        {"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:userid"}
    ),
)


@comparison
def policies(sides: Sides) -> Iterator[Change]:
    """The statements that are written for repositories, creation templates and registries."""
    for it in sides.holders:
        for at in sides.new.registry.locations:
            old, new = _written(it.old, at), _written(it.new, at)
            if old.keys() != new.keys():
                parts = frozenset(part for part in it.parts("RepositoryPolicyText") if part[0][0] == at)
                yield from _compared(sides, (it.label,), old, new, parts, it.people)
    for at in sides.new.registry.locations:
        old, new = (_of_registry(side, at) for side in sides.both)
        parts = frozenset((side.stack(at, naming.REGISTRY_UNIT), "RegistryPolicy", "") for side in sides.both)
        yield from _compared(sides, (f"the registry in {at.beside(sides.new.registry.home)}",), old, new, parts, ())


def _written(of: Repository | CreationTemplate, at: Location) -> Statements:
    text = of.policy_in(at)
    return _keyed(json.loads(text)["Statement"][: len(of.written_at)], of.written_at) if text else {}


def _of_registry(side: Side, at: Location) -> Statements:
    policy = side.registry.registry_policies.get(at)
    statements = policy.document["Statement"] if policy else []
    return _keyed(statements, [(*policy.at, "Statement", n) for n in range(len(statements))] if policy else [])


def _keyed(statements: Sequence[dict[str, Any]], places: Sequence[YamlPath]) -> Statements:
    """Statements by what they mean: neither their names, nor the order of words, nor whether one stands in a list."""
    return {
        json.dumps(
            {
                "effect": it["Effect"],
                "who": sorted(principals_of(it.get("Principal"))),
                "but": sorted(principals_of(it.get("NotPrincipal"))),
                "actions": sorted(actions_of(it)),
                "resources": sorted(many(it.get("Resource"))),
                "other": sorted(many(it.get("NotResource"))),
                "where": sorted(
                    (by, key.lower(), sorted(many(values)))
                    for by, keys in (it.get("Condition") or {}).items()
                    for key, values in keys.items()
                ),
            }
        ): (it, place)
        for it, place in zip(statements, places, strict=True)
    }


def _compared(
    sides: Sides,
    subjects: tuple[str, ...],
    old: Statements,
    new: Statements,
    parts: frozenset[Part],
    concerns: tuple[str, ...],
) -> Iterator[Change]:
    for side, here, there in ((sides.old, old, new), (sides.new, new, old)):
        for key, (statement, at) in here.items():
            if key in there:
                continue
            of, message = _kind(statement, gone=side is sides.old)
            if of is not None:
                yield Change(
                    kind=of,
                    subjects=subjects,
                    message=message,
                    where=side.position(at),
                    gone=side is sides.old,
                    concerns=concerns,
                    explains=parts,
                )


def _kind(statement: Mapping[str, Any], *, gone: bool) -> tuple[Kind | None, str]:
    if statement["Effect"] == "Deny":
        who = ", ".join(value for _, value in principals_of(statement.get("Principal", statement.get("NotPrincipal"))))
        who = f"all but {who}" if "NotPrincipal" in statement else "everybody" if who == "*" else who
        where = f" where {condition}" if (condition := condition_of(statement)) else ""
        actions = in_words(actions_of(statement))
        if gone:
            return ALLOWED, f"its policy no longer denies {who} {actions}{where}"
        return DENIED, f"its policy denies {who} {actions}{where}"
    if not gone and _is_unclear(statement):
        return UNCLEAR, "its policy has a statement whose effect cannot be told"
    return None, ""


def _is_unclear(statement: Mapping[str, Any]) -> bool:
    condition = statement.get("Condition") or {}
    keys = [key.lower() for each in condition.values() for key in each]
    return (
        statement.get("NotPrincipal") is not None
        or any(sum(key in group for key in keys) > 1 for group in _WHO)
        or VARIABLE in json.dumps([condition, statement.get("Resource"), statement.get("NotResource")])
    )
