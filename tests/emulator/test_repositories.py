"""A repository in ECR's own API."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import Cloud

MOVING: Any = [{"filterType": "WILDCARD", "filter": "latest"}, {"filterType": "WILDCARD", "filter": "dev*"}]


def described(cloud: Cloud, name: str) -> Any:
    return cloud.ecr.describe_repositories(repositoryNames=[name])["repositories"][0]


@pytest.mark.parametrize("name", ["ab", "web/api", "a__b", "a--b", "a---b/c.d_e", "1/2", "a" * 256])
def test_a_name_of_the_pattern_of_2026_is_taken(cloud: Cloud, name: str) -> None:
    created = cloud.ecr.create_repository(repositoryName=name)

    assert created["repository"]["repositoryName"] == name


@pytest.mark.parametrize("name", ["Web", "web/", "-web", "web_", "a___b", "a..b", "a._b", "a//b", "a" * 257])
def test_another_name_is_refused(cloud: Cloud, name: str) -> None:
    with pytest.raises(ClientError, match=r"InvalidParameterException.*'repositoryName' failed to satisfy"):
        cloud.ecr.create_repository(repositoryName=name)


def test_all_of_them_are_described_a_hundred_at_a_time(cloud: Cloud) -> None:
    names = {f"web/{number:04}" for number in range(1, 203)}
    for name in sorted(names):
        cloud.ecr.create_repository(repositoryName=name)

    pages = list(cloud.ecr.get_paginator("describe_repositories").paginate())
    assert [len(page["repositories"]) for page in pages] == [100, 100, 2]
    assert {row["repositoryName"] for page in pages for row in page["repositories"]} == names
    long = cloud.ecr.describe_repositories(maxResults=1000)
    assert len(long["repositories"]) == 202
    assert "nextToken" not in long


def test_a_repository_says_its_exclusion_filters_from_the_start(cloud: Cloud) -> None:
    created = cloud.ecr.create_repository(
        repositoryName="web/api",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=MOVING,
    )

    assert created["repository"]["imageTagMutabilityExclusionFilters"] == MOVING
    assert described(cloud, "web/api")["imageTagMutabilityExclusionFilters"] == MOVING


def test_exclusion_filters_come_and_go_with_the_mutability_they_belong_to(cloud: Cloud) -> None:
    cloud.ecr.create_repository(repositoryName="web/api")

    changed = cloud.ecr.put_image_tag_mutability(
        repositoryName="web/api",
        imageTagMutability="MUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=MOVING,
    )
    assert changed["imageTagMutabilityExclusionFilters"] == MOVING
    assert described(cloud, "web/api")["imageTagMutabilityExclusionFilters"] == MOVING

    cloud.ecr.put_image_tag_mutability(repositoryName="web/api", imageTagMutability="IMMUTABLE")
    assert described(cloud, "web/api")["imageTagMutability"] == "IMMUTABLE"
    assert "imageTagMutabilityExclusionFilters" not in described(cloud, "web/api")


def test_a_repository_says_its_key_and_its_tags(cloud: Cloud) -> None:
    encryption: Any = {
        "encryptionType": "KMS",
        "kmsKey": f"arn:aws:kms:{cloud.region}:{cloud.account}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    }
    tags: Any = [{"Key": "cost-center", "Value": "42"}]
    cloud.ecr.create_repository(repositoryName="web/api", encryptionConfiguration=encryption, tags=tags)

    repository = described(cloud, "web/api")
    assert repository["encryptionConfiguration"] == encryption
    assert cloud.ecr.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"] == tags
