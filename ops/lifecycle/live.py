"""The images of a repository as AWS has them, and the manifests of its indexes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from ops.lifecycle.targets import Target
from registry.lifecycle import inventory
from registry.lifecycle.algorithm import Outcome, simulate
from registry.lifecycle.images import INDEX_TYPES, Image
from registry.lifecycle.indexes import Manifests, manifests_of
from registry.lifecycle.policy import Rule

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

_BATCH: Final = 100  # images in one BatchGetImage (API)


def images_in(client: ECRClient, repository: str) -> tuple[Image, ...] | None:
    """Every image, archived ones too; None where there is no such repository.

    Without a filter DescribeImages leaves the archived ones out (botocore's model, DescribeImagesFilter).
    """
    pages = client.get_paginator("describe_images").paginate(
        repositoryName=repository, filter={"imageStatus": "ANY"}, PaginationConfig={"PageSize": 1000}
    )
    try:
        rows = (row for page in pages for row in page["imageDetails"])
        return inventory.of_rows(rows, repository).images
    except client.exceptions.RepositoryNotFoundException:
        return None


def policy_of(client: ECRClient, repository: str) -> str | None:
    """The lifecycle policy that a repository has now; None where it has none."""
    try:
        return client.get_lifecycle_policy(repositoryName=repository)["lifecyclePolicyText"]
    except client.exceptions.LifecyclePolicyNotFoundException:
        return None


def simulated(client: ECRClient, target: Target, images: Sequence[Image], now: float) -> Outcome:
    """What the policy of a target does to its images at a time (seconds since 1970)."""
    return simulate(target.rules, images, manifests_in(client, target.repository, images, target.rules), now)


def manifests_in(client: ECRClient, repository: str, images: Sequence[Image], rules: Sequence[Rule]) -> Manifests:
    """The manifests of the indexes.

    BatchGetImage is what a pull asks first, and a pull is written down. So where a rule counts days since the last
    pull they stay unread, and the indexes are reported as having unknown children.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-time-update-exclusions.html
    """
    if any(rule.count_type == "sinceImagePulled" for rule in rules):
        return Manifests()
    return manifests_of(_texts(client, repository, [i.digest for i in images if i.is_index and not i.archived]))


def _texts(client: ECRClient, repository: str, digests: Sequence[str]) -> Iterator[tuple[str, str]]:
    left = iter(digests)
    while batch := list(islice(left, _BATCH)):
        answer = client.batch_get_image(
            repositoryName=repository,
            imageIds=[{"imageDigest": digest} for digest in batch],
            acceptedMediaTypes=sorted(INDEX_TYPES),
        )
        for image in answer["images"]:
            yield image["imageId"]["imageDigest"], image["imageManifest"]
