"""`python -m tests.faults.typed`: what people type for a deploy, killed at its calls, and typed again.

Everything that a line has started is killed: make, ecrctl, the CDK CLI. Then the same line has to finish it all.

Three cases keep their shape here. Killed between the creation of a change set and its execution, a stack is
one that has never been deployed (https://github.com/aws/aws-cdk/pull/7731), of a bootstrap, too
(https://github.com/aws/aws-cdk/pull/23230). Killed while CloudFormation works, the next run finds a stack that is being
changed (https://github.com/aws/aws-dotnet-deploy/issues/689). Killed after that, what is done by calls of their own is
left: termination protection, and the settings that no template has.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import tests.conftest  # noqa: F401 - nothing of the shell's AWS
from registry.load import load
from registry.locations import Location
from registry.model import Registry
from sandbox.environment import environment
from sandbox.existing import make_existing
from scripts.reliability import Section, Table, put
from tests.faults.kinds import KINDS, Fault
from tests.faults.proxy import Proxy
from tests.sandbox.conftest import HOME, REPLICA, Sandbox, serving
from tests.sandbox.put import as_the_cli_does
from tests.synth import ROOT

OLD = f"""\
replicas: {{{REPLICA}: }}
principals: {{ci: {{github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main}}}}
repositories: {{web/api: {{push: [ci]}}}}
"""
#: A repository, a stack and a grant more, a setting that changes, and one that no template has.
NEW = f"""\
{OLD.replace("{push: [ci]}", "{push: [ci], moving_tags: [latest]}, web/ui: {push: [ci]}, data/x: ")}\
account_settings: {{blob_mounting: ENABLED}}
"""
KILLS = (KINDS["killed before"], KINDS["killed after"])
#: Seconds. What takes longer hangs.
LONGEST = 600


@dataclass(frozen=True)
class Line:
    """A line that people type, and what there is before: nothing, a bootstrap, or a registry that is deployed."""

    name: str
    words: tuple[str, ...]
    bootstrapped: bool = True
    deployed: bool = False


_MAKE = ("make", "deploy", "REGISTRY={file}")
_CDK = (str(ROOT / ".venv/bin/cdk"), "deploy", "--all", "--concurrency", "4", "--app", "{app}")
LINES = (
    Line("cdk deploy, the first", _CDK),
    Line("cdk deploy, a change", _CDK, deployed=True),
    Line("make bootstrap", ("make", "bootstrap", "REGISTRY={file}"), bootstrapped=False),
    Line("make deploy, the first", _MAKE),
    Line("make deploy, a change", _MAKE, deployed=True),
)


@dataclass(frozen=True)
class Begun:
    """An account in which a line is typed: its registry, the file, the app's folder and what is in that."""

    registry: Registry
    file: Path
    app: Path
    stacks: Sequence[Any]


@dataclass(frozen=True)
class Outcome:
    """What came of a kill; `wrong` is empty where all is well."""

    line: str
    call: str
    kill: str
    wrong: str = ""


class Desk:
    """Where lines are typed, each for an account of its own."""

    def __init__(self, sandbox: Sandbox, proxy: Proxy, folder: Path) -> None:
        self.sandbox = sandbox
        self.proxy = proxy
        self.folder = folder
        self._accounts = count(260000000001)

    def begun(self, line: Line) -> Begun:
        """What there is before."""
        account = str(next(self._accounts))
        file, app = self.folder / f"{account}.yaml", self.folder / account
        head = f'registry: {{name: acme, account: "{account}", region: {HOME}}}\n'
        file.write_text(head + OLD)
        registry, _ = load(file)
        if line.bootstrapped:
            self.sandbox.bootstrap(registry, *(Location(account, region) for region in (HOME, REPLICA)))
        if line.deployed:
            self.sandbox.put(file)
            self.sandbox.push(registry, "web/api", "v1", account)
        file.write_text(head + NEW)
        registry, _ = load(file)
        make_existing(self.sandbox.place, registry)
        if line.bootstrapped:
            self.sandbox.allow(registry, account)
        return Begun(registry, file, app, list(as_the_cli_does(file, app).stacks))

    def typed(
        self, line: Line, where: Begun, fault: Fault | None = None, at: int | str = 0
    ) -> subprocess.CompletedProcess[str]:
        """Type it; negative exit codes are signals."""
        self.proxy.begin(fault, at)
        place = replace(self.sandbox.place, port=self.proxy.port)
        with tempfile.TemporaryFile("w+") as said:
            running = subprocess.Popen(
                [it.format(file=where.file, app=where.app) for it in line.words],
                cwd=ROOT,
                env=environment(place, where.registry.account, HOME),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
            self.proxy.of(running.pid)
            code = running.wait(LONGEST)
            said.seek(0)
            return subprocess.CompletedProcess(line.name, code, said.read(), "")

    def calls(self, line: Line) -> list[tuple[str, bool]]:
        """What an undisturbed run asks for, and whether that changes something."""
        where = self.begun(line)
        finished = self.typed(line, where)
        assert finished.returncode == 0, finished.stdout
        assert list(self.amiss(line, where)) == []
        return [(request.call, request.writes) for request in self.proxy.asked]

    def killed(self, line: Line, fault: Fault, at: int | str) -> Outcome:
        """Kill it at a call, type it again, and look at what is there."""
        where = self.begun(line)
        first = self.typed(line, where, fault, at)
        struck = self.proxy.struck
        wrong = []
        if struck is None or first.returncode != -9:
            wrong.append(f"it was not killed: {first.returncode} {_last(first)}")
        second = self.typed(line, where)
        if second.returncode or "Traceback" in second.stdout:
            wrong.append(f"the second run ends with {second.returncode}: {_last(second)}")
        else:
            wrong += self.amiss(line, where)
        return Outcome(line.name, struck.call if struck else "none", fault.name, "; ".join(wrong))

    def amiss(self, line: Line, where: Begun) -> Iterator[str]:
        """What is not as a run that nothing disturbed leaves it."""
        registry, here = where.registry, ("--registry", str(where.file))
        checks: list[tuple[str, ...]] = [("bootstrap", "--check", *here)]
        if line.bootstrapped:
            checks.append(("drift", *here))
            yield from self._stacks(where)
            if line.deployed and "v1" not in self.sandbox.tags(registry, "web/api"):
                yield "an image is gone"
        if not line.name.startswith("make deploy"):
            self.sandbox.ecrctl(registry, "settings", "--yes", *here)  # what the CDK does not do
        for words in checks:
            finished = self.sandbox.ecrctl(registry, *words)
            if finished.returncode:
                yield f"{words[0]} ends with {finished.returncode}: {_last(finished)}"

    def _stacks(self, where: Begun) -> Iterator[str]:
        for stack in where.stacks:
            cloudformation = self.sandbox.client(where.registry, stack.environment.region, "cloudformation")
            (found,) = cloudformation.describe_stacks(StackName=stack.stack_name)["Stacks"]
            template = cloudformation.get_template(StackName=stack.stack_name)["TemplateBody"]
            told = {
                "status": found["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"},
                "termination protection": found["EnableTerminationProtection"] is True,
                "tags": {row["Key"]: row["Value"] for row in found["Tags"]} == dict(stack.tags),
                "template": (template if isinstance(template, dict) else json.loads(template)) == stack.template,
            }
            if left := [name for name, fine in told.items() if not fine]:
                yield f"{stack.stack_name} in {stack.environment.region}: {', '.join(left)}"


def _last(finished: subprocess.CompletedProcess[str]) -> str:
    return " | ".join((finished.stdout + finished.stderr).strip().splitlines()[-4:])[-500:]


def places(calls: Sequence[tuple[str, bool]], *, every: bool) -> list[int]:
    """Where to kill: at all calls, or at the first of each operation and the last of each that writes."""
    if every:
        return list(range(len(calls)))
    first = {call: at for at, (call, _) in reversed(list(enumerate(calls)))}
    last = {call: at for at, (call, writes) in enumerate(calls) if writes}
    return sorted({*first.values(), *last.values()})


@contextmanager
def desk() -> Iterator[Desk]:
    """With a local AWS and a proxy before it."""
    with (
        tempfile.TemporaryDirectory(prefix="ecr-kills-") as folder,
        serving(Path(folder)) as sandbox,
        Proxy(sandbox.place, everyone=True).running() as proxy,
    ):
        yield Desk(sandbox, proxy, Path(folder))


def main() -> int:
    """Exit code 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.typed", description=__doc__)
    parser.add_argument("--every-call", action="store_true", help="not only the first and last of each operation")
    parser.add_argument("--minutes", type=float, default=600, help="begin no other run later than that, line by line")
    parser.add_argument("--line", action="append", metavar="NAME", help="only these; writes no figures")
    asked = parser.parse_args()
    outcomes, numbers = list[Outcome](), dict[str, int]()
    lines = [line for line in LINES if not asked.line or line.name in asked.line]
    with desk() as here:
        for turn, line in enumerate(lines):
            until = time.monotonic() + asked.minutes * 60 / len(lines)
            calls = here.calls(line)
            numbers[line.name] = len(calls)
            chosen = places(calls, every=asked.every_call)
            kills = [(fault, at) for at in chosen for fault in KILLS[: 1 + calls[at][1]]]
            random.Random(turn).shuffle(kills)  # every part of a line has its turn, however early the time is over
            for fault, at in kills:
                if time.monotonic() > until:
                    break
                outcome = here.killed(line, fault, at)
                outcomes.append(outcome)
                if outcome.wrong:
                    print(f"{outcome.line}: {outcome.call}: {outcome.kill}: {outcome.wrong}", flush=True)
            print(f"{line.name}: {len(calls)} calls, {len(outcomes)} kills", file=sys.stderr, flush=True)
    wrong = sum(bool(outcome.wrong) for outcome in outcomes)
    print(f"{len(outcomes)} kills, {wrong} of them wrong")
    if not asked.line:
        put("kills", section(outcomes, numbers, " ".join(["python -m tests.faults.typed", *sys.argv[1:]])))
    return int(wrong > 0)


def section(outcomes: Sequence[Outcome], numbers: dict[str, int], command: str) -> Section:
    """The figures for docs/reliability.md."""
    wrong = [it for it in outcomes if it.wrong]
    rows = []
    for name, number in numbers.items():
        mine = [it for it in outcomes if it.line == name]
        operations = len({it.call for it in mine})
        rows.append((f"`{name}`", number, operations, len(mine), sum(bool(it.wrong) for it in mine)))
    return Section(
        place=21,
        title="Deploys that are killed",
        says=[
            f"{len(outcomes):,} times everything that a line had started was killed (SIGKILL) before or after one of "
            f"its calls, and the line typed again, which then has to finish; {len(wrong):,} did not. After that the "
            "stacks, their protection and tags, images and `ecrctl drift` have to be as after an undisturbed run.",
            "The local AWS executes a change set within the call. What a run finds while CloudFormation still works is "
            "in `tests/ops/deploy` and `tests/ops/drift/test_drift.py`: it waits for the end.",
        ],
        tables=[
            Table(columns=("line", "calls", "operations killed at", "kills", "wrong"), rows=rows),
            *(
                [
                    Table(
                        columns=("line", "call", "kill", "what is wrong"),
                        rows=[(it.line, it.call, it.kill, it.wrong) for it in wrong],
                    )
                ]
                if wrong
                else []
            ),
        ],
        command=command,
    )


if __name__ == "__main__":
    os.environ.setdefault("NO_COLOR", "1")
    sys.exit(main())
