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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from aws_cdk.cx_api import CloudAssembly

import tests.conftest  # noqa: F401 - nothing of the shell's AWS
from registry.load import load
from registry.locations import Location
from registry.model import Registry
from sandbox.environment import environment
from sandbox.existing import make_existing
from scripts.reliability import Section, Table, put
from tests.faults.calls import Call, calls_of, kills
from tests.faults.kinds import Fault
from tests.faults.proxy import At, Proxy
from tests.sandbox.conftest import HOME, REPLICA, Sandbox, serving
from tests.sandbox.put import as_the_cli_does, put_assembly
from tests.synth import ROOT, SMALL
from tests.warm import warm_checkout

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
#: An account that no line is typed for.
ANY = "260000000000"
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
_CDK = (".venv/bin/cdk", "deploy", "--all", "--concurrency", "4", "--app", "{app}")
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

    def __init__(self, sandbox: Sandbox, proxy: Proxy, folder: Path, checkout: Path = ROOT) -> None:
        """`checkout` is where they are typed."""
        self.sandbox = sandbox
        self.proxy = proxy
        self.folder = folder
        self.checkout = checkout
        self._accounts = count(260000000001)
        self._made: dict[str, Path] = {}

    def begun(self, line: Line) -> Begun:
        """What there is before."""
        account = str(next(self._accounts))
        file, app = self.folder / f"{account}.yaml", self.folder / account
        head = _head(account)
        file.write_text(head + OLD)
        registry, _ = load(file)
        if line.bootstrapped:
            self.sandbox.bootstrap(registry, *(Location(account, region) for region in (HOME, REPLICA)))
        if line.deployed:
            put_assembly(self.sandbox.place, file, self._assembly(OLD, self.folder / f"{account}-old", account))
            self.sandbox.push(registry, "web/api", "v1", account)
        file.write_text(head + NEW)
        registry, _ = load(file)
        make_existing(self.sandbox.place, registry)
        if line.bootstrapped:
            self.sandbox.allow(registry, account)
        return Begun(registry, file, app, list(self._assembly(NEW, app, account).stacks))

    def _assembly(self, rest: str, folder: Path, account: str) -> CloudAssembly:
        """What the app makes of a file. It is asked once: in another account it says another number, and no more."""
        if rest not in self._made:
            file = self.folder / "any.yaml"
            file.write_text(_head(ANY) + rest)
            self._made[rest] = self.folder / f"any-{len(self._made)}"
            as_the_cli_does(file, self._made[rest])
        folder.mkdir()
        for made in self._made[rest].iterdir():
            (folder / made.name.replace(ANY, account)).write_text(made.read_text().replace(ANY, account))
        return CloudAssembly(str(folder))

    def typed(
        self, line: Line, where: Begun, fault: Fault | None = None, at: At = 0
    ) -> subprocess.CompletedProcess[str]:
        """Type it; negative exit codes are signals."""
        self.proxy.begin(fault, at)
        place = replace(self.sandbox.place, port=self.proxy.port)
        with tempfile.TemporaryFile("w+") as said:
            running = subprocess.Popen(
                [it.format(file=where.file, app=where.app) for it in line.words],
                cwd=self.checkout,
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

    def calls(self, line: Line) -> list[Call]:
        """What an undisturbed run asks for."""
        where = self.begun(line)
        finished = self.typed(line, where)
        assert finished.returncode == 0, finished.stdout
        assert list(self.amiss(line, where)) == []
        return calls_of(self.proxy.asked)

    def killed(self, line: Line, fault: Fault, at: At) -> Outcome:
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


def _head(account: str) -> str:
    return f'registry: {{name: acme, account: "{account}", region: {HOME}}}\n'


@contextmanager
def desk() -> Iterator[Desk]:
    """With a local AWS, a proxy before it, and a checkout in which programs start at once."""
    with (
        tempfile.TemporaryDirectory(prefix="ecr-kills-") as folder,
        serving(Path(folder)) as sandbox,
        Proxy(sandbox.place, everyone=True).running() as proxy,
        warm_checkout(Path(folder), SMALL) as checkout,
    ):
        yield Desk(sandbox, proxy, Path(folder), checkout)


def main() -> int:
    """Exit code 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.typed", description=__doc__)
    parser.add_argument("--minutes", type=float, default=600, help="begin no other kill later than that")
    parser.add_argument("--line", action="append", metavar="NAME", help="only these; writes no figures")
    asked = parser.parse_args()
    lines = [line for line in LINES if not asked.line or line.name in asked.line]
    begun, outcomes = time.monotonic(), list[Outcome]()
    with desk() as here:
        calls = {line: here.calls(line) for line in lines}
        chosen = [(line, *kill) for line in lines for kill in kills(calls[line])]
        print(f"{len(chosen)} kills of {len(lines)} lines", file=sys.stderr, flush=True)
        random.Random(1).shuffle(chosen)  # every part of a line has its turn, however early the time is over
        for line, fault, call in chosen:
            if time.monotonic() > begun + asked.minutes * 60:
                break
            outcome = here.killed(line, fault, call.is_last_of if call.writes else call.operation)
            outcomes.append(outcome)
            if outcome.wrong:
                print(f"{line.name}: {call}: {fault.name}: {outcome.wrong}", flush=True)
            if len(outcomes) % 10 == 0:
                print(f"{len(outcomes)} kills, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    wrong = sum(bool(outcome.wrong) for outcome in outcomes)
    print(f"{len(outcomes)} kills, {wrong} of them wrong")
    if not asked.line:
        put("kills", section(outcomes, calls, " ".join(["python -m tests.faults.typed", *sys.argv[1:]])))
    return int(wrong > 0)


def section(outcomes: Sequence[Outcome], calls: Mapping[Line, Sequence[Call]], command: str) -> Section:
    """The figures for docs/reliability.md."""
    wrong = [it for it in outcomes if it.wrong]
    rows = []
    for line, of_line in calls.items():
        mine = [it for it in outcomes if it.line == line.name]
        changing, left = sum(call.writes for call in of_line), sum(bool(it.wrong) for it in mine)
        rows.append((f"`{line.name}`", len(of_line), changing, len(kills(of_line)), len(mine), left))
    return Section(
        place=21,
        title="Deploys that are killed",
        says=[
            f"{len(outcomes):,} times everything that a line had started was killed (SIGKILL) before or after one of "
            f"its calls, and the line typed again, which then has to finish; {len(wrong):,} did not. After that the "
            "stacks, their protection and tags, images and `ecrctl drift` have to be as after an undisturbed run.",
            "Kills are before and after each call that changes something, and before the first one of each operation "
            "that only reads: between two changes the cloud stays as it is.",
            "The local AWS executes a change set within the call. What a run finds while CloudFormation still works is "
            "in `tests/ops/deploy` and `tests/ops/drift/test_drift.py`: it waits for the end.",
        ],
        tables=[
            Table(
                columns=("line", "calls", "that change something", "kills there are", "kills tried", "wrong"), rows=rows
            ),
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
