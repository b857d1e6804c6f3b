"""Sending what happens in a repository to the registries its rules name.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication-delete.html
Everything arrives at once, where ECR takes up to half an hour.
"""

from typing import NamedTuple

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region, request_scope
from ministack.services import ecr

from sandbox.emulator import arrivals, images
from sandbox.emulator.answers import Answer, Json, answer, repository_not_found
from sandbox.emulator.settings import REPLICATION


class Destination(NamedTuple):
    """A registry that images are sent to."""

    registry_id: str
    region: str


# By repository and digest: how it went, with the failure code or None, for each destination.
_statuses = AccountRegionScopedDict()


def destinations(repository_name: str, *, of_deletions: bool = False) -> list[Destination]:
    """Where the registry's rules send this repository, each destination once.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-settings-examples.html
    A rule without filters sends everything; a filter is a prefix of the name.

    :param of_deletions: only the rules with `deleteReplication` enabled.
    """
    found: dict[Destination, None] = {}
    for rule in REPLICATION.get()["rules"]:
        prefixes = [each["filter"] for each in rule.get("repositoryFilters", [])]
        if prefixes and not repository_name.startswith(tuple(prefixes)):
            continue
        if of_deletions and not rule.get("deleteReplication", {}).get("enabled", False):
            continue
        for each in rule["destinations"]:
            found[Destination(each["registryId"], each["region"])] = None
    found.pop(Destination(get_account_id(), get_region()), None)
    return list(found)


def is_configured(destination: Destination) -> bool:
    """Whether any rule names the destination."""
    wanted = {"registryId": destination.registry_id, "region": destination.region}
    return any(wanted in rule["destinations"] for rule in REPLICATION.get()["rules"])


def replicate(repository_name: str, digest: str, tag: str | None) -> None:
    """Send the image that was just pushed, with its tag, wherever the rules say."""
    image = ecr._find_image(repository_name, {"imageDigest": digest})
    for destination in destinations(repository_name):
        send(destination, repository_name, image, tag)


def send(destination: Destination, repository_name: str, image: Json, tag: str | None) -> str | None:
    """Send one image to one destination; the failure code, or None where it arrived."""
    shipment = arrivals.pack(repository_name, image)
    with request_scope(*destination):
        failure = arrivals.receive(shipment, tag)
    _statuses.setdefault((repository_name, image["imageDigest"]), {})[destination] = failure
    return failure


def replicate_deletions(repository_name: str, deleted: list[Json]) -> None:
    """Send on what BatchDeleteImage took away.

    "When you remove a tag from an image that has other tags, Amazon ECR removes the same tag"; when the image is
    gone, it "deletes the image and all of its tags in each destination repository".
    """
    source = get_account_id()
    for image_id in deleted:
        digest = image_id["imageDigest"]
        gone = ecr._find_image(repository_name, {"imageDigest": digest}) is None
        for destination in destinations(repository_name, of_deletions=True):
            with request_scope(*destination):
                arrivals.remove(source, repository_name, digest, None if gone else image_id["imageTag"])


def describe_image_replication_status(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageReplicationStatus.html"""
    name, image_id = data["repositoryName"], data["imageId"]
    if name not in ecr._repositories:
        return repository_not_found(name)
    image = ecr._find_image(name, image_id)
    if image is None:
        return images.image_not_found(name, image_id)
    statuses: list[Json] = [
        {
            "region": destination.region,
            "registryId": destination.registry_id,
            **({"status": "FAILED", "failureCode": failure} if failure else {"status": "COMPLETE"}),
        }
        for destination, failure in _statuses.get((name, image["imageDigest"]), {}).items()
    ]
    described_id = {**image_id, "imageDigest": image["imageDigest"]}
    return answer({"repositoryName": name, "imageId": described_id, "replicationStatuses": statuses})


def reset() -> None:
    """Forget how replication went."""
    _statuses.clear()
