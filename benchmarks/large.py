"""`python -m benchmarks.large`: what a person types, of 1,000 repositories and of 10,000.

A home, two replicas with all of them, teams, grants, and in each thousand a namespace that has outgrown one stack. Of
each line its time, processor time, and the memory of all its processes. Every template is held to the limits of
CloudFormation, IAM and ECR; the registry is deployed into the local AWS and looked at; 500 namespaces are synthesized
with a stack each, and with stacks that they share; 1,000 projects in one role, and with a role each in five Access
stacks; a namespace gets more shards. With `--write` the figures go into
docs/reliability.md. Exit code 1 where something fails, a limit is broken, or a line takes too much memory.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks import large_page
from benchmarks.large_deploy import deployed
from benchmarks.large_limits import Use, uses
from benchmarks.large_registry import REPLICAS, Files, changed, company, projects, small_namespaces, write
from benchmarks.large_shards import outgrown
from benchmarks.large_steps import Step, local, taken
from benchmarks.process import RunFailed
from ops.plan.run import TWO_AT_ONCE

LINES: Final = ("validate", "synth", "plan", "deploy")
SHARED: Final = (1, 10)  # namespaces in a stack


def main() -> int:
    """Run what the command line asks for; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description=__doc__.partition("\n")[0])
    parser.add_argument("--repositories", type=int, nargs="*", default=[1_000, 10_000], metavar="N",
                        help="multiples of 1,000 (default: 1000 10000)")  # fmt: skip
    parser.add_argument("--lines", nargs="*", choices=LINES, default=LINES, metavar="LINE",
                        help=f"only these of {', '.join(LINES)}")  # fmt: skip
    parser.add_argument("--minutes", type=int, default=240, metavar="N", help="end a deploy after so many (240)")
    parser.add_argument("--namespaces", type=int, default=500, metavar="N", help="0: none (default: 500)")
    parser.add_argument("--projects", type=int, default=1_000, metavar="N", help="0: none (default: 1000)")
    parser.add_argument("--outgrown", type=int, default=240, metavar="N",
                        help="repositories of the namespace that gets more shards; 0: none (default: 240)")  # fmt: skip
    parser.add_argument("--write", action="store_true", help="write the figures into docs/reliability.md")
    asked = parser.parse_args()
    if any(size < 1_000 or size % 1_000 for size in asked.repositories):
        parser.error("--repositories takes multiples of 1,000")
    fine = True
    try:
        for step, found in _measured(asked):
            print(*step.row(), sep=" | ", flush=True)
            fine &= step.megabytes <= large_page.MEMORY_BAR and not any(use.broken for use in found)
            for use in found:
                print(f"  {use.limit}: {use.most:,} of {use.allowed:,} ({use.where})")
            if asked.write:
                large_page.write([step], {step.repositories: found} if found else {})
    except RunFailed as problem:
        print(f"a run failed: {problem}", file=sys.stderr)
        return 1
    return int(not fine)


def _measured(asked: argparse.Namespace) -> Iterator[tuple[Step, list[Use]]]:
    """Each line; after a synth of a registry, what comes near a limit."""
    for size in asked.repositories:
        with _scratch() as folder:
            yield from _of(folder, size, asked.lines, asked.minutes)
    for sharing in SHARED if asked.namespaces else ():
        with _scratch() as folder:
            yield _of_namespaces(folder, asked.namespaces, sharing), []
    for of_their_own in (False, True) if asked.projects else ():
        with _scratch() as folder:
            yield _of_projects(folder, asked.projects, of_their_own)
    if asked.outgrown:
        with _scratch() as folder:
            for step in outgrown(folder, asked.outgrown):
                yield step, []


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ecr-large-") as folder:
        yield Path(folder)


def _of(folder: Path, size: int, lines: Collection[str], minutes: int) -> Iterator[tuple[Step, list[Use]]]:
    """These lines for a registry of a size."""
    files = company(size)
    old, new = write(folder / "old", files), write(folder / "new", changed(files))
    app, shell = folder / "app", local()
    if "validate" in lines:
        yield taken(size, "`ecrctl validate`", ("ops", "validate", old), folder, shell), []
    if {"synth", "deploy"} & set(lines):
        synth = ("cdk", "synth", "--quiet", "--context", f"registry={old}", "--output", app)
        yield taken(size, "`cdk synth`", synth, folder, shell), list(uses(app))
    if "plan" in lines:
        step = taken(size, "`ecrctl plan` of a change", ("ops", "plan", old, new), folder, shell, code=1)
        at_once = (1 + len(REPLICAS)) * size <= TWO_AT_ONCE
        yield step.with_note(f"its two synths {'at once' if at_once else 'one after the other'}"), []
    if "deploy" in lines:
        for step in deployed(folder, size, old, app, minutes):
            yield step, []


def _of_namespaces(folder: Path, count: int, sharing: int) -> Step:
    """A synth of many small namespaces: a stack for each, or shared ones."""
    files = small_namespaces(count, sharing)
    shares = f", {sharing} in a stack" if sharing > 1 else ""
    step = _synth(folder, files, f"`cdk synth` of {count} namespaces{shares}")
    return step.with_note(f"{_stacks(folder):,} stacks in three regions")


def _of_projects(folder: Path, count: int, of_their_own: bool) -> tuple[Step, list[Use]]:
    """A synth of many projects that push, in one role or in a role each; with roles what comes near a limit."""
    roles = "with a role each" if of_their_own else "in one role"
    step = _synth(folder, projects(count, of_their_own), f"`cdk synth` of {count:,} projects {roles}")
    near = list(uses(folder / "app")) if of_their_own else []
    return step.with_note(f"{_stacks(folder):,} stacks, {_stacks(folder, 'Access')} of them Access stacks"), near


def _synth(folder: Path, files: Files, line: str) -> Step:
    words = ("cdk", "synth", "--quiet", "--context", f"registry={write(folder, files)}", "--output", folder / "app")
    return taken(len(files["registry.yaml"]["repositories"]), line, words, folder, local())


def _stacks(folder: Path, kind: str = "") -> int:
    return sum(kind in file.name for file in (folder / "app").glob("*.template.json"))


if __name__ == "__main__":
    sys.exit(main())
