"""What a run of `python -m tests.faults` leaves in docs/reliability.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from registry.findings import listed
from scripts.reliability import Section, Table, put
from tests.faults.commands import READING, WRITING
from tests.faults.kinds import KINDS, Way
from tests.faults.trial import Outcome

#: What has to come of a kind, in words.
WANTED = {
    Way.LASTS: "exit code 3 with a way out",
    Way.PASSES: "the same as without it",
    Way.ODD: "one of both",
    Way.KILLS: "the next run finishes",
}


def section(outcomes: Sequence[Outcome], command: str) -> Section:
    """How many faults of each kind there were, by kind and by command, and what is wrong."""
    wrong = [it for it in outcomes if it.wrong]
    of_kind, wrong_of_kind = Counter(it.fault for it in outcomes), Counter(it.fault for it in wrong)
    commands = dict.fromkeys(it.command for it in outcomes)
    not_tried = sorted({command.key for command in (*READING, *WRITING)} - set(commands))
    says = [
        f"{len(outcomes):,} runs of {len(commands)} commands, each with one fault between ecrctl and the local AWS; "
        f"{len(wrong):,} ended otherwise than they must. A command that writes was run once more without a fault, and "
        "what was there then compared with what is there after a run that nothing disturbed.",
    ]
    if not_tried:
        says.append(f"This run did not come to {listed([f'`{name}`' for name in not_tried], 50)}.")
    kinds = Table(
        columns=("fault", "what has to come of it", "runs", "wrong"),
        rows=[(name, WANTED[it.way], of_kind[name], wrong_of_kind[name]) for name, it in KINDS.items()],
    )
    rows = []
    for name in commands:
        mine = [it for it in outcomes if it.command == name]
        ends = Counter(it.code for it in mine)
        operations = len({it.call for it in mine})
        shown = ", ".join(f"{'killed' if code < 0 else code}: {number}" for code, number in sorted(ends.items()))
        rows.append((f"`{name}`", operations, len(mine), shown, sum(bool(it.wrong) for it in mine)))
    by_command = Table(columns=("command", "operations", "runs", "exit codes", "wrong"), rows=rows)
    left = Table(columns=("command", "call", "fault", "what is wrong"),
                 rows=[(it.command, it.call, it.fault, it.wrong) for it in wrong])  # fmt: skip
    return Section(
        place=20,
        title="Faults between ecrctl and AWS",
        says=says,
        tables=[kinds, by_command, *([left] if wrong else [])],
        command=command,
    )


def write(outcomes: Sequence[Outcome], command: str) -> None:
    """Put them there."""
    put("faults", section(outcomes, command))
