"""Real pushes and pulls as each role, with IAM on: what is granted works, and nothing else does."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from registry.load import load
from registry.locations import Location
from registry.model import Registry
from sandbox import images
from sandbox.clients import client
from sandbox.roles import job_token
from tests.sandbox.conftest import Sandbox

ACCOUNT, OTHER, HOME, REPLICA = "220000000001", "220000000002", "ap-northeast-2", "us-west-2"
ISSUER = "token.actions.githubusercontent.com"
SUBJECT = "repo:acme@84790634/web@1304267049:{}"
GRANTS = "web/api: {push: [ci], promote: [prod], pull: [nodes], delete: [retention]}"
FILE = """\
registry: {{name: acme, account: "{account}", region: ap-northeast-2}}
replicas: {{us-west-2: }}
principals:
  ci: {{github: acme/web, owner_id: 84790634, repository_id: 1304267049, branch: main}}
  prod: {{github: acme/web, owner_id: 84790634, repository_id: 1304267049, environment: prod}}
  retention: {{role: "arn:aws:iam::{account}:role/retention"}}
  nodes: {{role: "arn:aws:iam::{other}:role/eks-node"}}
defaults: {{moving_tags: [latest, prod]}}
repositories:
  {grants}
  web/ui:
"""


@dataclass
class World:
    """A registry of an account of its own, and the roles around it."""

    sandbox: Sandbox
    file: Path

    def deploy(self, grants: str) -> None:
        """Write the file and have its stacks."""
        self.written(grants)
        self.sandbox.put(self.file)

    def written(self, grants: str) -> Registry:
        """Write the file."""
        self.file.write_text(FILE.format(account=ACCOUNT, other=OTHER, grants=grants))
        return load(self.file)[0]

    def job(self, name: str, part: str, audience: str = "sts.amazonaws.com") -> dict[str, str]:
        """The credentials of a CI job, by web identity."""
        token = github_token(SUBJECT.format(part), audience)
        answer = self._root("sts").assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/ecr-registry/acme/acme-{name}",
            RoleSessionName="job",
            WebIdentityToken=token,
        )
        return dict(answer["Credentials"])

    def role(self, account: str, name: str, policy: dict[str, Any] | None = None) -> None:
        """Make a role the account may assume, with an inline policy."""
        iam = self._root("iam", account)
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))
        if policy:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=_document(policy))

    def assumed(self, account: str, name: str) -> dict[str, str]:
        """The credentials of a role."""
        answer = self._root("sts", account).assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/{name}", RoleSessionName="task"
        )
        return dict(answer["Credentials"])

    def ecr(self, credentials: dict[str, str], region: str = HOME) -> Any:
        """ECR's API as somebody."""
        return boto3.client(
            "ecr",
            region_name=region,
            endpoint_url=self.sandbox.place.endpoint,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            verify=str(self.sandbox.place.authority),
            config=Config(proxies={}, retries={"max_attempts": 1}),
        )

    def oci(self, credentials: dict[str, str], region: str = HOME, account: str = ACCOUNT) -> images.Registry:
        """The OCI registry of an account as somebody who has logged in."""
        token = self.ecr(credentials, region).get_authorization_token()["authorizationData"][0]["authorizationToken"]
        password = base64.b64decode(token).decode().partition(":")[2]
        return images.Registry(self.sandbox.place, account, region, password)

    def _root(self, service: str, account: str = ACCOUNT) -> Any:
        return client(self.sandbox.place, account, HOME, service)


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def github_token(subject: str, audience: str) -> str:
    """A token as GitHub's."""
    return job_token(ISSUER, subject, audience)


@pytest.fixture(scope="module")
def world(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> World:
    found = World(sandbox, tmp_path_factory.mktemp("access") / "registry.yaml")
    sandbox.bootstrap(found.written(GRANTS), Location(ACCOUNT, HOME), Location(ACCOUNT, REPLICA))
    found.role(ACCOUNT, "retention")
    everything = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}
    for name in ("eks-node", "eks-node2"):
        found.role(OTHER, name, everything)
    found.deploy(GRANTS)
    return found


#: What the OCI registry (through oras) and the API say to those whom IAM does not let.
REFUSED = r"Forbidden|AccessDenied|not authorized"


def test_ci_pushes_and_pulls_its_own_repository_and_nothing_else(world: World) -> None:
    ci = world.job("ci", "ref:refs/heads/main")
    registry = world.oci(ci)
    registry.push("web/api", "v1", "one")
    assert registry.pull("web/api", "v1") == "one"
    attempts: tuple[Callable[[], object], ...] = (
        lambda: registry.push("web/ui", "v1", "one"),
        lambda: world.oci(ci, REPLICA).push("web/api", "v2", "two"),
        lambda: world.ecr(ci).batch_delete_image(repositoryName="web/api", imageIds=[{"imageTag": "v1"}]),
        lambda: world.ecr(ci).create_repository(repositoryName="web/new"),
        lambda: world.ecr(ci).set_repository_policy(repositoryName="web/api", policyText="{}"),
        lambda: world.ecr(ci).delete_repository(repositoryName="web/api", force=True),
    )
    for attempt in attempts:
        with pytest.raises(Exception, match=REFUSED):
            attempt()


def test_a_fixed_tag_stays_and_a_moving_one_moves(world: World) -> None:
    registry = world.oci(world.job("ci", "ref:refs/heads/main"))
    registry.push("web/api", "v3", "three")
    with pytest.raises(Exception, match="Bad Request"):
        registry.push("web/api", "v3", "four")
    assert registry.pull("web/api", "v3") == "three"
    registry.push("web/api", "latest", "three")
    registry.push("web/api", "latest", "four")
    assert registry.pull("web/api", "latest") == "four"


def test_promoting_moves_a_tag_and_pushes_no_layer(world: World) -> None:
    digest = world.oci(world.job("ci", "ref:refs/heads/main")).push("web/api", "v5", "five")
    prod = world.job("prod", "environment:prod")
    ecr = world.ecr(prod)
    (image,) = ecr.batch_get_image(repositoryName="web/api", imageIds=[{"imageTag": "v5"}])["images"]
    put = ecr.put_image(repositoryName="web/api", imageManifest=image["imageManifest"], imageTag="prod")
    assert put["image"]["imageId"] == {"imageDigest": digest, "imageTag": "prod"}
    with pytest.raises(Exception, match=REFUSED):
        world.oci(prod).push("web/api", "v6", "six")


def test_deleting_is_for_whom_it_is_granted(world: World) -> None:
    world.oci(world.job("ci", "ref:refs/heads/main")).push("web/api", "old", "old")
    ecr = world.ecr(world.assumed(ACCOUNT, "retention"))
    deleted = ecr.batch_delete_image(repositoryName="web/api", imageIds=[{"imageTag": "old"}])
    assert [image["imageTag"] for image in deleted["imageIds"]] == ["old"]
    with pytest.raises(ClientError, match=REFUSED):
        ecr.batch_delete_image(repositoryName="web/ui", imageIds=[{"imageTag": "old"}])


def test_a_node_of_another_account_pulls_in_every_region_and_its_twin_does_not(world: World) -> None:
    world.oci(world.job("ci", "ref:refs/heads/main")).push("web/api", "v7", "seven")
    for region in (HOME, REPLICA):
        assert world.oci(world.assumed(OTHER, "eks-node"), region).pull("web/api", "v7") == "seven"
    node, twin = world.oci(world.assumed(OTHER, "eks-node")), world.oci(world.assumed(OTHER, "eks-node2"))
    attempts: tuple[Callable[[], object], ...] = (
        lambda: twin.pull("web/api", "v7"),
        lambda: node.push("web/api", "v8", "eight"),
        lambda: node.pull("web/ui", "v7"),
    )
    for attempt in attempts:
        with pytest.raises(Exception, match=REFUSED):
            attempt()


def test_the_registry_of_a_foreign_account_is_closed_to_ci(world: World) -> None:
    theirs = client(world.sandbox.place, OTHER, HOME)
    theirs.create_repository(repositoryName="web/api")
    ci = world.job("ci", "ref:refs/heads/main")
    foreign = world.oci(ci, account=OTHER)
    attempts: tuple[Callable[[], object], ...] = (
        lambda: foreign.push("web/api", "v1", "theirs"),
        lambda: foreign.pull("web/api", "v1"),
        lambda: world.ecr(ci).describe_images(registryId=OTHER, repositoryName="web/api"),
    )
    for attempt in attempts:
        with pytest.raises(Exception, match=REFUSED):
            attempt()
    assert theirs.describe_images(repositoryName="web/api")["imageDetails"] == []


@pytest.mark.parametrize("password", ["", "wrong", base64.urlsafe_b64encode(b"0" * 64 + b'["root","1",9]').decode()])
def test_strangers_are_asked_to_log_in(world: World, password: str) -> None:
    with images.loopback_only():
        answer = requests.get(
            f"https://{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com:{world.sandbox.place.port}/v2/web/api/manifests/v1",
            auth=("AWS", password) if password else None,
            verify=str(world.sandbox.place.authority),
            proxies={"https": ""},
            timeout=10,
        )
    assert answer.status_code == 401
    assert answer.headers["Www-Authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("name", "part", "audience"),
    [
        ("ci", "ref:refs/heads/dev", "sts.amazonaws.com"),
        ("ci", "pull_request", "sts.amazonaws.com"),
        ("ci", "environment:prod", "sts.amazonaws.com"),
        ("prod", "ref:refs/heads/main", "sts.amazonaws.com"),
        ("ci", "ref:refs/heads/main", "https://github.com/acme"),
    ],
)
def test_other_jobs_are_not_let_in(world: World, name: str, part: str, audience: str) -> None:
    with pytest.raises(ClientError, match=r"AccessDenied|InvalidIdentityToken"):
        world.job(name, part, audience)


def test_after_its_last_grant_the_role_is_gone(world: World) -> None:
    before = world.job("ci", "ref:refs/heads/main")
    registry = world.oci(before)
    world.deploy(GRANTS.replace("push: [ci], ", ""))
    with pytest.raises(ClientError):
        world.job("ci", "ref:refs/heads/main")
    with pytest.raises(Exception, match=REFUSED):
        registry.push("web/api", "v9", "nine")
    world.deploy(GRANTS)
