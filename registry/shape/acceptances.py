"""Warnings that somebody has read and accepts."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import StrictStr

from registry.findings import shown
from registry.shape.base import NotNull, Shape, optional, required
from registry.shape.forms import Form, Limit, Refusal


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _refuse_date(value: str) -> Refusal | None:
    if _date(value):
        return None
    allowed = "year, month and day, as in 2027-06-30"
    return Refusal("this is not a date", shown(value), allowed, "write the last day on which the warning is accepted")


LastDay = Annotated[
    StrictStr,
    Form(
        Limit(
            "acceptance-until",
            "docs/rules.md",
            "Write the last day of an acceptance as year-month-day",
            "After that day (UTC) the warning is back. Another way of writing a day means different days to different "
            "readers.",
            subject="Accepted warnings",
        ),
        _refuse_date,
        {"format": "date"},
    ),
]


class AcceptanceShape(Shape):
    """A warning that somebody has read and accepts."""

    rule: StrictStr = required("Id of the rule, as the warning prints it in brackets.")
    reason: StrictStr = required("Why you accept it; reviewers read this.")
    until: Annotated[LastDay | None, NotNull] = optional(
        "The last day (UTC) on which the warning is accepted; then it is back. Without the key, for ever.",
        examples=["2027-06-30"],
    )

    @property
    def last_day(self) -> date | None:
        """`until` as a date; None where it is not written, or is none."""
        return _date(self.until) if self.until is not None else None
