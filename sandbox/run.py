"""`make sandbox`, step by step: start, bootstrap, deploy, show, push, read back."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from ops.adopt.outside import outside
from ops.adopt.run import import_found
from ops.deploy.bootstrap import put_policies
from ops.deploy.failed_stacks import clear_failed
from ops.drift.named import REPOSITORY
from registry.errors import RegistryError
from registry.findings import listed
from registry.load import load
from registry.locations import Location
from registry.model import Registry as DeclaredRegistry
from registry.naming import bootstrap_stack, repository_uri
from sandbox import cdk, images, server, show
from sandbox.clients import client
from sandbox.environment import enter, environment, write_environment_file
from sandbox.existing import make_existing
from sandbox.place import Place, SandboxError


def up(place: Place, file: Path) -> None:
    """Bring a registry file to life, or bring a running sandbox up to date with it."""
    registry = declared(file)
    enter(environment(place, registry.account, registry.region))

    show.step("1/5 Local AWS")
    started = start(place, registry)
    write_environment_file(place, registry.account, registry.region)
    show.step("2/5 cdk bootstrap")
    bootstrap(place, registry)
    show.step("3/5 cdk deploy --all")
    deploy(place, registry, file, take_back=not started)

    show.step("4/5 What exists now")
    show.repositories(
        [
            (at.beside(registry.home), row["repositoryName"], row["repositoryUri"])
            for at in registry.locations
            for row in _repositories(place, at)
        ]
    )

    show.step("5/5 A real image")
    _push_and_read_back(place, registry)
    show.how_to_go_on(place, file)


def declared(file: Path) -> DeclaredRegistry:
    """The registry of a file; its warnings are shown.

    :raises SandboxError: where the file has errors.
    """
    try:
        registry, warnings = load(file)
    except RegistryError as problem:
        raise SandboxError(str(problem)) from problem
    for warning in warnings:
        show.note(str(warning))
    return registry


def start(place: Place, registry: DeclaredRegistry) -> bool:
    """Have the local AWS running; whether it was started for that."""
    started = server.ensure_running(place, registry.account, registry.region)
    show.note(f"{'started' if started else 'already running'} on {place.endpoint}, log in {place.log}")
    return started


def bootstrap(place: Place, registry: DeclaredRegistry) -> None:
    """Bootstrap every account of the registry, with policies computed from the file."""
    for account in registry.deployed_accounts:
        missing = [at for at in registry.stack_locations_in(account) if not _bootstrapped(place, registry, at)]
        own = environment(place, account, registry.region)
        enter(own)
        policies = put_policies(registry, account)
        if missing:
            cdk.bootstrap(place, own, registry, missing, policies=policies)
            show.note("done: " + listed(map(str, missing), 5))
        else:
            show.note("already done: " + listed(map(str, registry.stack_locations_in(account)), 5))


def deploy(place: Place, registry: DeclaredRegistry, file: Path, *, take_back: bool, quiet: bool = False) -> None:
    """Deploy every stack.

    :param take_back: import what left the file and came back.
    :param quiet: show what the CDK CLI says only if it fails.
    """
    for account in registry.deployed_accounts:
        enter(environment(place, account, registry.region))
        for stack in clear_failed(registry, confirm=lambda _: True):
            show.note(f"removed {stack.name} in {stack.region}, whose creation had failed")
        if take_back:
            _take_back(registry, file)
    shell = environment(place, registry.account, registry.region)
    enter(shell)
    make_existing(place, registry)
    cdk.deploy(place, shell, file, quiet=quiet)


def _take_back(registry: DeclaredRegistry, file: Path) -> None:
    """Import the repositories that left the file and came back: AWS kept them, and a deploy would find them in its way.

    :raises ImportRefused: where one came back with other settings; the text says how to go on.
    """
    names = sorted({it.thing.name for it in outside(registry, [REPOSITORY]).things})
    if names:
        show.note(f"ecrctl import: {listed(names, 5)} exists, and is in no stack")
        import_found(registry, [REPOSITORY], names=names, file=file, confirm=lambda _: True, strict=True)


def _push_and_read_back(place: Place, registry: DeclaredRegistry) -> None:
    if not registry.repositories:
        show.note("the file declares no repository, so there is nothing to push to")
        return
    replicas = [it.location for it in registry.replicas if registry.repositories_in(it.location)]
    pushed = (registry.repositories_in(replicas[0]) if replicas else registry.repositories)[0]
    tag = datetime.now(UTC).strftime("v0.0.0-sandbox.%Y%m%dT%H%M%S.%f")
    text = f"{pushed.name} {tag}"
    digest = oci(place, registry.home).push(pushed.name, tag, text)
    show.note(f"pushed {repository_uri(registry.account, registry.region, pushed.name)}:{tag}")
    for at in [it for it in replicas if pushed in registry.repositories_in(it)] or [registry.home]:
        found = _described(place, at, pushed.name, tag)
        if found != digest or oci(place, at).pull(pushed.name, tag) != text:
            raise SandboxError(f"The image that was pushed is not the one in {at}. The server's log: {place.log}")
        show.note(f"read back from {at.beside(registry.home)}, the same digest {digest[:19]}…")


def _described(place: Place, at: Location, repository: str, tag: str) -> str | None:
    try:
        ecr = client(place, at.account, at.region)
        answer = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except ClientError:
        return None
    return str(answer["imageDetails"][0]["imageDigest"])


def oci(place: Place, at: Location) -> images.Registry:
    """The OCI registry of a location, spoken to as its account's root."""
    ecr = client(place, at.account, at.region)
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    return images.Registry(place, at.account, at.region, base64.b64decode(token).decode().partition(":")[2])


def _bootstrapped(place: Place, registry: DeclaredRegistry, at: Location) -> bool:
    stack = bootstrap_stack(registry.name)
    try:
        client(place, at.account, at.region, "cloudformation").describe_stacks(StackName=stack)
    except ClientError:
        return False
    return True


def _repositories(place: Place, at: Location) -> list[dict[str, Any]]:
    pages = client(place, at.account, at.region).get_paginator("describe_repositories").paginate()
    found = [row for page in pages for row in page["repositories"] if not row["repositoryName"].startswith("cdk-")]
    return sorted(found, key=lambda row: str(row["repositoryName"]))
