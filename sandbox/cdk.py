"""Run the real cdk CLI against the sandbox."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ops.aws.cdk_cli import COMMAND
from ops.deploy.bootstrap import arguments
from registry.locations import Location
from registry.model import Registry
from sandbox.place import ROOT, Place, SandboxError
from sandbox.server import answers

ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"


def bootstrap(
    place: Place,
    environment: dict[str, str],
    registry: Registry,
    locations: Sequence[Location],
    *,
    policies: Sequence[str] = (ADMINISTRATOR,),
) -> None:
    """Bootstrap an account's regions in one call, deployable from the home; what the CLI says is shown if it fails."""
    # From a folder without cdk.json: bootstrapping needs no app, and would synthesize ours.
    finished = subprocess.run(
        [*COMMAND, *arguments(registry, locations, policies, trust_home=True)],
        cwd=place.folder,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if finished.returncode:
        print(finished.stdout)
        raise _failed("bootstrap", place)


def cdk(
    place: Place,
    environment: dict[str, str],
    file: Path,
    verb: str,
    *arguments: str,
    app: str | None = None,
    quiet: bool = False,
) -> None:
    """Run `cdk VERB` on the app with a registry file; raises SandboxError where it fails.

    :param quiet: show what the CLI says only then.
    """
    with tempfile.TemporaryDirectory() as output:
        command = [verb, *arguments, "--context", f"registry={file.resolve()}", "--output", output]
        if app:
            command += ["--app", app]
        finished = subprocess.run(
            [*COMMAND, *command],
            cwd=ROOT,
            env=environment,
            check=False,
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
            text=True,
        )
    if finished.returncode:
        if quiet:
            print(finished.stdout)
        raise _failed(verb, place)


def deploy(place: Place, environment: dict[str, str], file: Path, *, quiet: bool = False) -> None:
    """Deploy every stack of a registry file, as `make deploy` does."""
    cdk(place, environment, file, "deploy", "--all", "--concurrency", "4", quiet=quiet)


def whether_it_runs(place: Place) -> str:
    """What has become of the local AWS, and how to go on."""
    if answers(place):
        return (
            "The local AWS still runs: go on with make sandbox,\n"
            f"or stop it with make sandbox-stop. Its log: {place.log}"
        )
    return f"The local AWS has ended: start it again with make sandbox.\nIts log: {place.log}"


def _failed(verb: str, place: Place) -> SandboxError:
    return SandboxError(f"cdk {verb} failed; what it said stands above. {whether_it_runs(place)}")
