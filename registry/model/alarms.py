"""What is watched by its numbers, once the file has been read: every default filled in, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.locations import Location
from registry.shape import Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """The quotas of a region, as AWS has raised them, and from which percent of them on somebody is told."""

    percent: int
    images_per_repository: int
    registered_repositories: int
    calls_per_second: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PullsStop:
    """Repositories (names, `*` is a wildcard) that are always pulled in some locations: `hours` without is wrong."""

    repositories: tuple[str, ...]
    hours: int
    locations: tuple[Location, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarms:
    """What CloudWatch watches in every location of a registry."""

    watch: frozenset[Watched]
    pulls_stop: tuple[PullsStop, ...]
