"""`python -m tests.faults`: faults at the operations of every command, and the figures for docs/reliability.md."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from itertools import count
from pathlib import Path

import tests.conftest  # noqa: F401 - nothing of the shell's AWS
from tests.faults.commands import READING, WRITING
from tests.faults.figures import write
from tests.faults.kinds import ENDS, KILLS
from tests.faults.trial import Command, Laboratory, Outcome, laboratory
from tests.faults.world import lived_in
from tests.sandbox.conftest import serving


def main() -> int:
    """Exit code 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--every-call", action="store_true", help="not only the first call of each operation")
    parser.add_argument("--every-fault", action="store_true", help="not one kind at each operation, in turn")
    parser.add_argument("--operations", type=int, metavar="N", help="of each command only so many, in turn")
    parser.add_argument("--minutes", type=float, default=600, help="begin no other command later than that")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="go on where an earlier run ended")
    parser.add_argument("--command", action="append", metavar="NAME", help="only these; writes no figures")
    parser.add_argument("--fault", action="append", metavar="NAME", help="only these; writes no figures")
    parser.add_argument("--kills", action="store_true", help="each writing command, and the server, at every call")
    asked = parser.parse_args()
    outcomes = kept(asked.keep)
    begun, turns, done = time.monotonic(), count(len(outcomes)), {outcome.command for outcome in outcomes}
    with (
        tempfile.TemporaryDirectory(prefix="ecr-faults-") as folder,
        serving(Path(folder)) as sandbox,
        laboratory(lived_in(sandbox, Path(folder))) as lab,
    ):
        for command in (*WRITING, *([] if asked.kills else READING)):
            if command.key in done or (asked.command and command.key not in asked.command):
                continue
            if time.monotonic() > begun + asked.minutes * 60:
                break
            for outcome in tried(lab, command, asked, turns):
                outcomes.append(outcome)
                if outcome.wrong:
                    print(f"{outcome.command}: {outcome.call}: {outcome.fault}: {outcome.wrong}", flush=True)
            print(f"{command.key}: {len(outcomes)} runs, {time.monotonic() - begun:.0f} s", file=sys.stderr)
            if asked.keep:  # a command at a time: what was killed in one begins it anew
                asked.keep.write_text(json.dumps([asdict(outcome) for outcome in outcomes]))
    wrong = sum(bool(outcome.wrong) for outcome in outcomes)
    print(f"{len(outcomes)} runs, {wrong} of them wrong")
    if not (asked.command or asked.fault):
        words = [f"--{name} {getattr(asked, name):g}" for name in ("operations", "minutes") if getattr(asked, name)]
        switches = ("every_call", "every_fault", "kills")
        words += [f"--{name.replace('_', '-')}" for name in switches if getattr(asked, name)]
        write(outcomes, " ".join(["python -m tests.faults", *words]), kills=asked.kills)
    return int(wrong > 0)


def kept(file: Path | None) -> list[Outcome]:
    """What an earlier run found."""
    return [Outcome(**it) for it in json.loads(file.read_text())] if file and file.exists() else []


def tried(lab: Laboratory, command: Command, asked: argparse.Namespace, turns: Iterator[int]) -> Iterator[Outcome]:
    """The faults at the calls of a command."""
    try:
        base = lab.undisturbed(command)
    except AssertionError as problem:
        yield Outcome(command.key, "none", "none", 0, f"without a fault: {problem}")
        return
    first = base.first_calls()
    places = list(range(len(base.calls))) if asked.every_call or asked.kills else first
    number = min(asked.operations or len(places), len(places))
    for place in range(number):
        turn = next(turns)
        at = places[(turn + place * len(places) // number) % len(places)] if asked.operations else places[place]
        chosen = asked.fault
        if asked.kills:  # that the server has gone is seen in the same way by all who read alike
            chosen = ENDS if base.calls[at].writes or at in first else KILLS
        for fault in base.faults(command, at, None if asked.every_fault or chosen else turn):
            if not chosen or fault.name in chosen:
                yield lab.tried(command, base, fault, at)


if __name__ == "__main__":
    sys.exit(main())
