"""Images with several tags, in manifest lists and in the archive: listed, read and deleted tag by tag.

ministack keeps one image id per image, with the tag of the last push, even after that tag moved on; and it
deletes the whole image when asked to remove one of its tags. It knows no storage classes, and deletes what a manifest
list names. It takes the length of a manifest for the size of an image.
"""

import json

from ministack.core.responses import get_account_id
from ministack.services import ecr

from sandbox.emulator import archive
from sandbox.emulator.answers import Answer, Json, answer, body_of, refusal, repository_not_found

_stock_batch_get_image = ecr._batch_get_image
_stock_describe_images = ecr._describe_images


def list_images(data: Json) -> Answer:
    """One image id for each tag, and one for an image without tags.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImages.html
    """
    name = data.get("repositoryName", "")
    if name not in ecr._repositories:
        return repository_not_found(name)
    wanted = data.get("filter", {}).get("tagStatus", "ANY")
    listed: list[Json] = []
    for image in ecr._images[name]:
        if wanted in ("ANY", "TAGGED" if image["imageTags"] else "UNTAGGED"):
            listed.extend(_ids_of(image))
    return answer({"imageIds": listed})


def describe_images(data: Json) -> Answer:
    """Refuse an image that is not there, where ministack leaves it out; say what it leaves out, and filter.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html (ImageNotFoundException)
    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImagesFilter.html: without a status "only
    images with ACTIVE status are returned".
    """
    name = data.get("repositoryName", "")
    if name not in ecr._repositories:
        return repository_not_found(name)
    for image_id in data.get("imageIds", []):
        if ecr._find_image(name, image_id) is None:
            return image_not_found(name, image_id)
    described: Json = body_of(_stock_describe_images(data))
    rows = described["imageDetails"]
    for row in rows:
        image = ecr._find_image(name, {"imageDigest": row["imageDigest"]})
        row["imageStatus"] = archive.looked_at(image)
        manifest = manifest_of(image)
        row["imageSizeInBytes"] = _size(name, manifest)
        row["artifactMediaType"] = _artifact_type(manifest) or row["artifactMediaType"]
        if subject := manifest.get("subject"):
            row["subjectManifestDigest"] = subject["digest"]
    wanted = data.get("filter", {})
    status, tagged = wanted.get("imageStatus", "ACTIVE"), wanted.get("tagStatus", "ANY")
    described["imageDetails"] = [
        row
        for row in rows
        if status in ("ANY", row["imageStatus"]) and tagged in ("ANY", "TAGGED" if row["imageTags"] else "UNTAGGED")
    ]
    return answer(described)


def _size(name: str, manifest: Json) -> int:
    """Bytes of the layers and the configuration of an image; a manifest list has the size of its largest image.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
    """
    parts = [*manifest.get("layers", ()), *([manifest["config"]] if "config" in manifest else ())]
    own: int = sum(part["size"] for part in parts)
    children = [ecr._find_image(name, {"imageDigest": each["digest"]}) for each in manifest.get("manifests", ())]
    return max([own, *(_size(name, manifest_of(child)) for child in children if child is not None)])


def list_image_referrers(data: Json) -> Answer:
    """What has an image for its subject; also of an image that is not there.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
    """
    name, subject = data.get("repositoryName", ""), data["subjectId"]["imageDigest"]
    if name not in ecr._repositories:
        return repository_not_found(name)
    found = [(image, manifest_of(image)) for image in ecr._images[name]]
    return answer(
        {
            "referrers": [
                {
                    "digest": image["imageDigest"],
                    "mediaType": image["imageManifestMediaType"],
                    "artifactType": _artifact_type(manifest),
                    "size": len(image["imageManifest"]),
                    "artifactStatus": archive.status_of(image),
                }
                for image, manifest in found
                if manifest.get("subject", {}).get("digest") == subject
            ]
        }
    )


def describe_image_signing_status(data: Json) -> Answer:
    """No signature of any image: nothing is signed here.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageSigningStatus.html
    """
    name, image_id = data.get("repositoryName", ""), data["imageId"]
    if name not in ecr._repositories:
        return repository_not_found(name)
    if ecr._find_image(name, image_id) is None:
        return image_not_found(name, image_id)
    return answer({"repositoryName": name, "imageId": image_id, "signingStatuses": []})


def manifest_of(image: Json) -> Json:
    """The manifest of an image; empty where it is none."""
    try:
        manifest = json.loads(image.get("imageManifest") or "{}")
    except ValueError:
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _artifact_type(manifest: Json) -> str:
    return str(manifest.get("artifactType") or manifest.get("config", {}).get("mediaType", ""))


def batch_get_image(data: Json) -> Answer:
    """Name each image by the tag it was asked for; one in the archive is not read.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html: "Archived images cannot be pulled". With
    which failure, no page says.
    """
    answered: Answer = _stock_batch_get_image(data)
    if answered[0] != 200:
        return answered
    body = body_of(answered)
    found = [(it, image) for it in data["imageIds"] if (image := ecr._find_image(data["repositoryName"], it))]
    read = []
    for (asked, image), row in zip(found, body["images"], strict=True):
        if archive.status_of(image) == "ACTIVE":
            read.append({**row, "imageId": {**asked, "imageDigest": image["imageDigest"]}})
        else:
            body["failures"].append(_failure(asked, "ImageNotFound", "Requested image is archived"))
    return answer({**body, "images": read})


def batch_delete_image(data: Json) -> Answer:
    """Take away a tag, or the image when it was the last one or when the digest was named.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
    """
    name = data.get("repositoryName", "")
    if name not in ecr._repositories:
        return repository_not_found(name)
    deleted: list[Json] = []
    failures: list[Json] = []
    for image_id in data["imageIds"]:
        image = ecr._find_image(name, image_id)
        if image is None:
            failures.append(_failure(image_id, "ImageNotFound", "Requested image not found"))
        elif not any(image_id.items() <= each.items() for each in _ids_of(image)):
            reason = "The image tag does not belong to the image digest"
            failures.append(_failure(image_id, "ImageTagDoesNotMatchDigest", reason))
        elif _is_last(image, image_id) and (lists := _lists_with(name, image["imageDigest"])):
            reason = f"Requested image referenced by manifest list: [{', '.join(lists)}]"
            failures.append(_failure(image_id, "ImageReferencedByManifestList", reason))
        else:
            deleted.extend(_delete(name, image, image_id.get("imageTag")))
    return answer({"imageIds": deleted, "failures": failures})


def _is_last(image: Json, image_id: Json) -> bool:
    """Whether the image goes, and not only one of its tags."""
    return "imageTag" not in image_id or len(image["imageTags"]) <= 1


def _lists_with(name: str, digest: str) -> list[str]:
    """The manifest lists of the repository that name an image."""
    return [
        each["imageDigest"]
        for each in ecr._images[name]
        if any(child.get("digest") == digest for child in manifest_of(each).get("manifests", ()))
    ]


def _delete(name: str, image: Json, tag: str | None) -> list[Json]:
    """Delete what one image id asks for, and name every tag that went."""
    if tag is not None and len(image["imageTags"]) > 1:
        image["imageTags"].remove(tag)
        return [{"imageDigest": image["imageDigest"], "imageTag": tag}]
    delete(name, image)
    return _ids_of(image)


def delete(name: str, image: Json) -> None:
    """Delete an image with all its tags."""
    ecr._images[name].remove(image)
    # ministack would go on serving the manifest to whoever pulls it by digest.
    ecr._manifest_blobs.get(name, {}).pop(image["imageDigest"], None)


def update_image_storage_class(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UpdateImageStorageClass.html"""
    name, image_id = data["repositoryName"], data["imageId"]
    if name not in ecr._repositories:
        return repository_not_found(name)
    image = ecr._find_image(name, image_id)
    if image is None:
        return image_not_found(name, image_id)
    status = archive.move(image, data["targetStorageClass"])
    described = {**image_id, "imageDigest": image["imageDigest"]}
    return answer({"repositoryName": name, "imageId": described, "imageStatus": status})


def _failure(image_id: Json, code: str, reason: str) -> Json:
    return {"imageId": image_id, "failureCode": code, "failureReason": reason}


def _ids_of(image: Json) -> list[Json]:
    digest = {"imageDigest": image["imageDigest"]}
    return [{**digest, "imageTag": tag} for tag in image["imageTags"]] or [digest]


def image_not_found(name: str, image_id: Json) -> Answer:
    """The refusal of every call that names an image."""
    digest, tag = image_id.get("imageDigest", "null"), image_id.get("imageTag", "null")
    return refusal(
        "ImageNotFoundException",
        f"The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within the "
        f"repository with name '{name}' in the registry with id '{get_account_id()}'",
    )


def install() -> None:
    """Replace the calls that speak of single tags."""
    ecr._list_images = list_images
    ecr._describe_images = describe_images
    ecr._batch_get_image = batch_get_image
