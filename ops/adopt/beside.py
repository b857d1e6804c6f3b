"""What other services have of a registry: what is published, which findings Amazon Inspector hides, how long it looks.

Credentials that may not read one of these adopt the rest, and are told so. So is a network without a way to
us-east-1, where ECR Public has its only endpoints:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError

from ops.aws.cloud import CloudError
from ops.drift.findings_and_pulls import INSPECTOR_SETTING, SUPPRESSION_FILTER, all_filters
from ops.drift.kind import Kind
from ops.drift.public import PUBLIC_REPOSITORY
from ops.drift.reading import Live, ResourceKey, live
from ops.drift.registry_wide import SCANNING
from ops.drift.repository_settings import Settings
from registry.limits import PUBLIC_REGION
from registry.locations import Location
from registry.model import Registry
from registry.naming import partition

#: As drift compares them with a file.
BESIDE: Final[tuple[Kind, ...]] = (PUBLIC_REPOSITORY, INSPECTOR_SETTING, SUPPRESSION_FILTER)


def _anywhere(registry: Registry, at: Location) -> bool:
    return True


# As they are read before there is a file: whatever is there.
_PUBLISHED: Final = replace(PUBLIC_REPOSITORY, where=_anywhere, optional=True)
_INSPECTED: Final = (
    replace(INSPECTOR_SETTING, where=_anywhere, optional=True),
    replace(SUPPRESSION_FILTER, where=_anywhere, optional=True, find=lambda client, registry, at: all_filters(client)),
)


def published_at(home: Location) -> tuple[Location, ...]:
    """Where an account's public repositories are; nowhere in partitions that do not reach ECR Public."""
    at = Location(home.account, PUBLIC_REGION)
    return (at,) if partition(home.region) == partition(at.region) else ()


@dataclass(frozen=True, slots=True)
class Beside:
    """What was read, and why a kind at a location (without a name) was not."""

    settings: Mapping[ResourceKey, Settings] = field(default_factory=dict)
    not_read: Mapping[ResourceKey, str] = field(default_factory=dict)


def read_published(sketch: Registry, home: Location) -> Beside:
    """The public repositories of the home's account."""
    places = published_at(home)
    try:
        return _beside(live(sketch, places, (_PUBLISHED,), None))
    except CloudError as problem:
        if not isinstance(problem.__cause__, ConnectTimeoutError | EndpointConnectionError):
            raise
        why = f"ECR Public, which is in {PUBLIC_REGION} only, cannot be reached from here"
        return Beside(not_read={ResourceKey(at, PUBLIC_REPOSITORY.noun, ""): why for at in places})


def read_inspected(sketch: Registry, locations: Iterable[Location], found: Mapping[ResourceKey, Settings]) -> Beside:
    """Settings and filters of Amazon Inspector at the locations whose images it scans.

    Elsewhere they mean nothing, and it is mostly not switched on.
    """
    scanned = [at for at in locations if found[ResourceKey(at, SCANNING.noun, "")]["scanType"] == "ENHANCED"]
    return _beside(live(sketch, scanned, _INSPECTED, None))


def _beside(found: Live) -> Beside:
    refused = {kind: f"these credentials may not call {action}" for kind, action in found.refused.items()}
    return Beside(found.settings, refused)
