"""What was counted of a registry, for a bill: now in AWS (live.py), or by an `ecrctl usage --json` that was kept."""

from __future__ import annotations

from dataclasses import dataclass

from registry.locations import Location
from registry.model import Registry
from registry.usage.saved import SavedUsage
from registry.usage.totals import RepositoryUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What was counted in some locations. `unasked` are those of the registry that were not."""

    usages: tuple[RepositoryUsage, ...]
    asked: tuple[Location, ...]
    unasked: tuple[Location, ...]
    notes: tuple[str, ...]


def kept(usage: SavedUsage, registry: Registry) -> Held:
    """What somebody counted before."""
    asked = tuple(it.at for it in usage.registries)
    return Held(
        usages=tuple(usage.repositories),
        asked=asked,
        unasked=tuple(at for at in registry.locations if at not in asked),
        notes=(f"sizes are those of {usage.as_of:%Y-%m-%d}, of what that usage chose",),
    )
