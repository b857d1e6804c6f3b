"""A large registry in the local AWS: the steps of `make deploy`, one by one, and whether it is as declared then."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.large_registry import ACCOUNT, HOME
from benchmarks.large_steps import Step, taken
from registry.load import load
from sandbox import run as sandbox
from sandbox import server
from sandbox.environment import enter, environment
from sandbox.place import HOST, Place


def deployed(folder: Path, size: int, file: Path, app: Path) -> Iterator[Step]:
    """Deploy an assembly of a registry file into a local AWS of its own, and compare the two."""
    with local_aws(folder) as place:
        registry, _ = load(file)
        sandbox.bootstrap(place, registry)
        shell = environment(place, ACCOUNT, HOME)
        here = ("--registry", file, "--app", app)
        stacks = sum(len(registry.stacks_in(at)) for at in registry.stack_locations)
        yield taken(size, "`ecrctl before-deploy`", ("ops", "before-deploy", *here), folder, shell, place=place)
        words: Sequence[str | Path] = ("cdk", "deploy", "--app", app, "--all", "--concurrency", "4")
        step = taken(size, "`cdk deploy` into the local AWS", words, folder, shell, place=place)
        yield step.with_note(f"{stacks:,} stacks")
        yield taken(size, "`ecrctl after-deploy`", ("ops", "after-deploy", *here), folder, shell, place=place)
        words = ("ops", "drift", "--registry", file)
        step = taken(size, "`ecrctl drift` after it", words, folder, shell, place=place)
        yield step.with_note("no drift")


@contextmanager
def local_aws(folder: Path) -> Iterator[Place]:
    """A local AWS on a free port, whose things lie in a folder."""
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    place = Place(folder=folder / "aws", port=port)
    mine = dict(os.environ)
    server.ensure_running(place, ACCOUNT, HOME)
    try:
        yield place
    finally:
        enter(mine)
        server.stop(place)
