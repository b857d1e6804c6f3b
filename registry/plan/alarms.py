"""Alarms and dashboards: what is watched, what no longer is, and what only follows the repositories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from registry import naming
from registry.cost.charges import Charge
from registry.cost.monitored import charges
from registry.cost.prices import Item
from registry.model import Monitoring
from registry.monitoring.alarms import Alarm
from registry.monitoring.chat import topic_ids
from registry.monitoring.dashboards import Dashboard
from registry.monitoring.watch import Told, alarms_in, dashboards_in, topic_teams
from registry.plan.change import Change, Kind, Part, Risk, comparison, follower, kinds_about
from registry.plan.sides import Side, Sides

kind = kinds_about("Alarms and dashboards")
ADDED = kind(
    "alarm-added",
    Risk.COSTS,
    "More alarms watch the registry",
    "CloudWatch bills each metric that an alarm looks at by the month.",
    "docs/alarms.md",
)
REMOVED = kind(
    "alarm-removed",
    Risk.BREAKS,
    "Alarms go",
    "What they watched can stop, and nobody is told.",
    "docs/alarms.md",
)
LATER = kind(
    "alarm-later",
    Risk.BREAKS,
    "An alarm speaks later",
    "It waits longer, or for a higher value. Above what AWS really allows it never speaks.",
    "docs/alarms.md",
)
SOONER = kind("alarm-sooner", Risk.SAFE, "An alarm speaks sooner", "It may speak at once, of what is so already.")
SHOWN = kind(
    "dashboard-added",
    Risk.COSTS,
    "More dashboards",
    "CloudWatch bills each by the month, but three small ones of an account.",
    "docs/alarms.md",
)
HIDDEN = kind("dashboard-removed", Risk.SAFE, "Dashboards go", "They show values; the values themselves stay.")
FOLLOW = kind(
    "alarms-follow",
    Risk.SAFE,
    "Alarms and dashboards follow the rest",
    "They name repositories, locations and teams of the file.",
)
_ALARMS, _DASHBOARDS = ("monitoring", "alarms"), ("monitoring", "dashboards")


@comparison
def alarms(sides: Sides) -> Iterator[Change]:
    """Those that come, go or speak at another value because the file says something else of alarms."""
    if _said(sides.old) == _said(sides.new):
        return
    old, new = (dict(_alarms(side)) for side in sides.both)
    changed = {part: (old[part].alarm, new[part].alarm) for part in new.keys() & old.keys() if old[part] != new[part]}
    later = {part for part, (was, becomes) in changed.items() if _speaks_later(was, becomes)}
    for of, parts, message in (
        (REMOVED, old.keys() - new.keys(), "nobody is told of these any more"),
        (LATER, later, "speaks later"),
        (SOONER, changed.keys() - later, "speaks sooner, or to others"),
        (ADDED, new.keys() - old.keys(), "these are watched"),
    ):
        yield from _one(sides, of, parts, message, old, new)


def _one(
    sides: Sides, of: Kind, parts: Iterable[Part], message: str, old: Mapping[Part, Told], new: Mapping[Part, Told]
) -> Iterator[Change]:
    """One change of all alarms of which the same is said."""
    found = sorted(parts)
    if not found:
        return
    where, gone = sides.at(_ALARMS, ("monitoring",))
    names = dict.fromkeys((new.get(part) or old[part]).alarm.name for part in found)
    before, after = (
        ", ".join(dict.fromkeys(_value(side[part].alarm) for part in found if part in side)) for side in (old, new)
    )
    yield Change(
        kind=of,
        subjects=tuple(names),
        message=message,
        before=before if of in (LATER, SOONER) else "",
        after=after if of in (LATER, SOONER) else f"{len(found)} alarm{'' if len(found) == 1 else 's'}",
        where=where,
        gone=gone,
        explains=frozenset(found) | (frozenset(_topics(sides)) if of in (ADDED, REMOVED) else frozenset()),
        bill=_bill(sides, Item.ALARM) if of is ADDED or (of is REMOVED and not new.keys() - old.keys()) else (),
    )


def _bill(sides: Sides, item: Item) -> tuple[Charge, ...]:
    old, new = (side.registry for side in sides.both)
    return charges(sides.prices, old, new, item)


def _said(side: Side) -> tuple[object, object]:
    watched = side.registry.monitoring
    return (watched.alarms, watched.quotas if watched.alarms else None) if watched else (None, None)


def _speaks_later(was: Alarm, becomes: Alarm) -> bool:
    if was.comparison == "LessThanThreshold":
        return becomes.periods > was.periods
    return becomes.threshold > was.threshold


def _value(alarm: Alarm) -> str:
    if alarm.comparison == "LessThanThreshold":
        return f"{alarm.periods} hours"
    return f"above {alarm.threshold:,.0f}"


def _alarms(side: Side) -> Iterator[tuple[Part, Told]]:
    for at in side.registry.locations:
        stack = side.stack(at, naming.MONITORING_UNIT)
        yield from (((stack, told.alarm.id, ""), told) for told in alarms_in(side.registry, at))


def _topics(sides: Sides) -> Iterator[Part]:
    """The topic of a team that is there, or no longer, because of an alarm: its other parts follow monitoring."""
    for side in sides.both:
        for at in side.registry.locations:
            for team in topic_teams(side.registry, at):
                stack = side.stack(at, naming.MONITORING_UNIT)
                yield from ((stack, each, "") for each in topic_ids(team.name, team.targets))


@comparison
def dashboards(sides: Sides) -> Iterator[Change]:
    """Those that the file asks for, or no longer does."""
    old, new = (dict(_dashboards(side)) for side in sides.both)
    if _asked(sides.old.registry.monitoring) == _asked(sides.new.registry.monitoring):
        return
    where, gone = sides.at(_DASHBOARDS, ("monitoring",))
    for of, parts, message in (
        (SHOWN, new.keys() - old.keys(), "more is shown"),
        (HIDDEN, old.keys() - new.keys(), "these are no longer shown"),
    ):
        if parts:
            names = sorted({(new.get(part) or old[part]).name for part in parts})
            yield Change(
                kind=of,
                subjects=tuple(names),
                message=message,
                before=f"{len(old)} dashboards",
                after=f"{len(new)} dashboards",
                where=where,
                gone=gone,
                explains=frozenset(parts),
                bill=_bill(sides, Item.DASHBOARD) if of is SHOWN or not new.keys() - old.keys() else (),
            )


def _asked(watched: Monitoring | None) -> tuple[str, ...]:
    return watched.dashboards if watched else ()


def _dashboards(side: Side) -> Iterator[tuple[Part, Dashboard]]:
    for at in side.registry.locations:
        stack = side.stack(at, naming.MONITORING_UNIT)
        for each in dashboards_in(side.registry, at):
            yield (stack, naming.logical_id(each.namespace or "", "Dashboard"), ""), each


@follower
def alarms_follow(sides: Sides, explained: frozenset[Part]) -> Iterator[Change]:
    """Those that another change of the file makes other ones: a repository, a replica, a team."""
    old, new = ({**dict(_alarms(side)), **dict(_dashboards(side))} for side in sides.both)
    whole = {part[0] for part in explained if part[1:] == ("", "")}
    left = frozenset(
        part
        for part in old.keys() | new.keys()
        if old.get(part) != new.get(part) and part not in explained and part[0] not in whole
    )
    if left:
        parts = left | {part for part in _topics(sides) if part not in explained}
        yield Change(
            kind=FOLLOW,
            subjects=("alarms and dashboards",),
            message="follow the rest",
            after=f"{len(left):,} resource{'' if len(left) == 1 else 's'}",
            explains=frozenset(parts),
        )
