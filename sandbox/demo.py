"""`make demo`: what a team does with examples/app, from the first build to a rollback, as the roles of its file."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from registry.model import Registry
from sandbox import run, show
from sandbox.clients import client
from sandbox.environment import enter, environment
from sandbox.place import DEFAULT_FOLDER, ROOT, Place, SandboxError
from sandbox.roles import write_shells

EXAMPLE: Final = ROOT / "examples" / "app"
#: Two builds of the same code: only the revision in the configuration differs.
_ONE, _TWO = "3f2a91c", "9c0de42"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A line that a role types in examples/app.

    `code` is the exit code it must have, and `says` what it must print.
    """

    title: str
    who: str
    line: str
    code: int = 0
    says: str = ""


_SANDBOX: Final = "python -m sandbox"
_PULLED: Final = f"{_SANDBOX} run shop/app:prod --region us-west-2"
STEPS: Final = (
    Step(
        title="CI builds and pushes; elsewhere that is `docker buildx build --push`",
        who="app-main",
        line=f"{_SANDBOX} push . shop/app:build-1 --build-arg REVISION={_ONE}",
    ),
    Step(title="What is in it", who="operator", line="ecrctl image shop/app:build-1"),
    Step(
        title="It becomes a version: v1.0.0 is fixed, v1.0.x and v1.x move",
        who="app-main",
        line="ecrctl release shop/app build-1 --version 1.0.0",
    ),
    Step(
        title="The gate. The sandbox does not scan, so it stays closed (exit code 3).\n"
        "    ECR scans on push: there this line goes on if nothing HIGH or worse was found, and else names it (1)",
        who="app-prod",
        line="ecrctl promote shop/app:v1.0.0 prod --gate HIGH --yes",
        code=3,
        says="it is not known what is in shop/app",
    ),
    Step(title="So without the gate", who="app-prod", line="ecrctl promote shop/app:v1.0.0 prod --yes"),
    Step(
        title="Has it arrived in the replica? The same line only waits, where prod is on the version already",
        who="operator",
        line="ecrctl promote shop/app:v1.0.0 prod --wait --yes",
    ),
    Step(title="A node of the other region runs it", who="nodes", line=_PULLED, says=_ONE),
    Step(
        title="The next build: the layer is there already",
        who="app-main",
        line=f"{_SANDBOX} push . shop/app:build-2 --build-arg REVISION={_TWO}",
        says="sent: 0",
    ),
    Step(
        title="A fixed tag stays where it is, whoever pushes",
        who="app-main",
        line=f"{_SANDBOX} push . shop/app:v1.0.0 --build-arg REVISION={_TWO}",
        code=1,
        says="the tag is immutable",
    ),
    Step(title="The next version", who="app-main", line="ecrctl release shop/app build-2 --version 1.1.0"),
    Step(title="It goes to production", who="app-prod", line="ecrctl promote shop/app:v1.1.0 prod --yes"),
    Step(title="And runs", who="nodes", line=_PULLED, says=_TWO),
    Step(title="It was not good: back", who="app-prod", line="ecrctl promote shop/app prod --rollback --yes"),
    Step(title="The first build runs again, nothing was built for that", who="nodes", line=_PULLED, says=_ONE),
    Step(
        title="The history of production is in the tags",
        who="operator",
        line="ecrctl images shop/app --tag 'prod-*'",
    ),
)  # fmt: skip


def demo(place: Place) -> None:
    """Deploy examples/app/registry.yaml, and type every step.

    :raises SandboxError: at the first step that does not do what it should.
    """
    file = EXAMPLE / "registry.yaml"
    registry = run.declared(file)
    began = time.monotonic()
    shell = environment(place, registry.account, registry.region)
    enter(shell)
    show.step(f"The registry of {file.relative_to(ROOT)}, deployed to the sandbox")
    started = run.start(place, registry)
    run.bootstrap(place, registry)
    run.deploy(place, registry, file, take_back=not started, quiet=True)
    _empty(place, registry)
    shells = write_shells(place, registry, auditors=["operator"])
    show.note("deployed; the repository is empty")
    here = shlex.quote(os.path.relpath(EXAMPLE))
    show.typed(f"cd {here}")
    for number, step in enumerate(STEPS, 1):
        show.step(f"{number}/{len(STEPS)} {step.title}")
        line = step.line.replace(_SANDBOX, _sandbox(place))
        show.typed(line, who=step.who)
        type_line(step, line, shells[step.who], shell)
    nearby = {name: os.path.relpath(path, EXAMPLE) for name, path in shells.items()}
    show.demo_end(len(STEPS), time.monotonic() - began, here, nearby)


def _sandbox(place: Place) -> str:
    return _SANDBOX if place.folder == DEFAULT_FOLDER else f"{_SANDBOX} --folder {shlex.quote(str(place.folder))}"


def type_line(step: Step, line: str, shell_file: Path, shell: Mapping[str, str]) -> None:
    """Type the line of a step; its output goes where ours does, unless there is something in it to look for.

    :raises SandboxError: where it does not do what the step says.
    """
    finished = subprocess.run(
        ["/bin/sh", "-c", f". {shlex.quote(str(shell_file))} && {line}"],
        cwd=EXAMPLE,
        env=shell,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if step.says else None,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if step.says:
        print(finished.stdout, end="", flush=True)
    if finished.returncode != step.code:
        raise SandboxError(f"This line ended with exit code {finished.returncode} instead of {step.code}:\n{line}")
    if step.says not in (finished.stdout or ""):
        raise SandboxError(f"This line did not say {step.says}:\n{line}")


def _empty(place: Place, registry: Registry) -> None:
    """Every run begins without an image, so that each shows the same."""
    for at in registry.locations:
        ecr = client(place, at.account, at.region)
        for repository in registry.repositories_in(at):
            found = _images(ecr, repository.name)
            while found:  # an image that a list names goes after the list
                ecr.batch_delete_image(repositoryName=repository.name, imageIds=found[:100])
                found = _images(ecr, repository.name)


def _images(ecr: Any, repository: str) -> list[dict[str, str]]:
    pages = ecr.get_paginator("describe_images").paginate(repositoryName=repository)
    return [{"imageDigest": it["imageDigest"]} for page in pages for it in page["imageDetails"]]
