"""What a run of `python -m tests.faults` leaves in docs/reliability.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from registry.findings import listed
from scripts.reliability import Section, Table, put
from tests.faults.commands import READING, WRITING
from tests.faults.kinds import ENDS, KINDS, Way
from tests.faults.trial import Command, Outcome

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
    says = [
        f"{len(outcomes):,} runs of {len(commands)} commands, each with one fault between ecrctl and the local AWS; "
        f"{len(wrong):,} ended otherwise than they must. A command that writes was run once more without a fault, and "
        "what was there then compared with what is there after a run that nothing disturbed.",
        *_not_tried((*READING, *WRITING), commands),
    ]
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
    return Section(
        place=20,
        title="Faults between ecrctl and AWS",
        says=says,
        tables=[kinds, by_command, *_left(wrong)],
        command=command,
    )


def section_of_kills(outcomes: Sequence[Outcome], command: str) -> Section:
    """How often each writing command was killed, and the server."""
    wrong = [it for it in outcomes if it.wrong]
    commands = dict.fromkeys(it.command for it in outcomes)
    rows: list[tuple[str | int, ...]] = []
    for name in commands:
        mine = [it for it in outcomes if it.command == name]
        kills = Counter(it.fault for it in mine)
        rows.append((f"`{name}`", kills[ENDS[0]], *(kills[kind] for kind in ENDS), sum(bool(it.wrong) for it in mine)))
    return Section(
        place=21,
        title="Commands that are killed",
        says=[
            f"{len(outcomes):,} runs of the commands that write something, each ended at one of its calls, be it "
            "one that only reads. ecrctl was killed (SIGKILL) before the call reached the local AWS, or after it "
            "was carried out. At calls that change something, and at the first one of each operation that reads, "
            "the local AWS was also gone from then on: it had not carried out the call, or had and did not "
            f"answer. Then the same line ran once more without that. {len(wrong):,} ended otherwise than they must.",
            "What must hold: where a whole run keeps an image or a tag, it is there after the first run, too, and "
            "a tag is where it was or where it goes. Where the local AWS was gone, ecrctl ends with 3 and a way "
            "out, and names the tag that `promote` or `release` has set by then. After the second run there is "
            "what a run leaves that nothing disturbed.",
            "What goes away is a proxy. The local AWS keeps everything in memory: if it is killed itself, nothing "
            "is left with which a second run could go on.",
            *_not_tried(WRITING, commands),
        ],
        tables=[Table(columns=("command", "calls", *ENDS, "wrong"), rows=rows), *_left(wrong)],
        command=command,
    )


def _not_tried(all_of_them: Sequence[Command], commands: Collection[str]) -> list[str]:
    left = sorted({command.key for command in all_of_them} - set(commands))
    return [f"This run did not come to {listed([f'`{name}`' for name in left], 50)}."] if left else []


def _left(wrong: Sequence[Outcome]) -> list[Table]:
    rows = [(it.command, it.call, it.fault, it.wrong) for it in wrong]
    return [Table(columns=("command", "call", "fault", "what is wrong"), rows=rows)] if wrong else []


def write(outcomes: Sequence[Outcome], command: str, *, kills: bool) -> None:
    """Put them there."""
    if kills:
        put("killed-commands", section_of_kills(outcomes, command))
    else:
        put("faults", section(outcomes, command))
