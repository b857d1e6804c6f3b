"""The two ways an image is taken away, BatchDeleteImage and the OCI endpoint, and what is sent on of it.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication-delete.html
Lifecycle policies would be the third; the emulator runs none.
"""

from ministack.services import ecr

from sandbox.emulator import images, replication
from sandbox.emulator.answers import Answer, Json, body_of

_stock_delete_manifest = ecr._v2_delete_manifest


def batch_delete_image(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html"""
    deleted = images.batch_delete_image(data)
    if deleted[0] == 200:
        replication.replicate_deletions(data["repositoryName"], body_of(deleted)["imageIds"])
    return deleted


def delete_manifest(name: str, reference: str) -> Answer:
    """`DELETE /v2/<name>/manifests/<digest>`; ministack refuses a tag there."""
    deleted: Answer = _stock_delete_manifest(name, reference)
    if deleted[0] == 202:
        replication.replicate_deletions(name, [{"imageDigest": reference}])
    return deleted


def install() -> None:
    """Replace both ways out."""
    ecr._batch_delete_image = batch_delete_image
    ecr._v2_delete_manifest = delete_manifest
