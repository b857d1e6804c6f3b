"""A pushed image arrives in another account where that account's registry policy says so."""

import json
from typing import Any

import pytest

from tests.emulator.cloud import Cloud
from tests.emulator.replicas import BOTH, described, let_in, replicate, repositories, status
from tests.emulator.samples import KEY, PULL, lifecycle

REPLICA = "us-west-2"
FILTER: Any = {"filterType": "WILDCARD", "filter": "latest"}


@pytest.fixture
def destination(cloud: Cloud, other: Cloud) -> Cloud:
    """The other account's registry in another region; at home everything goes there, and `web/api` exists."""
    replicate(cloud, other.at(REPLICA))
    cloud.ecr.create_repository(repositoryName="web/api")
    return other.at(REPLICA)


def test_an_image_arrives_where_both_actions_are_allowed(cloud: Cloud, destination: Cloud) -> None:
    let_in(destination, cloud.account, BOTH)
    digest = cloud.put_image("web/api", "one", "v1")

    assert destination.tags("web/api") == {digest: {"v1"}}
    assert described(destination, "web/api")["registryId"] == destination.account
    assert status(cloud) == [{"region": REPLICA, "registryId": destination.account, "status": "COMPLETE"}]


def test_without_a_registry_policy_nothing_arrives(cloud: Cloud, destination: Cloud) -> None:
    cloud.put_image("web/api", "one", "v1")

    assert repositories(destination) == []
    (found,) = status(cloud)
    assert found["status"] == "FAILED"
    assert found["failureCode"] == "REGISTRY_POLICY_DENIED"


def test_without_create_repository_an_image_arrives_only_in_a_repository_that_exists(
    cloud: Cloud, destination: Cloud
) -> None:
    let_in(destination, cloud.account, ["ecr:ReplicateImage"])
    cloud.put_image("web/api", "one", "v1")
    assert repositories(destination) == []

    destination.ecr.create_repository(repositoryName="web/api")
    digest = cloud.put_image("web/api", "two", "v2")
    assert destination.tags("web/api") == {digest: {"v2"}}


def test_without_replicate_image_nothing_arrives_even_in_a_repository_that_exists(
    cloud: Cloud, destination: Cloud
) -> None:
    let_in(destination, cloud.account, ["ecr:CreateRepository"])
    destination.ecr.create_repository(repositoryName="web/api")
    cloud.put_image("web/api", "one", "v1")

    assert destination.tags("web/api") == {}


def test_a_policy_for_another_prefix_or_account_or_region_lets_nothing_in(cloud: Cloud, destination: Cloud) -> None:
    let_in(destination, cloud.account, BOTH, "shop/*")
    cloud.put_image("web/api", "one", "v1")
    let_in(destination, "999999999999", BOTH)
    cloud.put_image("web/api", "two", "v2")
    let_in(destination.at("eu-west-1"), cloud.account, BOTH)
    cloud.put_image("web/api", "three", "v3")
    let_in(destination, cloud.account, BOTH, effect="Deny")
    cloud.put_image("web/api", "four", "v4")

    assert repositories(destination) == []


def test_a_policy_for_the_prefix_lets_only_the_prefix_in(cloud: Cloud, destination: Cloud) -> None:
    let_in(destination, cloud.account, BOTH, "web/*")
    cloud.ecr.create_repository(repositoryName="shop/cart")
    cloud.put_image("shop/cart", "one", "v1")
    cloud.put_image("web/api", "one", "v1")

    assert repositories(destination) == ["web/api"]


def test_the_own_account_needs_no_policy_in_its_other_regions(cloud: Cloud) -> None:
    replicate(cloud, cloud.at(REPLICA))
    let_in(cloud.at(REPLICA), cloud.account, BOTH, effect="Deny")
    cloud.ecr.create_repository(repositoryName="web/api")
    digest = cloud.put_image("web/api", "one", "v1")

    assert cloud.at(REPLICA).tags("web/api") == {digest: {"v1"}}


def test_another_account_in_the_same_region_is_a_destination_too(cloud: Cloud, other: Cloud) -> None:
    replicate(cloud, other)
    let_in(other, cloud.account, BOTH)
    cloud.ecr.create_repository(repositoryName="web/api")
    digest = cloud.put_image("web/api", "one", "v1")

    assert other.tags("web/api") == {digest: {"v1"}}


def test_an_image_from_another_account_is_not_sent_on(cloud: Cloud, destination: Cloud) -> None:
    let_in(destination, cloud.account, BOTH)
    replicate(destination, destination.at("eu-west-1"))
    cloud.push("web/api", "one", "v1")

    assert repositories(destination) == ["web/api"]
    assert repositories(destination.at("eu-west-1")) == []


def template(destination: Cloud, prefix: str, applied_for: str = "REPLICATION", **settings: Any) -> None:
    applied: Any = [applied_for]
    destination.ecr.create_repository_creation_template(prefix=prefix, appliedFor=applied, **settings)


def test_a_missing_repository_gets_every_setting_of_the_destinations_template(cloud: Cloud, destination: Cloud) -> None:
    let_in(destination, cloud.account, BOTH)
    template(
        destination,
        "web",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[FILTER],
        encryptionConfiguration={"encryptionType": "KMS", "kmsKey": KEY},
        lifecyclePolicy=lifecycle(5),
        repositoryPolicy=json.dumps(PULL),
        resourceTags=[{"Key": "team", "Value": "web"}],
        customRoleArn="arn:aws:iam::123456789012:role/ecr-creation",
    )
    cloud.put_image("web/api", "one", "v1")

    created = described(destination, "web/api")
    assert created["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert created["imageTagMutabilityExclusionFilters"] == [FILTER]
    assert created["encryptionConfiguration"] == {"encryptionType": "KMS", "kmsKey": KEY}
    tags = destination.ecr.list_tags_for_resource(resourceArn=created["repositoryArn"])["tags"]
    assert tags == [{"Key": "team", "Value": "web"}]
    policies = destination.ecr.get_lifecycle_policy(repositoryName="web/api")
    assert policies["lifecyclePolicyText"] == lifecycle(5)
    assert json.loads(destination.ecr.get_repository_policy(repositoryName="web/api")["policyText"]) == PULL


@pytest.mark.parametrize(
    ("name", "description"),
    [("web/api", "web"), ("web/team/api", "web/team"), ("webhooks/api", "ROOT"), ("web", "ROOT")],
)
def test_the_template_of_the_longest_prefix_applies_and_root_comes_last(
    cloud: Cloud, other: Cloud, name: str, description: str
) -> None:
    replicate(cloud, other)
    let_in(other, cloud.account, BOTH)
    for prefix in ("web", "ROOT", "web/team"):
        template(other, prefix, lifecyclePolicy=lifecycle(5), repositoryPolicy=json.dumps({"Id": prefix}))
    template(other, "web/team/api", "CREATE_ON_PUSH", repositoryPolicy=json.dumps({"Id": "not for replication"}))
    cloud.ecr.create_repository(repositoryName=name)
    cloud.put_image(name, "one", "v1")

    assert json.loads(other.ecr.get_repository_policy(repositoryName=name)["policyText"]) == {"Id": description}


@pytest.mark.parametrize(
    "settings",
    [
        {"resourceTags": [{"Key": "team", "Value": "web"}]},
        {"encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": KEY}},
    ],
)
def test_a_template_with_tags_or_a_key_and_without_a_role_creates_nothing(
    cloud: Cloud, destination: Cloud, settings: Any
) -> None:
    let_in(destination, cloud.account, BOTH)
    template(destination, "web", **settings)
    cloud.put_image("web/api", "one", "v1")

    assert repositories(destination) == []
    assert status(cloud)[0]["failureCode"] == "REPOSITORY_NOT_CREATED"


def test_a_template_does_nothing_to_a_repository_that_exists(cloud: Cloud, destination: Cloud) -> None:
    let_in(destination, cloud.account, BOTH)
    destination.ecr.create_repository(repositoryName="web/api")
    template(destination, "web", imageTagMutability="IMMUTABLE")
    cloud.put_image("web/api", "one", "v1")

    assert described(destination, "web/api")["imageTagMutability"] == "MUTABLE"
