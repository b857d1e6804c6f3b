"""Deleting, archiving and restoring in the local AWS as the roles that the file makes: whoever may not, cannot."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from registry.errors import ExitCode
from registry.model import Registry
from sandbox.clients import client
from sandbox.environment import environment
from tests.sandbox.conftest import HOME, REPLICA, Sandbox, Scenario
from tests.synth import ROOT

ACCOUNT = "220000000071"
ROLES = ("builder", "node", "retention")
FILE = f"""\
replicas: {{{REPLICA}: {{delete_replication: true}}}}
principals:
  builder: {{role: "arn:aws:iam::{ACCOUNT}:role/builder"}}
  node: {{role: "arn:aws:iam::{ACCOUNT}:role/node"}}
  retention: {{role: "arn:aws:iam::{ACCOUNT}:role/retention"}}
defaults: {{moving_tags: [latest]}}
repositories:
  web/api: {{push: [builder], pull: [node], delete: [retention]}}
  web/ui:
"""
#: What a role that has no more than a grant cannot ask.
ALONE = ("--without", "ecs", "--without", "lambda", "--without", "inspector")


@dataclass(frozen=True)
class World:
    """A deployed registry, and ecrctl as each role."""

    sandbox: Sandbox
    registry: Registry
    file: Path

    def ecrctl(self, role: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A command as a role."""
        return subprocess.run(
            [sys.executable, "-m", "ops", *words, "--registry", str(self.file)],
            cwd=ROOT,
            env={**environment(self.sandbox.place, ACCOUNT, HOME), **self._credentials(role)},
            capture_output=True,
            text=True,
            check=False,
        )

    def ecr(self, role: str) -> Any:
        """ECR's API as a role."""
        said: Any = {key.lower(): value for key, value in self._credentials(role).items()}
        return boto3.client(
            "ecr",
            region_name=HOME,
            endpoint_url=self.sandbox.place.endpoint,
            verify=str(self.sandbox.place.authority),
            config=Config(proxies={}, retries={"max_attempts": 1}),
            **said,
        )

    def push(self, tag: str, text: str) -> str:
        """An image of web/api; its digest."""
        return self.sandbox.push(self.registry, "web/api", tag, text)

    def images(self, region: str = HOME) -> dict[str, tuple[set[str], str]]:
        """Tags and status of every image, by digest."""
        ecr: Any = self.sandbox.client(self.registry, region)
        rows = ecr.describe_images(repositoryName="web/api", filter={"imageStatus": "ANY"})["imageDetails"]
        return {row["imageDigest"]: (set(row["imageTags"]), row["imageStatus"]) for row in rows}

    def _credentials(self, role: str) -> dict[str, str]:
        sts = client(self.sandbox.place, ACCOUNT, HOME, "sts")
        answer = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName="task")["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
            "AWS_SESSION_TOKEN": answer["SessionToken"],
        }


@pytest.fixture
def world(sandbox: Sandbox, scenario: Scenario) -> World:
    iam = client(sandbox.place, ACCOUNT, HOME, "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    for name in ROLES:
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    registry, file = scenario(ACCOUNT, FILE)
    sandbox.put(file)
    return World(sandbox, registry, file)


def test_who_is_granted_it_deletes_and_nobody_else(world: World) -> None:
    one, two = world.push("v1", "one"), world.push("v2", "two")
    assert world.push("latest", "two") == two

    # A pusher cannot delete, a reader cannot write, and both are told which grant would let them.
    for role in ("builder", "node"):
        refused = world.ecrctl(role, "delete", "web/api:v1", *ALONE, "--yes")
        assert refused.returncode == ExitCode.UNKNOWN, refused.stdout + refused.stderr
        assert "`delete:`" in refused.stderr
        assert "Traceback" not in refused.stderr
        ecr = world.ecr(role)
        with pytest.raises(ClientError, match="AccessDenied"):
            ecr.batch_delete_image(repositoryName="web/api", imageIds=[{"imageTag": "v1"}])
        with pytest.raises(ClientError, match="AccessDenied"):
            ecr.update_image_storage_class(
                repositoryName="web/api", imageId={"imageTag": "v1"}, targetStorageClass="ARCHIVE"
            )
    with pytest.raises(ClientError, match="AccessDenied"):
        world.ecr("node").put_image(repositoryName="web/api", imageManifest="{}", imageTag="v3")
    for verb in ("archive", "restore"):
        assert world.ecrctl("node", verb, "web/api:v1", *(ALONE if verb == "archive" else ())).returncode != 0
    assert world.images() == {one: ({"v1"}, "ACTIVE"), two: ({"v2", "latest"}, "ACTIVE")}

    asked_what_runs = world.ecrctl("retention", "delete", "web/api:v1", "--yes")
    assert asked_what_runs.returncode == ExitCode.UNKNOWN
    assert "way out: allow it, or add --without" in asked_what_runs.stderr

    told = world.ecrctl("retention", "delete", "web/api:v1", "web/api:latest", *ALONE, "--json")
    assert told.returncode == 0, told.stderr
    assert {row["action"] for row in json.loads(told.stdout)} == {"delete", "untag"}
    assert f"{REPLICA} will delete them, too" in told.stderr
    done = world.ecrctl("retention", "delete", "web/api:v1", "web/api:latest", *ALONE, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert world.images() == world.images(REPLICA) == {two: ({"v2"}, "ACTIVE")}
    assert world.ecrctl("retention", "delete", "web/ui:v1", *ALONE, "--yes").returncode == ExitCode.UNKNOWN


def test_an_image_goes_into_the_archive_and_comes_back(world: World) -> None:
    digest = world.push("v7", "seven")
    archived = world.ecrctl("retention", "archive", "web/api:v7", *ALONE, "--yes")
    assert archived.returncode == 0, archived.stdout + archived.stderr
    assert world.images()[digest] == ({"v7"}, "ARCHIVED")
    restored = world.ecrctl("retention", "restore", "web/api:v7")
    assert restored.stdout == f"web/api@{digest} (v7) is being restored, which takes up to 20 minutes\n"
    assert world.images()[digest] == ({"v7"}, "ACTIVATING")
    assert world.ecrctl("retention", "restore", "web/api:v7").stdout == f"web/api@{digest} (v7) can be pulled\n"


def test_a_manifest_list_and_its_images(world: World) -> None:
    ecr: Any = world.sandbox.client(world.registry)
    parts = [world.push(f"part-{number}", f"part {number}") for number in range(2)]
    entries = [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": it, "size": 1} for it in parts]
    index = "application/vnd.oci.image.index.v1+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": index, "manifests": entries})
    ecr.put_image(repositoryName="web/api", imageManifest=manifest, imageManifestMediaType=index, imageTag="list-1")
    refused = world.ecrctl("retention", "delete", "web/api:part-0", *ALONE, "--yes")
    assert refused.returncode == ExitCode.NO
    assert "it is part of the manifest list list-1" in refused.stdout
    done = world.ecrctl("retention", "delete", "web/api:list-1", f"web/api@{parts[0]}", *ALONE, "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(world.images()) & {*parts} == {parts[1]}
