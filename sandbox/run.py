"""`make sandbox`, step by step: start, bootstrap, deploy, show, push, read back."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from ops.failed_stacks import clear_failed
from registry.errors import RegistryError
from registry.load import load
from registry.model import ExistingRole
from registry.model import Registry as DeclaredRegistry
from registry.naming import repository_uri
from sandbox import cdk, images, server, show
from sandbox.environment import ANY_SECRET, enter, environment, write_environment_file
from sandbox.place import Place, SandboxError


def client(place: Place, account: str, region: str, service: str = "ecr") -> Any:
    """A boto3 client that speaks to the sandbox as the account's root."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        region_name=region,
        endpoint_url=place.endpoint,
        aws_access_key_id=account,
        aws_secret_access_key=ANY_SECRET,
        verify=str(place.authority),
        config=Config(proxies={}, retries={"max_attempts": 1}, connect_timeout=5),
    )


def up(place: Place, file: Path) -> None:
    """Bring a registry file to life, or bring a running sandbox up to date with it."""
    try:
        registry, warnings = load(file)
    except RegistryError as problem:
        raise SandboxError(str(problem)) from problem
    for warning in warnings:
        show.note(str(warning))
    shell = environment(place, registry.account, registry.region)
    enter(shell)

    show.step("1/5 Local AWS")
    started = server.ensure_running(place, registry.account, registry.region)
    show.note(f"{'started' if started else 'already running'} on {place.endpoint}, log in {place.log}")
    write_environment_file(place, registry.account, registry.region)

    show.step("2/5 cdk bootstrap")
    missing = [region for region in registry.regions if not _bootstrapped(place, registry.account, region)]
    if missing:
        cdk.bootstrap(place, shell, registry.account, missing)
        show.note("done: " + ", ".join(missing))
    else:
        show.note("already done: " + ", ".join(registry.regions))

    show.step("3/5 cdk deploy --all")
    for stack in clear_failed(registry, confirm=lambda _: True):
        show.note(f"removed {stack.name} in {stack.region}, whose creation had failed")
    for role in _existing_roles(registry):
        _make_role(place, role)
    cdk.deploy(place, shell, file)

    show.step("4/5 What exists now")
    show.repositories(
        [
            (region, row["repositoryName"], row["repositoryUri"])
            for region in registry.regions
            for row in _repositories(place, registry.account, region)
        ]
    )

    show.step("5/5 A real image")
    _push_and_read_back(place, registry)
    show.how_to_go_on(place, file)


def _existing_roles(registry: DeclaredRegistry) -> list[ExistingRole]:
    """The roles of the registry's account that are made elsewhere: policies are attached to them."""
    roles = [grant.principal for grant in registry.grants if isinstance(grant.principal, ExistingRole)]
    return [role for role in dict.fromkeys(roles) if role.account == registry.account]


def _make_role(place: Place, role: ExistingRole) -> None:
    """A role that the account itself may assume, where there is none of the name yet."""
    path = role.arn.partition(":role")[2].removesuffix(role.role_name)
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{role.account}:root"}, "Action": "sts:AssumeRole"}
    iam = client(place, role.account, "us-east-1", "iam")
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(
            RoleName=role.role_name,
            Path=path,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
        show.note(f"made the role {role.role_name}, which the file says exists")


def _push_and_read_back(place: Place, registry: DeclaredRegistry) -> None:
    if not registry.repositories:
        show.note("the file declares no repository, so there is nothing to push to")
        return
    replicated = [r for r in registry.replicas if registry.repositories_in(r.region)]
    home = registry.repositories_in(replicated[0].region)[0] if replicated else registry.repositories[0]
    tag = datetime.now(UTC).strftime("v0.0.0-sandbox.%Y%m%dT%H%M%S.%f")
    text = f"{home.name} {tag}"
    digest = oci(place, registry.account, registry.region).push(home.name, tag, text)
    show.note(f"pushed {repository_uri(registry.account, registry.region, home.name)}:{tag}")
    for region in [r.region for r in replicated if home in registry.repositories_in(r.region)] or [registry.region]:
        found = _described(place, registry.account, region, home.name, tag)
        if found != digest or oci(place, registry.account, region).pull(home.name, tag) != text:
            raise SandboxError(f"The image that was pushed is not the one in {region}. The server's log: {place.log}")
        show.note(f"read back from {region}, the same digest {digest[:19]}…")


def _described(place: Place, account: str, region: str, repository: str, tag: str) -> str | None:
    try:
        answer = client(place, account, region).describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except ClientError:
        return None
    return str(answer["imageDetails"][0]["imageDigest"])


def oci(place: Place, account: str, region: str) -> images.Registry:
    token = client(place, account, region).get_authorization_token()["authorizationData"][0]["authorizationToken"]
    return images.Registry(place, account, region, base64.b64decode(token).decode().partition(":")[2])


def _bootstrapped(place: Place, account: str, region: str) -> bool:
    try:
        client(place, account, region, "cloudformation").describe_stacks(StackName="CDKToolkit")
    except ClientError:
        return False
    return True


def _repositories(place: Place, account: str, region: str) -> list[dict[str, Any]]:
    pages = client(place, account, region).get_paginator("describe_repositories").paginate()
    found = [row for page in pages for row in page["repositories"] if not row["repositoryName"].startswith("cdk-")]
    return sorted(found, key=lambda row: str(row["repositoryName"]))
