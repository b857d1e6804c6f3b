"""Copying a pushed image to the other regions of the same account.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import ecr

from sandbox.emulator import mutability
from sandbox.emulator.answers import Json
from sandbox.emulator.settings import REPLICATION

# ministack's own, not the one pushes.py installs: "A replication action only occurs once per image push".
_receive_manifest = ecr._v2_put_manifest


def destination_regions(repository_name: str) -> list[str]:
    """Where the registry's rules send this repository, each region once.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-settings-examples.html
    A rule without filters sends everything; a filter is a prefix of the name. Another account is left out:
    it would have to be asked, by a registry policy, which the emulator does not have.
    """
    regions: dict[str, None] = {}
    for rule in REPLICATION.get()["rules"]:
        prefixes = [each["filter"] for each in rule.get("repositoryFilters", [])]
        if prefixes and not repository_name.startswith(tuple(prefixes)):
            continue
        for destination in rule["destinations"]:
            if destination["registryId"] == get_account_id() and destination["region"] != get_region():
                regions[destination["region"]] = None
    return list(regions)


def replicate(repository_name: str, digest: str, tag: str | None) -> None:
    """Copy the image that was just pushed, with its tag, wherever the rules send it."""
    image = next(each for each in ecr._images[repository_name] if each["imageDigest"] == digest)
    manifests = ecr._manifest_blobs.get(repository_name, {})
    manifest = manifests.get(digest, image["imageManifest"].encode())
    layers = ecr._layer_blobs.get(repository_name, {})
    for region in destination_regions(repository_name):
        with request_scope(get_account_id(), region):
            _receive(repository_name, image, manifest, layers, tag)


def _receive(repository_name: str, image: Json, manifest: bytes, layers: dict[str, bytes], tag: str | None) -> None:
    """Take the image in the destination, the current scope.

    "Repository settings aren't replicated": a repository that is missing is created as CreateRepository would
    create it, mutable, unscanned and AES256. Into a repository with immutable tags "the image is replicated
    but won't contain the duplicated tag".
    """
    if repository_name not in ecr._repositories:
        ecr._create_repository({"repositoryName": repository_name})
    ecr._layer_blobs.setdefault(repository_name, {}).update(layers)
    reference = image["imageDigest"]
    if tag is not None and not mutability.would_overwrite(repository_name, tag, image["imageDigest"]):
        reference = tag
    _receive_manifest(repository_name, reference, {"content-type": image["imageManifestMediaType"]}, manifest)
