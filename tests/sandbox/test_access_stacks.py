"""Principals of two Access stacks: each pushes, nothing has drifted, and who leaves the file loses its role."""

from __future__ import annotations

import base64
from typing import Any

import boto3
import pytest

from registry.model import Registry
from sandbox import images
from sandbox.roles import job_token
from tests.sandbox.conftest import HOME, Sandbox, Scenario

ACCOUNT = "210000000222"
ISSUER = "token.actions.githubusercontent.com"
FIRST = "ci: {github: acme/web, owner_id: 1, repository_id: 2, branch: main}"
LATER = "later: {github: acme/api, owner_id: 1, repository_id: 3, branch: main, stack: more}"


def rest(*principals: str) -> str:
    names = [it.partition(":")[0] for it in principals]
    return f"principals: {{{', '.join(principals)}}}\nrepositories: {{web/api: {{push: [{', '.join(names)}]}}}}"


def pushed(sandbox: Sandbox, registry: Registry, principal: str, subject: str) -> None:
    """Push and pull an image as a job of GitHub that takes the role of a principal."""
    answer = sandbox.client(registry, service="sts").assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/ecr-registry/acme/acme-{principal}",
        RoleSessionName="job",
        WebIdentityToken=job_token(ISSUER, subject, "sts.amazonaws.com"),
    )["Credentials"]
    ecr: Any = boto3.client(
        "ecr",
        region_name=HOME,
        endpoint_url=sandbox.place.endpoint,
        aws_access_key_id=answer["AccessKeyId"],
        aws_secret_access_key=answer["SecretAccessKey"],
        aws_session_token=answer["SessionToken"],
        verify=str(sandbox.place.authority),
    )
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    password = base64.b64decode(token).decode().partition(":")[2]
    images.Registry(sandbox.place, ACCOUNT, HOME, password).push("web/api", principal, "one")


def test_each_principal_pushes_and_who_leaves_the_file_loses_its_role(sandbox: Sandbox, scenario: Scenario) -> None:
    registry, file = scenario(ACCOUNT, rest(FIRST, LATER))
    iam = sandbox.client(registry, service="iam")
    done = sandbox.make_deploy(registry, file)
    assert done.returncode == 0, done.stdout + done.stderr
    pushed(sandbox, registry, "ci", "repo:acme@1/web@2:ref:refs/heads/main")
    pushed(sandbox, registry, "later", "repo:acme@1/api@3:ref:refs/heads/main")
    assert set(sandbox.tags(registry, "web/api")) == {"ci", "later"}
    drift = sandbox.ecrctl(registry, "drift", "--registry", str(file))
    assert drift.returncode == 0, drift.stdout

    more = LATER.replace("later", "third").replace("acme/api", "acme/app")
    registry, file = scenario(ACCOUNT, rest(FIRST, more))
    done = sandbox.make_deploy(registry, file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert iam.get_role(RoleName="acme-third")["Role"]["RoleName"] == "acme-third"
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="acme-later")
