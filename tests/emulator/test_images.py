"""Images with several tags."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import MANIFEST, Cloud, digest_of

NAME = "web/api"


@pytest.fixture
def repository(cloud: Cloud) -> str:
    cloud.ecr.create_repository(repositoryName=NAME)
    return NAME


def ids(*pairs: tuple[str, str | None]) -> list[dict[str, str]]:
    return [{"imageDigest": digest} | ({"imageTag": tag} if tag else {}) for digest, tag in pairs]


def by_tag(image_id: Any) -> tuple[str, str]:
    return image_id["imageDigest"], image_id.get("imageTag", "")


def test_list_images_names_every_tag_and_every_image_without_one(cloud: Cloud, repository: str) -> None:
    one, two = cloud.put_image(repository, "one", "v1"), cloud.put_image(repository, "two")
    cloud.put_image(repository, "one", "latest")

    listed = cloud.ecr.list_images(repositoryName=repository)["imageIds"]

    assert sorted(listed, key=by_tag) == sorted(ids((one, "v1"), (one, "latest"), (two, None)), key=by_tag)


def test_list_images_filters_by_tag_status(cloud: Cloud, repository: str) -> None:
    one, two = cloud.put_image(repository, "one", "v1"), cloud.put_image(repository, "two")

    tagged = cloud.ecr.list_images(repositoryName=repository, filter={"tagStatus": "TAGGED"})
    untagged = cloud.ecr.list_images(repositoryName=repository, filter={"tagStatus": "UNTAGGED"})

    assert tagged["imageIds"] == ids((one, "v1"))
    assert untagged["imageIds"] == ids((two, None))


def test_a_moved_tag_is_listed_once(cloud: Cloud, repository: str) -> None:
    one, two = cloud.put_image(repository, "one", "latest"), cloud.put_image(repository, "two", "latest")

    listed = cloud.ecr.list_images(repositoryName=repository)["imageIds"]

    assert sorted(listed, key=by_tag) == sorted(ids((one, None), (two, "latest")), key=by_tag)


def test_batch_get_image_names_the_tag_it_was_asked_for(cloud: Cloud, repository: str) -> None:
    one = cloud.put_image(repository, "one", "v1")
    cloud.put_image(repository, "one", "latest")

    answer = cloud.ecr.batch_get_image(
        repositoryName=repository, imageIds=[{"imageTag": "v1"}, {"imageTag": "gone"}, {"imageDigest": one}]
    )

    assert [image["imageId"] for image in answer["images"]] == ids((one, "v1"), (one, None))
    assert [failure["imageId"] for failure in answer["failures"]] == [{"imageTag": "gone"}]


def test_describe_images_refuses_an_image_that_is_not_there(cloud: Cloud, repository: str) -> None:
    cloud.put_image(repository, "one", "v1")

    with pytest.raises(ClientError, match=r"ImageNotFoundException.*imageTag:'gone'}"):
        cloud.ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": "gone"}])


def test_deleting_one_of_several_tags_leaves_the_image_and_its_other_tags(cloud: Cloud, repository: str) -> None:
    one = cloud.put_image(repository, "one", "v1")
    cloud.put_image(repository, "one", "latest")

    answer = cloud.ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": "latest"}])

    assert answer["imageIds"] == ids((one, "latest"))
    assert cloud.tags(repository) == {one: {"v1"}}


def test_deleting_the_last_tag_deletes_the_image(cloud: Cloud, repository: str) -> None:
    cloud.put_image(repository, "one", "v1")

    cloud.ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": "v1"}])

    assert cloud.tags(repository) == {}


def test_deleting_by_digest_deletes_the_image_with_all_its_tags(cloud: Cloud, repository: str) -> None:
    one = cloud.put_image(repository, "one", "v1")
    cloud.put_image(repository, "one", "latest")

    answer = cloud.ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageDigest": one}])

    assert sorted(answer["imageIds"], key=by_tag) == ids((one, "latest"), (one, "v1"))
    assert cloud.tags(repository) == {}


def test_a_deleted_image_cannot_be_pulled_by_its_digest(cloud: Cloud, repository: str) -> None:
    digest = cloud.push(repository, "one", "v1").headers["Docker-Content-Digest"]
    assert cloud.oci("GET", f"{repository}/manifests/{digest}").status == 200

    cloud.ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageDigest": digest}])

    assert cloud.oci("GET", f"{repository}/manifests/{digest}").status == 404


def test_a_tag_and_the_digest_of_another_image_delete_nothing(cloud: Cloud, repository: str) -> None:
    one, two = cloud.put_image(repository, "one", "v1"), cloud.put_image(repository, "two", "v2")

    answer = cloud.ecr.batch_delete_image(
        repositoryName=repository,
        imageIds=[{"imageDigest": one, "imageTag": "v2"}, {"imageTag": "gone"}],
    )

    codes = [failure["failureCode"] for failure in answer["failures"]]
    assert codes == ["ImageTagDoesNotMatchDigest", "ImageNotFound"]
    assert cloud.tags(repository) == {one: {"v1"}, two: {"v2"}}


def test_an_image_that_a_manifest_list_names_is_not_deleted_before_it(cloud: Cloud, repository: str) -> None:
    one, two = cloud.put_image(repository, "one", "v1-amd64"), cloud.put_image(repository, "two")
    index = cloud.put_list(repository, "v1", one, two)

    by_tag_and_by_digest: Any = [{"imageTag": "v1-amd64"}, {"imageDigest": two}]
    refused = cloud.ecr.batch_delete_image(repositoryName=repository, imageIds=by_tag_and_by_digest)["failures"]
    assert [it["failureCode"] for it in refused] == ["ImageReferencedByManifestList"] * 2
    assert index in refused[0]["failureReason"]

    cloud.ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": "v1"}])
    assert cloud.tags(repository) == {one: {"v1-amd64"}, two: set()}
    assert cloud.ecr.batch_delete_image(repositoryName=repository, imageIds=by_tag_and_by_digest)["failures"] == []


def test_one_of_several_tags_goes_though_a_manifest_list_names_the_image(cloud: Cloud, repository: str) -> None:
    one = cloud.put_image(repository, "one", "a")
    cloud.put_image(repository, "one", "b")
    cloud.put_list(repository, "v1", one)
    assert cloud.ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": "a"}])["failures"] == []


def test_an_archived_image_is_listed_when_it_is_asked_for_and_not_pulled(cloud: Cloud, repository: str) -> None:
    digest = cloud.push(repository, "one", "v1").headers["Docker-Content-Digest"]
    moved = cloud.ecr.update_image_storage_class(
        repositoryName=repository, imageId={"imageTag": "v1"}, targetStorageClass="ARCHIVE"
    )
    assert (moved["imageStatus"], moved["imageId"]["imageDigest"]) == ("ARCHIVED", digest)
    assert cloud.ecr.describe_images(repositoryName=repository)["imageDetails"] == []
    assert statuses(cloud, repository) == ["ARCHIVED"]
    assert cloud.oci("GET", f"{repository}/manifests/v1").status == 404
    assert cloud.ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": "v1"}])["images"] == []


def test_a_restored_image_is_being_restored_first_and_can_be_pulled_then(cloud: Cloud, repository: str) -> None:
    cloud.push(repository, "one", "v1")
    for storage_class in ("ARCHIVE", "STANDARD"):
        moved = cloud.ecr.update_image_storage_class(
            repositoryName=repository, imageId={"imageTag": "v1"}, targetStorageClass=storage_class
        )
    assert moved["imageStatus"] == "ACTIVATING"
    assert cloud.oci("GET", f"{repository}/manifests/v1").status == 404
    assert [statuses(cloud, repository) for _ in range(2)] == [["ACTIVATING"], ["ACTIVE"]]
    assert cloud.oci("GET", f"{repository}/manifests/v1").status == 200


def test_a_push_restores_at_once(cloud: Cloud, repository: str) -> None:
    cloud.push(repository, "one", "v1")
    cloud.ecr.update_image_storage_class(
        repositoryName=repository, imageId={"imageTag": "v1"}, targetStorageClass="ARCHIVE"
    )
    cloud.push(repository, "one", "v2")
    assert statuses(cloud, repository) == ["ACTIVE"]


@pytest.mark.parametrize("wanted", ["TAGGED", "UNTAGGED"])
def test_describe_images_filters_by_tags_too(cloud: Cloud, repository: str, wanted: Any) -> None:
    by = {"TAGGED": cloud.put_image(repository, "one", "v1"), "UNTAGGED": cloud.put_image(repository, "two")}
    rows = cloud.ecr.describe_images(repositoryName=repository, filter={"tagStatus": wanted})["imageDetails"]
    assert [row["imageDigest"] for row in rows] == [by[wanted]]


def statuses(cloud: Cloud, repository: str) -> list[str]:
    """As who lists every image sees them."""
    wanted: Any = {"imageStatus": "ANY"}
    rows = cloud.ecr.describe_images(repositoryName=repository, filter=wanted)["imageDetails"]
    return [row["imageStatus"] for row in rows]


def referring(cloud: Cloud, repository: str, subject: str) -> str:
    """A signature of an image; its digest."""
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/vnd.cncf.notary.signature",
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": digest_of(b"{}"), "size": 2},
        "layers": [], "subject": {"mediaType": MANIFEST, "digest": subject, "size": 2},
    })  # fmt: skip
    put = cloud.ecr.put_image(repositoryName=repository, imageManifest=manifest, imageManifestMediaType=MANIFEST)
    return put["image"]["imageId"]["imageDigest"]


def test_what_refers_to_an_image_is_listed_and_says_so_itself(cloud: Cloud, repository: str) -> None:
    one = cloud.put_image(repository, "one", "v1")
    signature = referring(cloud, repository, one)
    (found,) = cloud.ecr.list_image_referrers(repositoryName=repository, subjectId={"imageDigest": one})["referrers"]
    assert (found["digest"], found["artifactType"]) == (signature, "application/vnd.cncf.notary.signature")
    none = cloud.ecr.list_image_referrers(repositoryName=repository, subjectId={"imageDigest": signature})
    assert none["referrers"] == []
    tagged, untagged = (
        cloud.ecr.describe_images(repositoryName=repository, filter={"tagStatus": status})["imageDetails"]
        for status in ("TAGGED", "UNTAGGED")
    )
    assert [it["imageDigest"] for it in tagged] == [one]
    assert [(it["subjectManifestDigest"], it["artifactMediaType"]) for it in untagged] == [
        (one, "application/vnd.cncf.notary.signature")
    ]


def test_no_image_is_signed_and_one_that_is_not_there_has_no_status(cloud: Cloud, repository: str) -> None:
    cloud.put_image(repository, "one", "v1")
    asked = cloud.ecr.describe_image_signing_status(repositoryName=repository, imageId={"imageTag": "v1"})
    assert asked["signingStatuses"] == []
    with pytest.raises(cloud.ecr.exceptions.ImageNotFoundException):
        cloud.ecr.describe_image_signing_status(repositoryName=repository, imageId={"imageTag": "v2"})


def test_no_image_was_scanned(cloud: Cloud, repository: str) -> None:
    cloud.put_image(repository, "one", "v1")
    for tag, refused in (("v1", "ScanNotFoundException"), ("v2", "ImageNotFoundException")):
        with pytest.raises(getattr(cloud.ecr.exceptions, refused)):
            cloud.ecr.describe_image_scan_findings(repositoryName=repository, imageId={"imageTag": tag})


def test_what_came_by_the_api_is_pulled_by_its_digest(cloud: Cloud, repository: str) -> None:
    one = cloud.put_image(repository, "one")
    assert cloud.oci("GET", f"{repository}/manifests/{one}").status == 200
