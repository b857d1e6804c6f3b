"""`AWS::ECR::Repository` in CloudFormation: created, updated, replaced, deleted."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator import stacks
from tests.emulator.cloud import Cloud
from tests.emulator.samples import DEV, EVERYTHING, KEY, NAME, PULL, described, lifecycle, tags


def deploy(cloud: Cloud, name: str | None = NAME, **properties: Any) -> str:
    return stacks.deploy(cloud, "web", {"Resource": stacks.repository(name, **properties)})


def test_a_repository_has_every_setting_of_its_template(cloud: Cloud) -> None:
    assert deploy(cloud, **EVERYTHING) == "CREATE_COMPLETE"

    live = described(cloud)
    assert live["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert live["imageTagMutabilityExclusionFilters"] == [
        {"filterType": "WILDCARD", "filter": "latest"},
        {"filterType": "WILDCARD", "filter": "dev*"},
    ]
    assert live["imageScanningConfiguration"] == {"scanOnPush": True}
    assert live["encryptionConfiguration"] == {"encryptionType": "KMS", "kmsKey": KEY}
    assert tags(cloud) == {"team": "web"}
    assert cloud.ecr.get_lifecycle_policy(repositoryName=NAME)["lifecyclePolicyText"] == lifecycle(5)
    assert json.loads(cloud.ecr.get_repository_policy(repositoryName=NAME)["policyText"]) == PULL


def test_exclusion_filters_of_a_template_are_enforced_on_push(cloud: Cloud) -> None:
    deploy(cloud, **EVERYTHING)
    cloud.put_image(NAME, "one", "latest")
    cloud.put_image(NAME, "one", "v1")

    cloud.put_image(NAME, "two", "latest")
    with pytest.raises(ClientError, match="ImageTagAlreadyExistsException"):
        cloud.put_image(NAME, "two", "v1")


def test_a_live_repository_is_not_taken_over(cloud: Cloud) -> None:
    cloud.ecr.create_repository(repositoryName=NAME, tags=[{"Key": "team", "Value": "old"}])

    assert deploy(cloud, **EVERYTHING) == "ROLLBACK_COMPLETE"

    message = "Resource of type 'AWS::ECR::Repository' with identifier 'web/api' already exists."
    assert stacks.failures(cloud, "web") == [message]
    assert described(cloud)["imageTagMutability"] == "MUTABLE"
    assert tags(cloud) == {"team": "old"}


@pytest.mark.parametrize("name", ["a__b", "a--b/c"])
def test_a_name_of_the_pattern_of_2026_is_deployed(cloud: Cloud, name: str) -> None:
    assert deploy(cloud, name) == "CREATE_COMPLETE"
    assert described(cloud, name)["repositoryName"] == name


def test_a_name_that_ecr_refuses_fails_the_stack(cloud: Cloud) -> None:
    assert deploy(cloud, "Web/api") == "ROLLBACK_COMPLETE"
    assert "'repositoryName' failed to satisfy constraint" in stacks.failures(cloud, "web")[0]


def test_a_repository_without_a_name_is_named_by_its_stack(cloud: Cloud) -> None:
    assert deploy(cloud, None) == "CREATE_COMPLETE"

    (created,) = cloud.ecr.describe_repositories()["repositories"]
    assert created["repositoryName"].startswith("web-resource-")


def test_an_update_replaces_the_exclusion_filters(cloud: Cloud) -> None:
    deploy(cloud, **EVERYTHING)

    assert deploy(cloud, **EVERYTHING | {"ImageTagMutabilityExclusionFilters": [DEV]}) == "UPDATE_COMPLETE"
    assert described(cloud)["imageTagMutabilityExclusionFilters"] == [{"filterType": "WILDCARD", "filter": "dev*"}]


def test_a_failed_update_puts_the_exclusion_filters_back(cloud: Cloud) -> None:
    cloud.ecr.create_repository(repositoryName="taken")
    deploy(cloud, **EVERYTHING)

    changed = stacks.repository(NAME, **EVERYTHING | {"ImageTagMutabilityExclusionFilters": [DEV]})
    failing = stacks.repository("taken") | {"DependsOn": "Resource"}
    ended = stacks.deploy(cloud, "web", {"Resource": changed, "Failing": failing})

    assert ended == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.drift(cloud, "web") == stacks.in_sync()


def test_an_update_deletes_a_live_policy_that_the_template_does_not_declare(cloud: Cloud) -> None:
    deploy(cloud)
    cloud.ecr.set_repository_policy(repositoryName=NAME, policyText=json.dumps(PULL))

    assert deploy(cloud, Tags=[{"Key": "team", "Value": "web"}]) == "UPDATE_COMPLETE"
    with pytest.raises(ClientError, match="RepositoryPolicyNotFoundException"):
        cloud.ecr.get_repository_policy(repositoryName=NAME)


def test_a_stack_update_that_leaves_the_repository_alone_leaves_its_live_policy(cloud: Cloud) -> None:
    deploy(cloud)
    cloud.ecr.set_repository_policy(repositoryName=NAME, policyText=json.dumps(PULL))

    more = {"Resource": stacks.repository(NAME), "Other": stacks.repository("web/other")}
    assert stacks.deploy(cloud, "web", more) == "UPDATE_COMPLETE"
    assert json.loads(cloud.ecr.get_repository_policy(repositoryName=NAME)["policyText"]) == PULL


def test_the_update_of_a_repository_that_is_gone_fails(cloud: Cloud) -> None:
    deploy(cloud)
    cloud.ecr.delete_repository(repositoryName=NAME)

    assert deploy(cloud, ImageTagMutability="IMMUTABLE") == "UPDATE_ROLLBACK_COMPLETE"
    message = "Resource of type 'AWS::ECR::Repository' with identifier 'web/api' was not found."
    assert stacks.failures(cloud, "web") == [message]


def test_other_encryption_under_the_same_name_is_refused(cloud: Cloud) -> None:
    deploy(cloud)

    ended = deploy(cloud, EncryptionConfiguration={"EncryptionType": "KMS", "KmsKey": KEY})

    assert ended == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.failures(cloud, "web") == [
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
        "Rename web/api and update the stack again."
    ]
    assert described(cloud)["encryptionConfiguration"] == {"encryptionType": "AES256"}


def test_another_name_makes_another_repository_and_retains_the_first(cloud: Cloud) -> None:
    deploy(cloud)
    cloud.put_image(NAME, "one", "v1")

    (change,) = stacks.planned(cloud, "web", {"Resource": stacks.repository("web/backend")})
    assert change["Replacement"] == "True"
    assert deploy(cloud, "web/backend") == "UPDATE_COMPLETE"

    names = {each["repositoryName"] for each in cloud.ecr.describe_repositories()["repositories"]}
    assert names == {NAME, "web/backend"}
    assert cloud.tags("web/backend") == {}


def test_a_repository_that_leaves_the_template_is_retained(cloud: Cloud) -> None:
    both = {"Resource": stacks.repository(NAME), "Other": stacks.repository("web/other")}
    stacks.deploy(cloud, "web", both)

    assert stacks.deploy(cloud, "web", {"Other": both["Other"]}) == "UPDATE_COMPLETE"
    assert described(cloud)["repositoryName"] == NAME


def test_a_repository_with_images_is_not_deleted(cloud: Cloud) -> None:
    stacks.deploy(cloud, "web", {"Resource": stacks.repository(NAME) | {"DeletionPolicy": "Delete"}})
    digest = cloud.put_image(NAME, "one", "v1")

    assert stacks.delete(cloud, "web") == "DELETE_FAILED"
    assert stacks.failures(cloud, "web") == ["The repository with name 'web/api' is not empty"]
    assert cloud.tags(NAME) == {digest: {"v1"}}


def test_empty_on_delete_deletes_the_images_too(cloud: Cloud) -> None:
    emptied = stacks.repository(NAME, EmptyOnDelete=True) | {"DeletionPolicy": "Delete"}
    stacks.deploy(cloud, "web", {"Resource": emptied})
    cloud.put_image(NAME, "one", "v1")

    assert stacks.delete(cloud, "web") == "DELETE_COMPLETE"
    assert cloud.ecr.describe_repositories()["repositories"] == []
