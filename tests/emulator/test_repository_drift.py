"""Drift of `AWS::ECR::Repository`: every declared setting is compared, and nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.emulator import stacks
from tests.emulator.cloud import Cloud
from tests.emulator.samples import EVERYTHING, NAME, PULL, arn, described, lifecycle


def deploy(cloud: Cloud, **properties: Any) -> str:
    return stacks.deploy(cloud, "web", {"Resource": stacks.repository(NAME, **properties)}, tags={"registry": "acme"})


def test_what_was_deployed_has_not_drifted(cloud: Cloud) -> None:
    deploy(cloud, **EVERYTHING)

    assert stacks.drift(cloud, "web") == stacks.in_sync()


CHANGES: dict[str, tuple[Callable[[Cloud], Any], set[str]]] = {
    "mutability": (
        lambda cloud: cloud.ecr.put_image_tag_mutability(
            repositoryName=NAME,
            imageTagMutability="MUTABLE_WITH_EXCLUSION",
            imageTagMutabilityExclusionFilters=described(cloud)["imageTagMutabilityExclusionFilters"],
        ),
        {"/ImageTagMutability"},
    ),
    "an exclusion filter": (
        lambda cloud: cloud.ecr.put_image_tag_mutability(
            repositoryName=NAME,
            imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
            imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "latest"}],
        ),
        {"/ImageTagMutabilityExclusionFilters/1"},
    ),
    "scan on push": (
        lambda cloud: cloud.ecr.put_image_scanning_configuration(
            repositoryName=NAME, imageScanningConfiguration={"scanOnPush": False}
        ),
        {"/ImageScanningConfiguration/ScanOnPush"},
    ),
    "the lifecycle policy": (
        lambda cloud: cloud.ecr.put_lifecycle_policy(repositoryName=NAME, lifecyclePolicyText=lifecycle(6)),
        {"/LifecyclePolicy/LifecyclePolicyText"},
    ),
    "no lifecycle policy": (
        lambda cloud: cloud.ecr.delete_lifecycle_policy(repositoryName=NAME),
        {"/LifecyclePolicy"},
    ),
    "the repository policy": (
        lambda cloud: cloud.ecr.set_repository_policy(
            repositoryName=NAME, policyText=json.dumps(PULL | {"Version": "2008-10-17"})
        ),
        {"/RepositoryPolicyText/Version"},
    ),
    "no repository policy": (
        lambda cloud: cloud.ecr.delete_repository_policy(repositoryName=NAME),
        {"/RepositoryPolicyText"},
    ),
    "a tag": (
        lambda cloud: cloud.ecr.tag_resource(resourceArn=arn(cloud), tags=[{"Key": "team", "Value": "shop"}]),
        {"/Tags/0/Value"},
    ),
    "the stack's tag": (
        lambda cloud: cloud.ecr.untag_resource(resourceArn=arn(cloud), tagKeys=["registry"]),
        {"/Tags/1"},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_setting_changed_by_hand_has_drifted(cloud: Cloud, change: str) -> None:
    by_hand, paths = CHANGES[change]
    deploy(cloud, **EVERYTHING)
    by_hand(cloud)

    assert stacks.drift(cloud, "web") == {"Resource": ("MODIFIED", paths)}


def test_other_encryption_has_drifted(cloud: Cloud) -> None:
    deploy(cloud, **EVERYTHING)
    cloud.ecr.delete_repository(repositoryName=NAME)
    cloud.ecr.create_repository(repositoryName=NAME)

    status, paths = stacks.drift(cloud, "web")["Resource"]
    assert status == "MODIFIED"
    assert {"/EncryptionConfiguration/EncryptionType", "/EncryptionConfiguration/KmsKey"} <= paths


def test_a_repository_that_is_gone_has_drifted(cloud: Cloud) -> None:
    deploy(cloud)
    cloud.ecr.delete_repository(repositoryName=NAME)

    assert stacks.drift(cloud, "web") == {"Resource": ("DELETED", set())}


def test_what_the_template_does_not_declare_is_no_drift(cloud: Cloud) -> None:
    deploy(cloud)
    cloud.ecr.set_repository_policy(repositoryName=NAME, policyText=json.dumps(PULL))
    cloud.ecr.put_lifecycle_policy(repositoryName=NAME, lifecyclePolicyText=lifecycle(5))

    assert stacks.drift(cloud, "web") == stacks.in_sync()
