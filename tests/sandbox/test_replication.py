"""A push at home, seen in another region and in another account; one `cdk deploy --all` made both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ops.drift.repository_settings import declared_settings, differences, live_settings
from registry.load import load
from registry.locations import Location
from registry.model import Registry
from sandbox import run
from sandbox.clients import client
from tests.sandbox.conftest import Sandbox

HOME, OTHER = "230000000001", "230000000002"
AT_HOME, WEST, THERE = (
    Location(HOME, "ap-northeast-2"),
    Location(HOME, "us-west-2"),
    Location(OTHER, "us-west-2"),
)
FILE = f"""\
registry: {{name: acme, account: "{HOME}", region: ap-northeast-2}}
kms_keys: {{alias/images: }}
lifecycles: {{few: [{{keep: {{any: true, last: 3}}}}], deep: [{{keep: {{any: true, last: 7}}}}]}}
replicas:
  us-west-2: {{namespaces: [web]}}
  {THERE}: {{namespaces: [web], delete_replication: true}}
creation_templates:
  web/deep: {{applied_for: [REPLICATION], lifecycle: deep}}
namespaces:
  web: {{lifecycle: few, tags: {{team: web}}, moving_tags: [latest], encryption_type: KMS, kms_key: alias/images}}
repositories:
  web/api:
  data/x:
"""


@dataclass
class World:
    """A registry in two accounts."""

    sandbox: Sandbox
    file: Path
    registry: Registry

    def client(self, at: Location, service: str = "ecr") -> Any:
        return client(self.sandbox.place, at.account, at.region, service)

    def push(self, repository: str, tag: str) -> str:
        return run.oci(self.sandbox.place, AT_HOME).push(repository, tag, f"{repository} {tag}")

    def tags(self, at: Location, repository: str) -> set[str]:
        """The tags of a repository; none where there is no repository."""
        ecr = self.client(at)
        try:
            pages = ecr.get_paginator("describe_images").paginate(repositoryName=repository)
            return {tag for page in pages for image in page["imageDetails"] for tag in image.get("imageTags", ())}
        except ecr.exceptions.RepositoryNotFoundException:
            return set()

    def digest(self, at: Location, tag: str) -> str:
        """What a tag of web/api means at a location."""
        answer = self.client(at).describe_images(repositoryName="web/api", imageIds=[{"imageTag": tag}])
        return str(answer["imageDetails"][0]["imageDigest"])

    def create(self, repository: str) -> None:
        """A repository at home that no file declares."""
        self.client(AT_HOME).create_repository(repositoryName=repository)

    def deploy(self, text: str) -> None:
        self.file.write_text(text)
        self.registry, _ = load(self.file)
        self.sandbox.put(self.file)


@pytest.fixture(scope="module")
def world(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> World:
    file = tmp_path_factory.mktemp("replication") / "registry.yaml"
    file.write_text(FILE)
    found = World(sandbox, file, load(file)[0])
    for account in (HOME, OTHER):
        trusted = [HOME] if account == OTHER else []
        sandbox.bootstrap(found.registry, *(Location(account, at.region) for at in (AT_HOME, WEST)), trusted=trusted)
    done = sandbox.deploy(found.registry, file)
    assert done.returncode == 0, done.stdout + done.stderr
    return found


@pytest.fixture
def without_policy(world: World) -> Iterator[None]:
    """The destination's policy is gone for the time of a test."""
    there = world.client(THERE)
    policy = there.get_registry_policy()["policyText"]
    there.delete_registry_policy()
    yield
    there.put_registry_policy(policyText=policy)


def test_a_push_arrives_in_the_other_region_and_in_the_other_account(world: World) -> None:
    world.push("web/api", "v1")
    assert "v1" in world.tags(WEST, "web/api")
    assert "v1" in world.tags(THERE, "web/api")
    status = world.client(AT_HOME).describe_image_replication_status(
        repositoryName="web/api", imageId={"imageTag": "v1"}
    )["replicationStatuses"]
    assert {(each["registryId"], each["region"], each["status"]) for each in status} == {
        (HOME, "us-west-2", "COMPLETE"),
        (OTHER, "us-west-2", "COMPLETE"),
    }


def test_what_is_not_of_the_namespace_stays_at_home(world: World) -> None:
    world.push("data/x", "v1")
    assert (world.tags(WEST, "data/x"), world.tags(THERE, "data/x")) == (set(), set())


@pytest.mark.parametrize("at", [AT_HOME, WEST, THERE], ids=str)
def test_a_declared_repository_has_its_settings_everywhere(world: World, at: Location) -> None:
    (repository,) = (r for r in world.registry.repositories if r.name == "web/api")
    live = live_settings(world.client(at), "web/api")
    assert live is not None
    assert differences(declared_settings(repository, at), live) == ()
    alias = next(row for row in world.client(at, "kms").list_aliases()["Aliases"] if row["AliasName"] == "alias/images")
    assert live["kmsKey"] == f"arn:aws:kms:{at.region}:{at.account}:key/{alias['TargetKeyId']}"


def test_nothing_arrives_in_an_account_that_does_not_let_it_in(world: World, without_policy: None) -> None:
    world.push("web/api", "v2")
    assert "v2" in world.tags(WEST, "web/api")
    assert "v2" not in world.tags(THERE, "web/api")


@pytest.mark.parametrize("at", [WEST, THERE], ids=str)
@pytest.mark.parametrize(
    ("name", "kept", "mutability", "tags"),
    [
        ("web/new", 3, "IMMUTABLE_WITH_EXCLUSION", {"team": "web"}),
        ("web/deep/new", 7, "MUTABLE", {}),
    ],
)
def test_a_name_to_come_is_created_by_the_template_of_the_longest_prefix(
    world: World, at: Location, name: str, kept: int, mutability: str, tags: dict[str, str]
) -> None:
    if not world.tags(AT_HOME, name):
        world.create(name)
        world.push(name, "v1")
    live = live_settings(world.client(at), name)
    assert live is not None
    assert live["lifecyclePolicy"]["rules"][0]["selection"]["countNumber"] == kept
    assert (live["imageTagMutability"], live["tags"]) == (mutability, tags)
    assert (live["encryptionType"] == "KMS") == bool(tags)


def test_a_deletion_is_replicated_where_the_file_says_so_and_only_there(world: World) -> None:
    world.push("web/api", "v3")
    world.client(AT_HOME).batch_delete_image(repositoryName="web/api", imageIds=[{"imageTag": "v3"}])
    assert "v3" in world.tags(WEST, "web/api")
    assert "v3" not in world.tags(THERE, "web/api")


def test_a_fixed_tag_of_a_replica_is_not_overwritten_and_a_moving_one_is(world: World) -> None:
    first = world.push("web/api", "v8")
    manifest = world.client(AT_HOME).batch_get_image(repositoryName="web/api", imageIds=[{"imageDigest": first}])
    for tag in ("v9", "latest"):
        world.client(THERE).put_image(
            repositoryName="web/api", imageTag=tag, imageManifest=manifest["images"][0]["imageManifest"]
        )
    fixed, moving = world.push("web/api", "v9"), world.push("web/api", "latest")
    assert world.digest(AT_HOME, "v9") == fixed
    assert world.digest(THERE, "v9") == first
    assert world.digest(THERE, "latest") == moving


def test_a_new_repository_is_there_before_its_first_push_is_replicated(world: World) -> None:
    world.deploy(FILE.replace("  data/x:\n", "  data/x:\n  web/born:\n"))
    world.push("web/born", "v1")
    for at in (WEST, THERE):
        assert world.tags(at, "web/born") == {"v1"}
        live = live_settings(world.client(at), "web/born")
        assert live is not None
        assert live["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    world.deploy(FILE)


def test_taking_the_account_out_ends_its_replication_and_keeps_what_is_there(world: World) -> None:
    text = FILE.replace(f"  {THERE}: {{namespaces: [web], delete_replication: true}}\n", "")
    world.deploy(text)
    world.push("web/api", "v7")
    assert "v7" in world.tags(WEST, "web/api")
    assert "v7" not in world.tags(THERE, "web/api")
    assert "v1" in world.tags(THERE, "web/api")
    rules = world.client(AT_HOME).describe_registry()["replicationConfiguration"]["rules"]
    assert {each["registryId"] for rule in rules for each in rule["destinations"]} == {HOME}
