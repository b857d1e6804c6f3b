"""A large registry in the local AWS: the steps of `make deploy`, one by one, and whether it is as declared then."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.large_registry import ACCOUNT, HOME
from benchmarks.large_steps import Step, taken
from registry.load import load
from registry.model import Registry
from sandbox import run as sandbox
from sandbox import server
from sandbox.clients import client
from sandbox.environment import enter, environment
from sandbox.place import HOST, Place


def deployed(folder: Path, size: int, file: Path, app: Path, minutes: int) -> Iterator[Step]:
    """Deploy an assembly of a registry file into a local AWS of its own, and compare the two.

    :param minutes: after which the deploy is ended, with what is there then.
    """
    with local_aws(folder) as place:
        registry, _ = load(file)
        sandbox.bootstrap(place, registry)
        shell = environment(place, ACCOUNT, HOME)
        here = ("--registry", file, "--app", app)
        yield taken(size, "`ecrctl before-deploy`", ("ops", "before-deploy", *here), folder, shell, place=place)
        words: Sequence[str | Path] = ("cdk", "deploy", "--app", app, "--all", "--concurrency", "4")
        line = "`cdk deploy` into the local AWS"
        step = taken(size, line, words, folder, shell, place=place, within=60 * minutes)
        there, wanted = _there(place, registry), sum(len(registry.stacks_in(at)) for at in registry.stack_locations)
        if there < wanted:
            yield replace(step, whole=False, note=f"ended after {minutes} minutes, with {there} of {wanted} stacks")
            return
        yield step.with_note(f"{wanted} stacks")
        yield taken(size, "`ecrctl after-deploy`", ("ops", "after-deploy", *here), folder, shell, place=place)
        words = ("ops", "drift", "--registry", file)
        step = taken(size, "`ecrctl drift` after it", words, folder, shell, place=place)
        yield step.with_note("no drift")


def _there(place: Place, registry: Registry) -> int:
    """How many stacks of a registry are complete."""
    return sum(
        stack["StackName"] in registry.stack_names_in(at) and stack["StackStatus"] == "CREATE_COMPLETE"
        for at in registry.stack_locations
        for page in client(place, at.account, at.region, "cloudformation").get_paginator("describe_stacks").paginate()
        for stack in page["Stacks"]
    )


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
