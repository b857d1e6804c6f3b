"""What another registry's replication may do here: the current scope is the destination.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication-delete.html
AWS publishes no list of failure codes; the two here are ours.
"""

from dataclasses import dataclass

from ministack.core.responses import get_account_id
from ministack.services import ecr

from sandbox.emulator import creation, images, mutability
from sandbox.emulator.access import registry_lets_in
from sandbox.emulator.answers import Json

NOT_ALLOWED = "REGISTRY_POLICY_DENIED"
NOT_CREATED = "REPOSITORY_NOT_CREATED"

# ministack's own, not the one pushes.py installs: "A replication action only occurs once per image push".
_receive_manifest = ecr._v2_put_manifest


@dataclass(frozen=True)
class Shipment:
    """An image on its way, read in the source's scope."""

    source: str
    """The account it comes from, 12 digits."""
    repository_name: str
    digest: str
    media_type: str
    manifest: bytes
    layers: dict[str, bytes]


def pack(repository_name: str, image: Json) -> Shipment:
    """An image of the current registry, with what its repository has of layers."""
    digest: str = image["imageDigest"]
    manifests = ecr._manifest_blobs.get(repository_name, {})
    return Shipment(
        source=get_account_id(),
        repository_name=repository_name,
        digest=digest,
        media_type=image["imageManifestMediaType"],
        manifest=manifests.get(digest, image["imageManifest"].encode()),
        layers=dict(ecr._layer_blobs.get(repository_name, {})),
    )


def receive(shipment: Shipment, tag: str | None) -> str | None:
    """Take an image; the failure code, or None where it arrived.

    From another account it needs `ecr:ReplicateImage`, and `ecr:CreateRepository` where the repository is missing.
    "Repository settings aren't replicated": the registry's own creation template decides. Into a repository with
    immutable tags "the image is replicated but won't contain the duplicated tag".
    """
    name = shipment.repository_name
    if not _lets_in(shipment.source, "ecr:ReplicateImage", name):
        return NOT_ALLOWED
    if name not in ecr._repositories:
        if not _lets_in(shipment.source, "ecr:CreateRepository", name):
            return NOT_ALLOWED
        if creation.create(name, creation.template_for(name, "REPLICATION"))[0] != 200:
            return NOT_CREATED
    ecr._layer_blobs.setdefault(name, {}).update(shipment.layers)
    reference = shipment.digest
    if tag is not None and not mutability.would_overwrite(name, tag, shipment.digest):
        reference = tag
    _receive_manifest(name, reference, {"content-type": shipment.media_type}, shipment.manifest)
    return None


def remove(source: str, repository_name: str, digest: str, tag: str | None) -> None:
    """Take away a tag of an image, or without a tag the image.

    From another account it needs `ecr:ReplicateImage` here: the page names no permission, so this is our reading.
    """
    image = ecr._find_image(repository_name, {"imageDigest": digest})
    if image is None or not _lets_in(source, "ecr:ReplicateImage", repository_name):
        return
    if tag is None:
        images.delete(repository_name, image)
    elif tag in image["imageTags"]:
        image["imageTags"].remove(tag)


def _lets_in(source: str, action: str, name: str) -> bool:
    """ "By default, you have permission to configure cross-Region replication within your own registry"."""
    return source == get_account_id() or registry_lets_in(source, action, name)
