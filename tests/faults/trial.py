"""One run of a command with one fault, and what is wrong with how it ended."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from urllib3.util import connection

from ops.aws import cloud
from ops.aws.attempts import CONFIG
from ops.aws.cdk_cli import read_assembly
from ops.cli import main
from registry import naming
from registry.load import load
from registry.locations import Location
from sandbox.environment import environment
from tests import forks
from tests.faults.kinds import KINDS, OF_PAGES, Fault, Way, in_turn
from tests.faults.proxy import Proxy
from tests.faults.request import Request
from tests.faults.world import ACCOUNT, World
from tests.registry.plan.test_templates_explained import templates
from tests.sandbox.conftest import HOME

#: Seconds. What ends later than that hangs, on a busy machine too: nobody waits here between two attempts.
LONGEST = 300
#: What a command waits for an answer where none comes.
READ_TIMEOUT = 1.0
#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: "No permissions are required".
FREE = {"sts:GetCallerIdentity"}
#: Whose descriptions take long to read, beside those of forks.SERVICES.
SERVICES = ("accessanalyzer", "ec2", "ecs", "inspector2", "kms", "lambda", "pricing")
#: What there is is not as the file says, which is an answer.
DIFFERS = {"drift", "drift --before-deploy", "lifecycle guard", "retire --check", "signing"}
_PASSING = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:+.]*|\d{8}T\d{6}Z|\b\d+[sm]\b|[\w+/=]{80,}|[\d.]{12,}")
ENDED = {0, 1, 2, 3}
Run = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Command:
    """A command, how it is typed, and the world before and after it.

    `key` is one of ops/aws/permissions.py, or such with an option that needs no other; `restore` puts back what a run
    changed; `state` is what runs are to end with; `told` are words that have to be said where a run has changed
    something and ends early; `lost` is what a run has lost, by the states before it, after it and after a whole one.
    """

    key: str
    words: Sequence[str]
    restore: Callable[[World], object] = lambda world: None
    state: Callable[[World], Any] | None = None
    told: Sequence[str] = ()
    lost: Callable[[Any, Any, Any], Iterable[str]] = lambda before, now, after: ()

    @property
    def writes(self) -> bool:
        """Whether it changes something."""
        return self.state is not None


@dataclass(frozen=True)
class Outcome:
    """What came of a fault; `wrong` is empty where all is well."""

    command: str
    call: str
    fault: str
    code: int
    wrong: str = ""


@dataclass(frozen=True)
class Undisturbed:
    """What the command does without a fault."""

    run: Run
    calls: tuple[Request, ...]
    state: Any

    def first_calls(self) -> list[int]:
        """The indexes of the first call of each operation."""
        return list({request.call: index for index, request in reversed(list(enumerate(self.calls)))}.values())[::-1]

    def faults(self, command: Command, at: int, turn: int | None = None) -> list[Fault]:
        """Which make sense at a call; with a turn only some of those that are alike, others in each turn."""
        return [
            fault
            for fault in (KINDS.values() if turn is None else in_turn(turn))
            if (fault.way is not Way.KILLS or (command.writes and (turn is None or self.calls[at].writes)))
            and (fault.name not in OF_PAGES or self.calls[at].pages is not None)
            and (fault.name != "permission missing" or self.calls[at].call not in FREE)
        ]


class Laboratory:
    """Runs commands through the proxy."""

    def __init__(self, world: World, proxy: Proxy) -> None:
        self.world = world
        self.proxy = proxy

    def run(self, command: Command, fault: Fault | None = None, at: int = 0) -> Run:
        """Run it once; negative exit codes are signals."""
        self.proxy.begin(fault, at)
        place = replace(self.world.sandbox.place, port=self.proxy.port)
        words = [it.format(**vars(self.world)) for it in command.words]
        timers = []

        def begun(process: int) -> None:
            self.proxy.of(process)
            timers.append(threading.Timer(LONGEST, _end, (process,)))
            timers[0].daemon = True
            timers[0].start()

        def work() -> None:
            _hurry(READ_TIMEOUT if fault is KINDS["no answer in time"] else 30.0)
            _dial(self.proxy.port)
            sys.argv = ["ecrctl", *words]
            main()

        shell = {**environment(place, ACCOUNT, HOME), "XDG_STATE_HOME": str(self.world.notes)}
        finished = forks.forked(work, shell, begun)
        timers[0].cancel()
        return finished

    def undisturbed(self, command: Command) -> Undisturbed:
        """Run it without a fault, and note its calls."""
        if command.writes:  # what it does only once, and `restore` does not undo, is no part of what is tried
            command.restore(self.world)
            self.run(command)
        command.restore(self.world)
        finished = self.run(command)
        calls = tuple(self.proxy.asked)
        wanted = {0, 1} if command.key in DIFFERS else {0}
        assert finished.returncode in wanted, (
            command.key,
            finished.returncode,
            finished.stdout[-600:],
            finished.stderr[-3000:],
        )
        return Undisturbed(finished, calls, command.state(self.world) if command.state else None)

    def tried(self, command: Command, base: Undisturbed, fault: Fault, at: int) -> Outcome:
        """Run it with a fault at a call; where it writes, run it again without, and compare what is there then."""
        command.restore(self.world)
        before = command.state(self.world) if command.state else None
        finished = self.run(command, fault, at)
        struck = self.proxy.struck
        wrong = list(_wrong(finished, base, fault, struck))
        if command.state:
            after = command.state(self.world)
            said = finished.stdout + finished.stderr
            wrong += [f"lost: {each}" for each in command.lost(before, after, base.state)]
            if finished.returncode == 3 and after != before and not all(it in said for it in command.told):
                wrong.append(f"something was changed, and {', '.join(command.told)} is not said")
            again = self.run(command)
            if again.returncode not in (0, 1):
                wrong.append(f"the next run ends with {again.returncode}: {_last(again)}")
            elif command.state(self.world) != base.state:
                wrong.append(f"after the next run there is {command.state(self.world)}, not {base.state}")
        call = struck.call if struck else base.calls[at].call
        return Outcome(command.key, call, fault.name, finished.returncode, "; ".join(wrong))


def _wrong(finished: Run, base: Undisturbed, fault: Fault, struck: Request | None) -> Iterator[str]:
    said = finished.stdout + finished.stderr
    if fault.way is Way.KILLS:
        if finished.returncode != -signal.SIGKILL:
            yield f"it was not killed: {finished.returncode}"
        return
    if "Traceback" in said or finished.returncode not in ENDED:
        yield f"it ends with {finished.returncode}: {_last(finished)}"
        return
    same = (finished.returncode, _lasting(finished)) == (base.run.returncode, _lasting(base.run))
    failed = finished.returncode == 3 and "way out: " in said
    if fault.name == "permission missing" and struck:  # some go on without what may not be read, and say so
        failed |= struck.operation in said and "way out: " in said
    if fault.way is Way.PASSES and not same:
        yield f"not the same as without it: {finished.returncode} {_last(finished)}"
    if fault.way is Way.LASTS and not failed:
        yield f"no exit code 3 with a way out: {finished.returncode} {_last(finished)}"
    if fault.way is Way.ODD and not (same or failed):
        yield f"neither 3 nor the same: {finished.returncode} {_last(finished)}"


def _lasting(finished: Run) -> str:
    """What it printed, without times, ages and passwords: they differ from run to run."""
    return "\n".join(sorted(_PASSING.sub("", finished.stdout).splitlines()))  # what was pushed at once has no order


def _last(finished: Run) -> str:
    return " | ".join((finished.stdout + finished.stderr).strip().splitlines()[-4:])[-500:]


def _end(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGABRT)


def _hurry(read_timeout: float) -> None:
    """Nobody waits between two attempts; time goes on a little, or what waits for the time would be busy."""
    nap = time.sleep
    time.sleep = lambda seconds: nap(min(float(seconds), 0.01))
    setattr(cloud, "CONFIG", CONFIG.merge(type(CONFIG)(read_timeout=read_timeout)))  # noqa: B010 - a Final elsewhere


def _dial(port: int) -> None:
    """Every connection to a host of ECR's goes to the proxy: the names stay, nothing leaves the machine."""
    connect = connection.create_connection
    connection.create_connection = lambda address, *a, **b: connect(("127.0.0.1", port), *a, **b)


def _imported(*words: str, doing: str) -> None:
    """What `cdk import` does for ecrctl, without the two seconds of a processor that Node takes."""
    said = dict(pairwise(words))
    account, region, unit = words[1].split("/")
    (template,) = (
        template
        for (at, stack), template in read_assembly(Path(said["--app"])).contents().items()
        if at == Location(account, region) and stack == naming.stack_name("acme", unit)
    )
    wanted = json.loads(Path(said["--resource-mapping"]).read_text())
    kept = {name: it for name, it in template["Resources"].items() if name in wanted}
    cloudformation = cloud.cloudformation(region)
    stack = naming.stack_name("acme", unit)
    try:
        cloudformation.delete_change_set(StackName=stack, ChangeSetName=said["--change-set-name"])
    except ClientError as problem:  # where there is none there is no stack either
        if problem.response.get("Error", {}).get("Code") in cloud.NOT_ALLOWED:
            raise
    cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName=said["--change-set-name"],
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps({"Resources": kept}),
        ResourcesToImport=[
            {"ResourceType": it["Type"], "LogicalResourceId": name, "ResourceIdentifier": wanted[name]}
            for name, it in kept.items()
        ],
    )


@contextmanager
def laboratory(world: World) -> Iterator[Laboratory]:
    """One call at a time, so that calls have an order; the app is not synthesized in each run."""
    made = {str(path): templates(load(path)[0]) for path in (world.file, world.old)}
    forks.load_everything()
    for service in SERVICES:  # what a fork has not to read again
        boto3.Session(region_name=HOME).client(service)  # type: ignore[call-overload]
    with pytest.MonkeyPatch.context() as patch, Proxy(world.sandbox.place).running() as proxy:
        patch.setattr("ops.aws.parallel.WORKERS", 1)
        patch.setattr("ops.aws.processes.AT_ONCE", 1)
        patch.setattr("ops.aws.cdk_cli._cdk", _imported)
        patch.setattr("ops.deploy.bootstrap.run_cdk", lambda words: None)
        patch.setattr("ops.plan.run.templates", lambda file: made[str(file)])
        yield Laboratory(world, proxy)
