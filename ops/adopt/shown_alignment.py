"""What an alignment changes and leaves, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ops.adopt.align import Aligned, Alignment
from ops.adopt.shown import shortened
from ops.drift.fix import Step
from ops.output.drift import short
from ops.terminal import print_table

_COLUMNS: Final = ("setting", "live", "file", "number", "repositories", "what happens")


def print_alignment(found: Alignment) -> None:
    """One row for each change of a setting, with the repositories that have it in common, and then what is left."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for step in (*found.changes, *found.left):
        for row in step.rows:
            values = short(row.live, row.expected), short(row.expected, row.live)
            groups.setdefault((row.setting, *values, step.reason or "is changed"), []).append(row.thing.name)
    print_table(
        _COLUMNS,
        [
            (setting, live, file, len(names), shortened(names), what)
            for (setting, live, file, what), names in groups.items()
        ],
    )


def as_dict(found: Alignment, done: Aligned) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "account": found.at.account,
        "region": found.at.region,
        "changed": _rows(done.steps),
        "left": _rows(found.left),
        "refused": dict(done.refused),
        "imagesGoing": found.going,
    }


def _rows(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [
        {
            "repository": row.thing.name,
            "setting": row.setting,
            "live": row.live,
            "file": row.expected,
            **({"why": step.reason} if step.reason else {}),
        }
        for step in steps
        for row in step.rows
    ]
