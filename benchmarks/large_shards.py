"""A namespace that outgrows its stacks, in the local AWS: the lines of docs/operations.md, `More shards`.

Nothing may be lost on the way: each repository is the one that was created first, each image is still there, and at the
end nothing drifts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from benchmarks.large_deploy import local_aws
from benchmarks.large_registry import ACCOUNT, HOME, of_one_namespace, write
from benchmarks.large_steps import Step, taken
from benchmarks.process import RunFailed
from registry.load import load
from registry.model import Registry
from sandbox import run as sandbox
from sandbox.clients import client
from sandbox.environment import environment
from sandbox.place import Place

PUSHED: Final = 10  # repositories with an image


def outgrown(folder: Path, size: int) -> Iterator[Step]:
    """From one stack to two, and from two to three; what each line took.

    :param size: repositories of the namespace, each in the home and in a replica.
    :raises RunFailed: where a line fails, or something was lost.
    """
    file, app = folder / "registry.yaml", folder / "app"
    deploy, here = ("cdk", "deploy", "--app", app, "--concurrency", "4"), ("--registry", file, "--app", app)
    with local_aws(folder) as place:
        shell = environment(place, ACCOUNT, HOME)

        def line(text: str, *words: str | Path, code: int = 0) -> Step:
            return taken(size, f"{text}, {shards} shards", words, folder, shell, code=code, place=place)

        def synthesized() -> Registry:
            write(folder, of_one_namespace(size, shards))
            line("`cdk synth`", "cdk", "synth", "--quiet", "-c", f"registry={file}", "-o", app)
            return load(file)[0]

        shards = 1
        registry = synthesized()
        sandbox.bootstrap(place, registry)
        line("`cdk deploy --all`", *deploy, "--all")
        before = {it.name: sandbox.oci(place, registry.home).push(it.name, "v1", it.name)
                  for it in registry.repositories[:PUSHED]}  # fmt: skip
        created = _created(place, registry)
        for shards in (2, 3):
            registry = synthesized()
            stopped = line("`ecrctl replacements`", "ops", "replacements", *here, code=1)
            if "More shards" not in stopped.said:
                raise RunFailed(f"the deploy of {shards} shards was not stopped: {stopped.said}")
            yield stopped.with_note("stops the deploy, and names what moves")
            if shards == 2:
                yield line("`ecrctl retire --yes`", "ops", "retire", "--yes", *here)
            else:
                losing = f"{ACCOUNT}/*/Repositories-webS[12]"
                yield line("`cdk deploy --exclusively` of what loses some", *deploy, losing, "--exclusively")
            yield line("`ecrctl import --all --yes`", "ops", "import", "--all", "--yes", *here)
            yield line("`cdk deploy --all`", *deploy, "--all")
            last = line("`ecrctl drift`", "ops", "drift", "--registry", file)
            if _created(place, registry) != created or not _there(place, registry, before):
                raise RunFailed(f"not the same repositories and images as before {shards} shards")
            yield last.with_note(f"no drift; the same {len(created)} repositories, and every image")


def _created(place: Place, registry: Registry) -> dict[tuple[str, str], Any]:
    """When each repository was created, by location and name."""
    return {
        (str(at), row["repositoryName"]): row["createdAt"]
        for at in registry.locations
        for page in client(place, at.account, at.region).get_paginator("describe_repositories").paginate()
        for row in page["repositories"]
        if row["repositoryName"].startswith("web/")
    }


def _there(place: Place, registry: Registry, pushed: dict[str, str]) -> bool:
    ecr = client(place, registry.account, registry.region)
    found = {name: ecr.describe_images(repositoryName=name)["imageDetails"][0]["imageDigest"] for name in pushed}
    return found == pushed
