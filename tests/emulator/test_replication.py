"""A pushed image arrives in the other regions of its account."""

from typing import Any

import pytest

from tests.emulator.cloud import Cloud, digest_of, manifest_of

REPLICA = "us-west-2"
FURTHER = "eu-west-1"


def replicate(cloud: Cloud, *regions: str, prefixes: tuple[str, ...] = ()) -> None:
    rule: Any = {"destinations": [{"region": each, "registryId": cloud.account} for each in regions]}
    if prefixes:
        rule["repositoryFilters"] = [{"filter": each, "filterType": "PREFIX_MATCH"} for each in prefixes]
    cloud.ecr.put_replication_configuration(replicationConfiguration={"rules": [rule]})


def repositories(cloud: Cloud) -> list[str]:
    return [each["repositoryName"] for each in cloud.ecr.describe_repositories()["repositories"]]


@pytest.fixture
def replica(cloud: Cloud) -> Cloud:
    """The other region; at home everything under `web/` goes there, and `web/api` exists."""
    replicate(cloud, REPLICA, prefixes=("web/",))
    cloud.ecr.create_repository(repositoryName="web/api")
    return cloud.at(REPLICA)


def test_an_image_put_with_the_api_arrives_with_its_tag(cloud: Cloud, replica: Cloud) -> None:
    digest = cloud.put_image("web/api", "one", "v1")

    assert replica.tags("web/api") == {digest: {"v1"}}


def test_an_image_pushed_by_a_client_can_be_pulled_in_the_other_region(cloud: Cloud, replica: Cloud) -> None:
    cloud.push("web/api", "one", "v1")

    pulled = replica.oci("GET", "web/api/manifests/v1")
    assert pulled.data == manifest_of("one").encode()
    assert replica.oci("GET", f"web/api/blobs/{digest_of(b'one')}").data == b"one"
    assert replica.oci("GET", f"web/api/manifests/{digest_of(pulled.data)}").status == 200


def test_a_repository_that_is_missing_is_created_with_ecrs_defaults(cloud: Cloud, replica: Cloud) -> None:
    cloud.ecr.create_repository(
        repositoryName="web/strict",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        encryptionConfiguration={"encryptionType": "KMS"},
        tags=[{"Key": "team", "Value": "web"}],
    )
    cloud.put_image("web/strict", "one", "v1")

    (created,) = replica.ecr.describe_repositories(repositoryNames=["web/strict"])["repositories"]
    assert created["repositoryArn"] == f"arn:aws:ecr:{REPLICA}:{cloud.account}:repository/web/strict"
    assert created["imageTagMutability"] == "MUTABLE"
    assert created["imageScanningConfiguration"] == {"scanOnPush": False}
    assert created["encryptionConfiguration"] == {"encryptionType": "AES256"}
    assert replica.ecr.list_tags_for_resource(resourceArn=created["repositoryArn"])["tags"] == []


def test_a_repository_that_exists_keeps_its_settings(cloud: Cloud, replica: Cloud) -> None:
    replica.ecr.create_repository(repositoryName="web/api", imageTagMutability="IMMUTABLE")
    digest = cloud.put_image("web/api", "one", "v1")

    (kept,) = replica.ecr.describe_repositories(repositoryNames=["web/api"])["repositories"]
    assert kept["imageTagMutability"] == "IMMUTABLE"
    assert replica.tags("web/api") == {digest: {"v1"}}


def test_only_names_that_begin_with_the_filter_are_replicated(cloud: Cloud, replica: Cloud) -> None:
    cloud.ecr.create_repository(repositoryName="webhooks/api")
    cloud.put_image("webhooks/api", "one", "v1")
    cloud.put_image("web/api", "one", "v1")

    assert repositories(replica) == ["web/api"]


def test_without_a_filter_everything_is_replicated(cloud: Cloud) -> None:
    replicate(cloud, REPLICA)
    cloud.ecr.create_repository(repositoryName="any/thing")
    cloud.put_image("any/thing", "one", "v1")

    assert repositories(cloud.at(REPLICA)) == ["any/thing"]


def test_every_region_of_the_rules_gets_the_image(cloud: Cloud) -> None:
    replicate(cloud, REPLICA, FURTHER)
    cloud.ecr.create_repository(repositoryName="web/api")
    digest = cloud.put_image("web/api", "one", "v1")

    assert cloud.at(REPLICA).tags("web/api") == {digest: {"v1"}}
    assert cloud.at(FURTHER).tags("web/api") == {digest: {"v1"}}


@pytest.mark.parametrize("way", ["PutImage", "OCI"])
def test_a_replicated_image_is_not_replicated_on(cloud: Cloud, replica: Cloud, way: str) -> None:
    replicate(replica, FURTHER)
    if way == "PutImage":
        cloud.put_image("web/api", "one", "v1")
    else:
        cloud.push("web/api", "one", "v1")

    assert repositories(replica) == ["web/api"]
    assert repositories(cloud.at(FURTHER)) == []


def test_what_was_there_before_the_rule_is_not_replicated(cloud: Cloud) -> None:
    cloud.ecr.create_repository(repositoryName="web/api")
    cloud.put_image("web/api", "one", "v1")
    replicate(cloud, REPLICA)
    later = cloud.put_image("web/api", "two", "v2")

    assert cloud.at(REPLICA).tags("web/api") == {later: {"v2"}}


def test_a_second_tag_and_a_moved_tag_follow(cloud: Cloud, replica: Cloud) -> None:
    one = cloud.put_image("web/api", "one", "v1")
    cloud.put_image("web/api", "one", "latest")
    assert replica.tags("web/api") == {one: {"v1", "latest"}}

    two = cloud.put_image("web/api", "two", "latest")
    assert replica.tags("web/api") == {one: {"v1"}, two: {"latest"}}


def test_an_image_without_a_tag_is_replicated(cloud: Cloud, replica: Cloud) -> None:
    digest = cloud.put_image("web/api", "one")

    assert replica.tags("web/api") == {digest: set()}


def test_an_immutable_destination_gets_the_image_without_the_tag_it_already_has(cloud: Cloud, replica: Cloud) -> None:
    replica.ecr.create_repository(repositoryName="web/api", imageTagMutability="IMMUTABLE")
    one = cloud.put_image("web/api", "one", "latest")
    two = cloud.put_image("web/api", "two", "latest")

    assert cloud.tags("web/api") == {one: set(), two: {"latest"}}
    assert replica.tags("web/api") == {one: {"latest"}, two: set()}


def test_a_moving_tag_moves_in_a_destination_that_excludes_it(cloud: Cloud, replica: Cloud) -> None:
    replica.ecr.create_repository(
        repositoryName="web/api",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "latest"}],
    )
    one = cloud.put_image("web/api", "one", "latest")
    two = cloud.put_image("web/api", "two", "latest")

    assert replica.tags("web/api") == {one: set(), two: {"latest"}}


def test_a_refused_push_is_not_replicated(cloud: Cloud, replica: Cloud) -> None:
    cloud.ecr.put_image_tag_mutability(repositoryName="web/api", imageTagMutability="IMMUTABLE")
    one = cloud.push("web/api", "one", "v1").headers["Docker-Content-Digest"]

    assert cloud.push("web/api", "two", "v1").status == 400
    assert replica.tags("web/api") == {one: {"v1"}}


def test_deleting_an_image_leaves_its_replica(cloud: Cloud, replica: Cloud) -> None:
    digest = cloud.put_image("web/api", "one", "v1")
    cloud.ecr.batch_delete_image(repositoryName="web/api", imageIds=[{"imageDigest": digest}])

    assert replica.tags("web/api") == {digest: {"v1"}}
