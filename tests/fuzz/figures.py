"""What a run of `python -m tests.fuzz` leaves in docs/reliability.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from scripts.reliability import Section, Table, put
from tests.fuzz.drawn import Outcome

#: What has to come of a part, in words.
WANTED = {
    "templates": "refused with a place, or all are silent: AwsSolutions, CloudFormation's own rules, cfn-lint",
    "texts": "findings with a place: no traceback, no hang",
    "deployed": "drift has nothing to say of what was deployed",
    "adopted": "the adopted file is accepted, and is what is at home; what a file cannot say is named",
    "pairs": "from one to the other and back: what CloudFormation refuses was said before, else drift is silent",
}


def section(outcomes: Sequence[Outcome], command: str) -> Section:
    """How many there were of each part and kind, and what is wrong."""
    wrong = [it for it in outcomes if it.wrong]
    rows = []
    for part, wanted in WANTED.items():
        mine = [it for it in outcomes if it.part == part]
        kinds = Counter(it.kind for it in mine)
        shown = ", ".join(f"{kind}: {number:,}" for kind, number in sorted(kinds.items()))
        rows.append((part, wanted, f"{len(mine):,}", shown, sum(bool(it.wrong) for it in mine)))
    left = Table(columns=("part", "kind", "what is wrong"), rows=[(it.part, it.kind, it.wrong[:300]) for it in wrong])
    return Section(
        place=22,
        title="Random registries and texts",
        says=[
            f"{len(outcomes):,} tries with registries as `tests/documents.py` draws them, with every key of the file, "
            f"and with files of the tests that were damaged in one to three places; {len(wrong):,} ended otherwise "
            "than they must. Stacks are put into the local AWS without the CDK CLI, each registry into accounts of its "
            "own.",
            "Not deployed, since the local AWS does not have them: pipelines, alarms of metric math, filters of "
            "Amazon Inspector.",
        ],
        tables=[
            Table(columns=("part", "what has to come of it", "tries", "what they were", "wrong"), rows=rows),
            *([left] if wrong else []),
        ],
        command=command,
    )


def write(outcomes: Sequence[Outcome], command: str) -> None:
    """Put them there."""
    put("fuzz", section(outcomes, command))
