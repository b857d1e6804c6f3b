"""The race: the sides in turn, after a warm-up whose templates must be equal."""

from __future__ import annotations

import json
import os
import shlex
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import compare, generate
from benchmarks.process import Run, RunFailed, run
from registry.limits import STACK_RESOURCES, TEMPLATE_BYTES

ROOT: Final = Path(__file__).resolve().parent.parent
OURS: Final = "ours, level 1 from registry.yaml"
REPLICATED: Final = "ours, with four replicas"  # as many repositories, four of five of them in replicas
PYTHON: Final = "level 2 in Python"
PYTHON_HELPED: Final = "level 2 in Python, native rules"  # with what of ours it could have
JAVASCRIPT: Final = "level 2 in JavaScript"
SIDES: Final = {
    OURS: (sys.executable, "-m", "benchmarks.ours"),
    PYTHON: (sys.executable, "-m", "benchmarks.peers.level2"),
    PYTHON_HELPED: (sys.executable, "-m", "benchmarks.peers.level2", "--native-rules"),
    JAVASCRIPT: ("node", str(ROOT / "benchmarks/peers/level2.js")),
}
BARS: Final = {PYTHON: 0.5, PYTHON_HELPED: None, JAVASCRIPT: 0.75}  # at most this part of the peer's time
APP: Final = "the app's process alone"
CLI: Final = "cdk synth --quiet"
VALIDATE: Final = "ecrctl validate"
VALIDATE_BAR: Final = 0.25  # of our synth of the same file
PLAN: Final = "ecrctl plan"
PLAN_BAR: Final = 2.0  # of our synth of one of its two files
#: What the checks must find in benchmarks/probe.py: by cdk-nag, and by CloudFormation's rules.
REFUSED: Final = ("AwsSolutions-IAM5[Resource::*]", '"F3031"')

# What the CLI tells an app besides the context of cdk.json.
_FROM_CLI: Final = {
    "aws:cdk:enable-path-metadata": True,
    "aws:cdk:enable-asset-metadata": True,
    "aws:cdk:disable-version-reporting": True,
    "aws:cdk:bundling-stacks": ["**"],
}


class Unfair(Exception):
    """The sides do not declare the same; the text says what differs."""


@dataclass(frozen=True, slots=True)
class Result:
    """The counted runs of one side, measured one way (APP, CLI, VALIDATE or PLAN)."""

    how: str
    side: str
    runs: tuple[Run, ...]

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(each.seconds for each in self.runs)

    @property
    def cpu(self) -> float:
        """Median of processor seconds, which scatter less than seconds on a machine that has other work."""
        return statistics.median(each.cpu for each in self.runs)

    @property
    def memory(self) -> int:
        """Bytes at the peak of the hungriest run."""
        return max(each.memory for each in self.runs)


def race(
    folder: Path, count: int, runs: int, told: Callable[[str], None], *, cli: bool
) -> tuple[list[Result], dict[str, int]]:
    """Race the synth of `count` repositories; the results, and how many resources of each type there are.

    `cli`: whether `cdk synth` is raced, too.

    :raises Unfair: where templates differ.
    :raises RunFailed: where a process fails.
    """
    inputs = generate.write(folder, count)
    replicated = generate.write(folder, count, replicas=True)
    changed = generate.write(folder, count, changed=True)
    raced = [each for each in starts(folder, inputs, replicated, changed) if cli or each[0] != CLI]
    counted: dict[tuple[str, str], list[Run]] = {(how, side): [] for how, side, _ in raced}
    resources: dict[str, int] = {}
    for number in range(runs + 1):
        for how, side, start in raced:
            measured = start()
            warm_up = number == 0
            told(f"{count:,} repositories, {'warm-up' if warm_up else f'run {number} of {runs}'}: {how}, {side}: "
                 f"{measured.seconds:.2f} s")  # fmt: skip
            if not warm_up:
                counted[how, side].append(measured)
        if number == 0:
            resources = _equal(folder)
            for each in over_limits(folder):
                told(f"{count:,} repositories: {each}")
    return [Result(how, side, tuple(each)) for (how, side), each in counted.items()], resources


def checks_run(folder: Path, told: Callable[[str], None]) -> None:
    """Give every side what cdk-nag and what CloudFormation's rules do not take: the checks must refuse both.

    :raises Unfair: where a side goes through, or fails for another reason.
    """
    inputs = generate.write(folder, 10, probe=True)
    for how, side, start in starts(folder, inputs):
        if how != APP or side == REPLICATED:
            continue
        told(f"the same checks: {side}")
        report = folder / "app" / side / "validation-report.json"
        try:
            start()
        except RunFailed as problem:
            found = report.read_text(encoding="utf-8") if report.exists() else ""
            if all(each in found for each in REFUSED):
                continue
            raise Unfair(f"{side} does not fail for {' and '.join(REFUSED)}, but: {problem}") from problem
        raise Unfair(f"{side} goes through with what its checks must refuse")


def starts(
    folder: Path,
    inputs: generate.Inputs,
    replicated: generate.Inputs | None = None,
    changed: generate.Inputs | None = None,
) -> Iterator[tuple[str, str, Callable[[], Run]]]:
    """How to start each side in each way, in the order of the race."""
    context = inputs.context
    flags = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"] | _FROM_CLI
    apps = [(side, command, context) for side, command in SIDES.items()]
    if replicated is not None:
        apps.append((REPLICATED, SIDES[OURS], replicated.context))
    for side, command, given in apps:
        target = folder / "app" / side
        target.mkdir(parents=True, exist_ok=True)
        yield APP, side, _start(command, target, CDK_OUTDIR=str(target), CDK_CONTEXT_JSON=json.dumps(flags | given))
    for side, command in SIDES.items():
        target = folder / "cli" / side
        target.mkdir(parents=True, exist_ok=True)
        keys = [part for key, value in context.items() for part in ("--context", f"{key}={value}")]
        synth = ("cdk", "synth", "--quiet", "--app", shlex.join(command), "--output", str(target), *keys)
        yield CLI, side, _start(synth, target)
    yield VALIDATE, OURS, _start((sys.executable, "-m", "ops", "validate", str(inputs.registry)), folder)
    if changed is not None:
        files = (str(inputs.registry), str(changed.registry))
        yield PLAN, OURS, _start((sys.executable, "-m", "ops", "plan", *files), folder)


def _start(command: tuple[str, ...], folder: Path, **more: str) -> Callable[[], Run]:
    # What is taken out could switch the checks off, or Python's cache of compiled modules; what is put in
    # keeps the CLI from asking anybody anything.
    unwanted = ("CDK_VALIDATION", "PYTHONDONTWRITEBYTECODE")
    environment = {key: value for key, value in os.environ.items() if key not in unwanted}
    environment |= {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))),
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DISABLE_VERSION_CHECK": "1",
        **more,
    }
    return lambda: run(command, folder, environment)


def _equal(folder: Path) -> dict[str, int]:
    """Compare what the warm-up wrote, peer by peer and way by way; the resources by type."""
    ours = compare.read(folder / "app" / OURS)
    for way in ("app", "cli"):
        for side in SIDES:
            if not (folder / way / side / "manifest.json").exists():
                continue  # the CLI is not raced
            found = compare.differences(ours, compare.read(folder / way / side))
            if found:
                shown = "\n".join(f"  {each}" for each in found[: compare.SHOWN])
                raise Unfair(f"{side} ({way}) declares otherwise in {len(found)} places:\n{shown}")
    return ours.counts()


def over_limits(folder: Path, pattern: str = "app/ours*/*.template.json") -> Iterator[str]:
    """The templates that CloudFormation would not take, and why."""
    for template in sorted(folder.glob(pattern)):
        size, count = template.stat().st_size, len(json.loads(template.read_text(encoding="utf-8"))["Resources"])
        if size > TEMPLATE_BYTES or count > STACK_RESOURCES:
            yield f"CloudFormation would not take {template.name}: {size:,} bytes, {count} resources"


def judged(results: list[Result]) -> Iterator[dict[str, Any]]:
    """Our medians as a part of each peer's, with its bar; of replicas; and validation as a part of our synth."""
    found = {(result.how, result.side): result for result in results}
    pairs: list[tuple[str, str, tuple[str, str], float | None]] = [
        (how, side, (how, side), bar) for how in (APP, CLI) for side, bar in BARS.items()
    ]
    pairs.append((APP, REPLICATED, (APP, REPLICATED), None))
    pairs.append((VALIDATE, f"our synth, {APP}", (APP, OURS), VALIDATE_BAR))
    pairs.append((PLAN, f"our synth, {APP}", (APP, OURS), PLAN_BAR))
    for how, of, other, bar in pairs:
        if other in found and (how, OURS) in found:
            ours, theirs = found[how, OURS], found[other]
            ratios = {"ratio": ours.median / theirs.median, "cpu_ratio": ours.cpu / theirs.cpu}
            yield {"how": how, "of": of, **ratios, "bar": bar}
