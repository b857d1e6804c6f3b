"""What a run of `python -m tests.mutants` leaves in docs/reliability.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scripts.reliability import Section, Table, put
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


def section(outcomes: Sequence[Outcome], command: str) -> Section:
    """How many of each part there were, and who noticed; each that nobody did."""
    missed = [it for it in outcomes if not it.noticed_by]
    rows = []
    for part, what in WHAT.items():
        mine = [it for it in outcomes if it.part == part]
        by = Counter(it.noticed_by.partition("::")[0] for it in mine if it.noticed_by)
        files = ", ".join(f"`{file}` {number}" for file, number in by.most_common(_FILES))
        others = sum(by.values()) - sum(number for _, number in by.most_common(_FILES))
        rows.append((part, what, len(mine), by.total(), files + (f", others {others}" if others else "")))
    left = Table(columns=("part", "what nobody misses"), rows=[(it.part, it.name) for it in missed])
    return Section(
        place=24,
        title="Mutants: everything dropped once",
        says=[
            f"{len(outcomes):,} times one thing was dropped, in a process of its own, and the tests of its part ran "
            f"until one failed; {len(missed):,} times none did. Those that speak of it ran first: the one that noticed "
            "is named, and not the only one. Without anything dropped every one of these is green.",
        ],
        tables=[
            Table(columns=("part", "what is dropped", "dropped", "noticed", "by a test of"), rows=rows),
            *([left] if missed else []),
        ],
        command=command,
    )


def write(outcomes: Sequence[Outcome], command: str) -> None:
    """Put them there."""
    put("mutants", section(outcomes, command))
