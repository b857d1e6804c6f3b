"""Alarms, from what is written to the model. Total, as resolve/registry.py is."""

from __future__ import annotations

from types import MappingProxyType

from registry.limits import CALLS_A_SECOND
from registry.locations import Location, located
from registry.model import Alarms, PullsStop, Quotas
from registry.shape import AlarmsShape, FileShape


def alarms_of(root: FileShape) -> Alarms | None:
    """The alarms of a file; None where it has no `monitoring.alarms`."""
    said = root.monitoring.alarms if root.monitoring else None
    if said is None:
        return None
    return Alarms(
        watch=frozenset(said.watch),
        pulls_stop=tuple(
            PullsStop(
                repositories=tuple(sorted(set(each.repositories))),
                hours=each.hours,
                locations=tuple(located(at, root.registry.account) for at in each.locations) or (_home(root),),
            )
            for each in said.pulls_stop
        ),
    )


def quotas_of(root: FileShape) -> Quotas:
    """The quotas of a file, which dashboards show, too: AWS's own where nothing else is written."""
    said = (root.monitoring.alarms if root.monitoring else None) or AlarmsShape()
    written = said.quotas
    return Quotas(
        percent=said.quota_percent,
        images_per_repository=written.images_per_repository,
        registered_repositories=written.registered_repositories,
        calls_per_second=MappingProxyType(CALLS_A_SECOND | dict(written.calls_per_second)),
    )


def _home(root: FileShape) -> Location:
    return Location(root.registry.account, root.registry.region)
