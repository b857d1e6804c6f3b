"""Statements weakened by one step, as a careless change would: to see the judge awake."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Statement = Mapping[str, Any]
#: What an exact operator becomes once a value has a wildcard in it.
LIKE = {"StringEquals": "StringLike", "ArnEquals": "ArnLike"}


def weakened(statement: Statement) -> Iterator[tuple[str, Statement]]:
    """Each weaker statement, with what was done."""
    for value in _words(statement.get("Resource")):
        if value != "*":
            yield f"resource {value}", {**statement, "Resource": _swapped(statement["Resource"], value)}
    for action in ("ecr:DeleteRepository", "ecr:*"):
        if str(statement["Action"]).startswith(("ecr", "['ecr")):
            yield f"action {action}", {**statement, "Action": [*_words(statement["Action"]), action]}
    if statement.get("Principal") not in (None, "*"):
        yield "principal *", {**statement, "Principal": "*"}
    conditions = statement.get("Condition", {})
    for operator, keys in conditions.items():
        for key, values in keys.items():
            kept = {other: value for other, value in keys.items() if other != key}
            rest = {name: inner for name, inner in conditions.items() if name != operator}
            yield f"no {key}", {**statement, "Condition": {**rest, **({operator: kept} if kept else {})}}
            for value in _words(values):
                like = LIKE.get(operator, operator)
                wider = {**rest, **({operator: kept} if kept else {})}
                wider[like] = {**wider.get(like, {}), key: _swapped(values, value)}
                yield f"{key} {value}", {**statement, "Condition": wider}


def _words(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _swapped(values: Any, value: str) -> list[str]:
    return [_wider(each) if each == value else each for each in _words(values)]


def _wider(value: str) -> str:
    """The value with its last segment, or where that is a wildcard already the one before, replaced by `*`."""
    return re.sub(r"[^/:]+(?:[/:]\*)?$", "*", value)
