"""The two ways an image arrives, PutImage and the OCI endpoint: tags that may not move, archives, replication."""

from ministack.core.responses import get_account_id
from ministack.services import ecr

from sandbox.emulator import archive, mutability, replication
from sandbox.emulator.answers import Answer, Json, body_of, refusal

_stock_put_image = ecr._put_image
_stock_put_manifest = ecr._v2_put_manifest


def put_image(data: Json) -> Answer:
    """Refuse what ECR refuses, and replicate what it takes.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html
    ImageAlreadyExistsException: "there were no changes to the manifest or image tag after the last push",
    whatever the mutability. ministack knows neither this nor the exclusion filters.
    """
    name, tag = data.get("repositoryName", ""), data.get("imageTag")
    if tag is not None and name in ecr._repositories:
        digest = data.get("imageDigest") or ecr._image_digest(data["imageManifest"])
        if mutability.digest_tagged(name, tag) == digest:
            return refusal(
                "ImageAlreadyExistsException",
                f"Image with digest '{digest}' and tag '{tag}' already exists in the repository with name "
                f"'{name}' in registry with id '{get_account_id()}'",
            )
        if mutability.would_overwrite(name, tag, digest):
            return refusal("ImageTagAlreadyExistsException", _overwrites(name, tag))
    pushed: Answer = _stock_put_image(data)
    if pushed[0] == 200:
        # ministack would not serve it by its digest to whoever pulls.
        digest = body_of(pushed)["image"]["imageId"]["imageDigest"]
        ecr._manifest_blobs.setdefault(name, {})[digest] = data["imageManifest"].encode()
        archive.pushed(name, digest)
        replication.replicate(name, digest, tag)
    return pushed


def put_manifest(name: str, reference: str, headers: dict[str, str], body: bytes) -> Answer:
    """The same for `PUT /v2/<name>/manifests/<reference>`, where the same push again is no error.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
    """
    tag = None if reference.startswith("sha256:") else reference
    digest: str = ecr._content_digest(body)
    if tag is not None and name in ecr._repositories and mutability.would_overwrite(name, tag, digest):
        refused: Answer = ecr._registry_error(400, "TAG_INVALID", _overwrites(name, tag), {"tag": tag})
        return refused
    pushed: Answer = _stock_put_manifest(name, reference, headers, body)
    if pushed[0] == 201:
        archive.pushed(name, digest)
        replication.replicate(name, digest, tag)
    return pushed


def _overwrites(name: str, tag: str) -> str:
    return (
        f"The image tag '{tag}' already exists in the '{name}' repository "
        "and cannot be overwritten because the tag is immutable."
    )


def install() -> None:
    """Replace both ways in."""
    ecr._put_image = put_image
    ecr._v2_put_manifest = put_manifest
