"""Which tags a push may move, by PutImage and by the OCI endpoint."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import Cloud

MODES = ["MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"]
MOVABLE = [
    ("MUTABLE", "v1.2.3"),
    ("IMMUTABLE_WITH_EXCLUSION", "latest"),
    ("IMMUTABLE_WITH_EXCLUSION", "v1.2.x"),
    ("MUTABLE_WITH_EXCLUSION", "v1.2.3"),
]
FIXED = [
    ("IMMUTABLE", "latest"),
    ("IMMUTABLE_WITH_EXCLUSION", "v1.2.3"),
    ("IMMUTABLE_WITH_EXCLUSION", "latest-2"),
    ("MUTABLE_WITH_EXCLUSION", "latest"),
    ("MUTABLE_WITH_EXCLUSION", "v1.2.x"),
]


def repository(cloud: Cloud, mode: Any) -> str:
    """A repository in this mode; where it has exclusions, they are `latest` and `v*.x`."""
    filters: Any = [{"filterType": "WILDCARD", "filter": each} for each in ("latest", "v*.x")]
    exclusions: Any = {"imageTagMutabilityExclusionFilters": filters} if "EXCLUSION" in mode else {}
    cloud.ecr.create_repository(repositoryName="web/api", imageTagMutability=mode, **exclusions)
    return "web/api"


@pytest.mark.parametrize(("mode", "tag"), MOVABLE)
def test_put_image_moves_a_tag_that_may_move(cloud: Cloud, mode: str, tag: str) -> None:
    name = repository(cloud, mode)
    first, second = cloud.put_image(name, "one", tag), cloud.put_image(name, "two", tag)

    assert cloud.tags(name) == {first: set(), second: {tag}}


@pytest.mark.parametrize(("mode", "tag"), FIXED)
def test_put_image_is_refused_a_tag_that_may_not_move(cloud: Cloud, mode: str, tag: str) -> None:
    name = repository(cloud, mode)
    first = cloud.put_image(name, "one", tag)

    with pytest.raises(ClientError, match=r"ImageTagAlreadyExistsException.*because the tag is immutable"):
        cloud.put_image(name, "two", tag)
    assert cloud.tags(name) == {first: {tag}}


@pytest.mark.parametrize(("mode", "tag"), MOVABLE)
def test_a_client_moves_a_tag_that_may_move(cloud: Cloud, mode: str, tag: str) -> None:
    name = repository(cloud, mode)

    assert cloud.push(name, "one", tag).status == 201
    pushed = cloud.push(name, "two", tag)

    assert pushed.status == 201
    assert cloud.tags(name)[pushed.headers["Docker-Content-Digest"]] == {tag}


@pytest.mark.parametrize(("mode", "tag"), FIXED)
def test_a_client_is_refused_a_tag_that_may_not_move(cloud: Cloud, mode: str, tag: str) -> None:
    name = repository(cloud, mode)
    first = cloud.push(name, "one", tag).headers["Docker-Content-Digest"]

    refused = cloud.push(name, "two", tag)

    assert refused.status == 400
    (error,) = json.loads(refused.data)["errors"]
    assert error["code"] == "TAG_INVALID"
    assert error["message"] == (
        f"The image tag '{tag}' already exists in the 'web/api' repository "
        "and cannot be overwritten because the tag is immutable."
    )
    assert cloud.tags(name) == {first: {tag}}


@pytest.mark.parametrize("mode", MODES)
def test_the_same_image_with_the_same_tag_is_refused_by_put_image(cloud: Cloud, mode: str) -> None:
    name = repository(cloud, mode)
    cloud.put_image(name, "one", "v1")

    with pytest.raises(ClientError, match="ImageAlreadyExistsException"):
        cloud.put_image(name, "one", "v1")


@pytest.mark.parametrize("mode", MODES)
def test_a_client_may_push_the_same_image_with_the_same_tag_again(cloud: Cloud, mode: str) -> None:
    name = repository(cloud, mode)
    cloud.push(name, "one", "v1")

    assert cloud.push(name, "one", "v1").status == 201


@pytest.mark.parametrize("mode", MODES)
def test_an_image_may_get_a_second_tag(cloud: Cloud, mode: str) -> None:
    name = repository(cloud, mode)
    digest = cloud.put_image(name, "one", "v1.2.3")
    cloud.put_image(name, "one", "latest")

    assert cloud.tags(name) == {digest: {"v1.2.3", "latest"}}


def test_a_push_to_a_repository_that_is_missing_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="RepositoryNotFoundException"):
        cloud.put_image("web/api", "one", "v1")
    assert cloud.oci("PUT", "web/api/manifests/v1", b"{}").status == 404
