"""What takes its time, followed to its end: scans, and the way of a tag to the replicas."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from ops.aws.parallel import map_parallel
from ops.images.asking import NoSuchImage, NoSuchRepository
from ops.images.reference import ImageReference
from ops.images.registry import ImageRegistry, ScanRefused
from ops.images.scanned import Target
from ops.images.vulnerabilities import NEVER, ScanResult
from registry.delivery.steps.findings import RUNNING
from registry.locations import Location

_POLL_SECONDS: Final = 3.0
#: Times that are asked before a scan is given up: ten minutes, in which basic scans of large images end.
_POLLS: Final = 200


def start(at: Location, wanted: Sequence[Target]) -> None:
    """Start a scan of every image.

    :raises ScanRefused: for the first that ECR does not scan.
    """
    client = ImageRegistry(at.region, account=at.account)
    map_parallel(wanted, lambda it: _start(client, it), "starting scans")


def scan(client: ImageRegistry, target: Target) -> ScanResult:
    """Start a scan of one image, and wait; its result as it is where it has no end.

    :raises ScanRefused: where ECR does not scan it.
    """
    _start(client, target)
    result = client.findings(target.repository, target.digest)
    for _ in range(_POLLS):
        if result.status not in (*RUNNING, NEVER):
            break
        time.sleep(_POLL_SECONDS)
        result = client.findings(target.repository, target.digest)
    return result


def _start(client: ImageRegistry, target: Target) -> None:
    if target.unread:
        raise ScanRefused(f"{target.called} is {target.unread}")
    client.start_scan(target.repository, target.digest)


#: ECR replicates most images in less than 30 minutes.
#: https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
_ARRIVAL_POLLS: Final = 600


def arrived(places: Sequence[Location], repository: str, tag: str, digest: str) -> dict[Location, str | None]:
    """Wait until a tag is on an image at every place; where it is not in half an hour, what it is on there.

    :returns: the places where it has not arrived; None for one without the tag, or without the repository.
    """
    clients = {at: ImageRegistry(at.region, account=at.account) for at in places}
    left: dict[Location, str | None] = dict.fromkeys(places)
    for poll in range(_ARRIVAL_POLLS):
        if poll:
            time.sleep(_POLL_SECONDS)
        asked = list(left)
        found = map_parallel(asked, lambda at: _on(clients[at], repository, tag), "asking replicas")
        left = {at: on for at, on in zip(asked, found, strict=True) if on != digest}
        if not left:
            break
    return left


def _on(client: ImageRegistry, repository: str, tag: str) -> str | None:
    try:
        return client.find(ImageReference(repository=repository, tag=tag, digest=None, at=None)).digest
    except (NoSuchImage, NoSuchRepository):
        return None
