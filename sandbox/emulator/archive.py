"""The archive storage class: what is in it cannot be pulled, and comes back some time after it is asked for.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/restore-image.html
A restore takes ECR up to 20 minutes; here it ends when somebody has looked at the image once.
"""

from typing import Any

from ministack.services import ecr

from sandbox.emulator.answers import Json

_stock_resolve_manifest = ecr._resolve_manifest


def status_of(image: Json) -> str:
    """ACTIVE, ARCHIVED or ACTIVATING."""
    return str(image.get("imageStatus", "ACTIVE"))


def looked_at(image: Json) -> str:
    """The same for who lists images; what is being restored is restored after that."""
    status = status_of(image)
    if status == "ACTIVATING":
        image["imageStatus"] = "ACTIVE"
    return status


def move(image: Json, storage_class: str) -> str:
    """The status of an image after it was asked to change its class."""
    if storage_class == "ARCHIVE":
        image["imageStatus"] = "ARCHIVED"
    elif status_of(image) == "ARCHIVED":
        image["imageStatus"] = "ACTIVATING"
    return status_of(image)


def resolve_manifest(name: str, reference: str) -> Any:
    """ "Requests to pull the archived image will fail with a 404 error"."""
    found = _stock_resolve_manifest(name, reference)
    image = ecr._find_image(name, {"imageDigest": found[0]}) if found[0] else None
    return (None, None, None) if image is not None and status_of(image) != "ACTIVE" else found


def pushed(name: str, digest: str) -> None:
    """ "When you push an image that is currently archived, that image will be immediately restored"."""
    ecr._find_image(name, {"imageDigest": digest}).pop("imageStatus", None)


def install() -> None:
    """Stand before what reads manifests."""
    ecr._resolve_manifest = resolve_manifest
