"""`python -m tests.fuzz.many`: every property test with 25 times as many examples, and the figures of that.

They are those of one seed (`--seed`), so a red one is red again: `python -m pytest FILE --hypothesis-profile many
--hypothesis-seed SEED`. Exit code 1 where one is red. With files as arguments it runs only these, and writes nothing.
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.reliability import Section, Table, put

ROOT: Final = Path(__file__).resolve().parents[2]
#: What hypothesis says of a test, with --hypothesis-show-statistics.
_TRIED: Final = re.compile(r"(\d+) passing, (\d+) failing, and (\d+) invalid test cases")
_ENDED: Final = re.compile(r"(\d+) (passed|failed|errors?)\b")
_FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
_TO_END: Final = 120  # seconds for pytest to say what it has, after it was interrupted


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the property tests of one file."""

    file: str
    tests: int  # that ran to their end
    examples: int
    seconds: int
    red: tuple[str, ...] = ()
    stopped: bool = False  # the time was over before the last test

    @property
    def result(self) -> str:
        """In words."""
        if self.red:
            return f"red: {', '.join(self.red)}"
        if self.stopped:
            return "green as far as it came: the time was over" if self.tests else "not seen: the time was over"
        return "green"


def files() -> list[Path]:
    """The files that have a property test, those of the core first: they start no other program."""
    found = [it for it in (ROOT / "tests").rglob("test_*.py") if "@given(" in it.read_text(encoding="utf-8")]
    return sorted(found, key=lambda file: ("registry" not in file.relative_to(ROOT).parts, file))


def run(file: Path, seed: int, seconds: float) -> Outcome:
    """The property tests of a file; those that are not through in time are interrupted, and the others count."""
    name, begun = str(file.relative_to(ROOT)), time.monotonic()
    words = ("--hypothesis-profile", "many", "--hypothesis-seed", str(seed), "--hypothesis-show-statistics")
    running = subprocess.Popen(
        [sys.executable, "-m", "pytest", name, "-q", "-m", "hypothesis", "-p", "no:cacheprovider", *words],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    stopped = False
    try:
        said, _ = running.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        stopped = True
        running.send_signal(signal.SIGINT)
        try:
            said, _ = running.communicate(timeout=_TO_END)
        except subprocess.TimeoutExpired:
            running.kill()
            said, _ = running.communicate()
    return outcome(name, said, time.monotonic() - begun, stopped=stopped)


def outcome(file: str, said: str, seconds: float, *, stopped: bool) -> Outcome:
    """What pytest said of a file; a run that says neither how it went nor was stopped is red."""
    ended = {word: int(number) for number, word in _ENDED.findall(said)}
    red = tuple(dict.fromkeys(name.rpartition("::")[2] for name in _FAILED.findall(said)))
    nothing_ran = not stopped and not ended.get("passed")
    if not red and (nothing_ran or ended.keys() - {"passed"}):
        red = tuple(said.strip().splitlines()[-1:]) or ("it said nothing",)
    examples = sum(sum(map(int, found)) for found in _TRIED.findall(said))
    return Outcome(file, sum(ended.values()), examples, round(seconds), red, stopped)


def section(outcomes: Sequence[Outcome], command: str) -> Section:
    """Every file with its figures, and how many there was no time for."""
    red = sum(bool(it.red) for it in outcomes)
    stopped = sum(it.stopped for it in outcomes)
    says = [
        f"{sum(it.tests for it in outcomes):,} property tests of {len(outcomes)} files, each with the profile `many`: "
        f"{sum(it.examples for it in outcomes):,} examples; {red} files are red. Of those that hypothesis draws, the "
        "ones that a test filters out count too. Other jobs had the two processors meanwhile: the time says little."
    ]
    if stopped:
        says.append(f"In {stopped} files the time was over before the last test, whose examples do not count.")
    if left := len(files()) - len(outcomes):
        says.append(f"The time of the whole run was over before {left} more files.")
    return Section(
        place=23,
        title="Property tests with many examples",
        says=says,
        tables=[
            Table(
                columns=("file", "tests", "examples", "time", "result"),
                rows=[
                    (f"`{it.file}`", it.tests, f"{it.examples:,}", f"{it.seconds:,} s", it.result) for it in outcomes
                ],
            )
        ],
        command=command,
    )


def main() -> int:
    """Exit code 1 where a test is red."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.many", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="only these; writes nothing")
    parser.add_argument("--seed", type=int, default=1, help="other examples with each seed")
    parser.add_argument("--seconds", type=float, default=900, help="for each file at most")
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="files that run at a time")
    parser.add_argument("--minutes", type=float, default=120, help="after which no further file begins")
    asked = parser.parse_args()
    begun = time.monotonic()

    def one(file: Path) -> Outcome | None:
        if time.monotonic() - begun > asked.minutes * 60:
            return None
        found = run(file, asked.seed, asked.seconds)
        print(f"{found.file}: {found.tests} tests, {found.examples:,} examples, {found.seconds} s: {found.result}")
        sys.stdout.flush()
        return found

    with ThreadPoolExecutor(asked.at_once) as pool:
        tried = pool.map(one, [file.resolve() for file in asked.files] or files())
        outcomes = [it for it in tried if it is not None]
    if not asked.files:
        put("many-examples", section(outcomes, " ".join(["python -m tests.fuzz.many", *sys.argv[1:]])))
    return int(any(it.red for it in outcomes))


if __name__ == "__main__":
    sys.exit(main())
