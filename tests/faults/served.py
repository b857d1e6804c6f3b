"""`python -m tests.faults.served`: `make sandbox` whose local AWS is killed at a call, and typed again.

The local AWS keeps everything in memory. What must hold: the line says in plain words that it has ended and how to go
on, and typed again it begins anew and finishes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import tests.conftest  # noqa: F401 - nothing of the shell's AWS
from sandbox.clients import client
from sandbox.place import Place
from scripts.reliability import Section, Table, put
from tests.faults.request import READS
from tests.sandbox.conftest import HOME, free_port, sandbox_down, sandbox_up
from tests.synth import ACCOUNT, SMALL
from tests.warm import warm_checkout

FILE = f"{SMALL}repositories: {{my-app: }}\n"


@dataclass(frozen=True)
class Outcome:
    """What came of a kill; `wrong` is empty where all is well."""

    call: str
    kill: str
    wrong: str


class Bench:
    """Where `make sandbox` is typed, each time for a local AWS of its own."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        """`checkout` is one whose emulator can be told where to end."""
        self.folder = folder
        self.checkout = checkout
        self.file = folder / "registry.yaml"
        self.file.write_text(FILE)
        self._numbers = count(1)

    def calls(self) -> list[str]:
        """The names of the calls of an undisturbed run, each once."""
        place = self._place()
        finished = sandbox_up(place.folder, self.file, place.port, self._shell, at=self.checkout)
        sandbox_down(place.folder, self._shell)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return list(dict.fromkeys((place.folder / "calls").read_text().split("\n")[:-1]))

    def killed(self, call: str, *, after: bool) -> Outcome:
        """Kill the local AWS before or after the first such call, and type the line again."""
        place = self._place()
        kill = place.folder / "kill.json"
        kill.write_text(json.dumps({"call": call, "after": after}))
        first = sandbox_up(place.folder, self.file, place.port, self._shell, at=self.checkout)
        said, wrong = first.stdout + first.stderr, []
        if kill.exists():
            wrong.append("it was not killed")
        if first.returncode != 1 or "Traceback" in said or "start it again with make sandbox" not in said:
            wrong.append(f"the first run ends with {first.returncode}: {_last(said)}")
        second = sandbox_up(place.folder, self.file, place.port, self._shell, at=self.checkout)
        if second.returncode or "of the last run is gone, and its content with it" not in second.stdout:
            wrong.append(f"the second run ends with {second.returncode}: {_last(second.stdout + second.stderr)}")
        elif (found := _repositories(place)) != {"my-app"}:
            wrong.append(f"then there is {sorted(found)}")
        sandbox_down(place.folder, self._shell)
        return Outcome(call, "after" if after else "before", "; ".join(wrong))

    def _place(self) -> Place:
        place = Place(folder=self.folder / str(next(self._numbers)), port=free_port())
        place.folder.mkdir()
        return place

    @property
    def _shell(self) -> dict[str, str]:
        return {"HOME": os.environ["HOME"], "PATH": "/usr/bin:/bin", "NO_COLOR": "1"}


def _repositories(place: Place) -> set[str]:
    found = client(place, ACCOUNT, HOME).describe_repositories()["repositories"]
    return {row["repositoryName"] for row in found if not row["repositoryName"].startswith("cdk-")}


def _last(said: str) -> str:
    return " | ".join(said.strip().splitlines()[-4:])[-500:]


@contextmanager
def bench() -> Iterator[Bench]:
    """With a checkout in which programs start at once, and whose emulator can be told where to end."""
    with (
        tempfile.TemporaryDirectory(prefix="ecr-served-") as folder,
        warm_checkout(Path(folder), SMALL) as checkout,
    ):
        emulator = checkout / "sandbox" / "emulator"
        shutil.copy(Path(__file__).with_name("dying.py"), emulator)
        start = emulator / "__main__.py"
        text, served = start.read_text(), "    app.main()\n"
        assert text.count(served) == 1
        start.unlink()
        asked = "    from sandbox.emulator import dying\n\n    dying.install(app)\n"
        start.write_text(text.replace(served, asked + served))
        yield Bench(Path(folder), checkout)


def main() -> int:
    """Exit code 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.served", description=__doc__)
    parser.add_argument("--call", action="append", metavar="NAME", help="only these; writes no figures")
    parser.add_argument("--minutes", type=float, default=600, help="begin no other kill later than that")
    asked = parser.parse_args()
    begun, outcomes = time.monotonic(), list[Outcome]()
    with bench() as here:
        calls = [call for call in here.calls() if not asked.call or call in asked.call]
        kills = [(call, after) for call in calls for after in (False, True) if not (after and READS.match(_name(call)))]
        random.Random(1).shuffle(kills)  # every part of the line has its turn, however early the time is over
        for call, after in kills:
            if time.monotonic() > begun + asked.minutes * 60:
                break
            outcomes.append(here.killed(call, after=after))
            took = time.monotonic() - begun
            print(f"{call}, {outcomes[-1].kill}: {outcomes[-1].wrong or 'fine'}, {took:.0f} s", flush=True)
    wrong = sum(bool(it.wrong) for it in outcomes)
    print(f"{len(outcomes)} kills, {wrong} of them wrong")
    if not asked.call:
        command = " ".join(["python -m tests.faults.served", *sys.argv[1:]])
        put("killed-server", section(outcomes, len(kills), command))
    return int(wrong > 0)


def _name(call: str) -> str:
    return call.partition(":")[2]


def section(outcomes: Sequence[Outcome], number: int, command: str) -> Section:
    """The figures for docs/reliability.md."""
    wrong = [it for it in outcomes if it.wrong]
    rows = []
    for service in dict.fromkeys(it.call.partition(":")[0] for it in outcomes):
        mine = [it for it in outcomes if it.call.startswith(f"{service}:")]
        calls = ", ".join(f"`{name}`" for name in dict.fromkeys(_name(it.call) for it in mine))
        rows.append((service, calls, len(mine), sum(bool(it.wrong) for it in mine)))
    return Section(
        place=22,
        title="The local AWS, killed",
        says=[
            f"{len(outcomes):,} times the local AWS was killed (SIGKILL) while `make sandbox` ran, of {number:,} that "
            "there are: before the first call of an operation, and after it where it changes something. It keeps "
            "everything in memory, so the line has to say in plain words that it has ended and how to go on, and typed "
            f"again to begin anew and finish; {len(wrong):,} did not.",
        ],
        tables=[
            Table(columns=("service", "killed at", "kills", "wrong"), rows=rows),
            *(
                [Table(columns=("call", "kill", "what is wrong"), rows=[(it.call, it.kill, it.wrong) for it in wrong])]
                if wrong
                else []
            ),
        ],
        command=command,
    )


if __name__ == "__main__":
    sys.exit(main())
