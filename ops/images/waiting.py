"""Scans that are started, and followed to their end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from ops.aws.parallel import map_parallel
from ops.images.registry import ImageRegistry, ScanRefused
from ops.images.scanned import Target
from ops.images.vulnerabilities import NEVER, RUNNING, ScanResult
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
