"""What a run of `python -m tests.mutants` leaves in docs/reliability.md."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from scripts.reliability import RUNS, Section, Table, put
from tests.mutants.trial import Outcome

#: What is dropped, in words.
WHAT = {
    "rules": "a rule of the registry finds nothing",
    "forms of values": "the form of a value refuses nothing",
    "other findings": "a finding of reading, of acceptances or of costs is lost",
    "changes of a plan": "a kind of change is lost",
    "kinds of drift": "a kind is neither wanted nor looked for",
    "actions of purposes": "an action is gone from what a purpose takes",
    "actions of roles": "an action is gone from what CloudFormation, an auditor or a pipeline may",
}
_FILES = 4  # that are named
NAME = "mutants"  # of the file of figures


def section(outcomes: Sequence[Outcome], command: str, before: Mapping[str, Sequence[Any]] | None = None) -> Section:
    """How many of each part there were, and who noticed; each that nobody did.

    :param before: the rows of parts that were not run now, by part, as of an earlier run.
    """
    rows = {part: row for part, row in (before or {}).items() if part in WHAT}
    for part, what in WHAT.items():
        if mine := [it for it in outcomes if it.part == part]:
            by = Counter(it.noticed_by.partition("::")[0] for it in mine if it.noticed_by)
            files = ", ".join(f"`{file}` {number}" for file, number in by.most_common(_FILES))
            others = sum(number for _, number in by.most_common()[_FILES:])
            missed = ", ".join(it.name for it in mine if not it.noticed_by) or "none"
            rows[part] = (part, what, len(mine), files + (f", others {others}" if others else ""), missed)
    return Section(
        place=24,
        title="Mutants: everything dropped once",
        says=[
            f"{sum(row[2] for row in rows.values()):,} times one thing was dropped, in a process of its own, and "
            "the tests of its part ran until one failed. Those that speak of it ran first: the one that noticed is "
            "counted, and not the only one. Without anything dropped every one of these is green.",
        ],
        tables=[
            Table(
                columns=("part", "what is dropped", "dropped", "noticed by a test of", "noticed by none"),
                rows=[rows[part] for part in WHAT if part in rows],
            )
        ],
        command=command,
    )


def write(outcomes: Sequence[Outcome]) -> None:
    """Put them there; parts that were not run keep their figures."""
    file = RUNS / f"{NAME}.json"
    kept = json.loads(file.read_text(encoding="utf-8"))["tables"][0]["rows"] if file.exists() else []
    put(NAME, section(outcomes, "python -m tests.mutants", {row[0]: row for row in kept}))
