"""What being watched costs: alarms, dashboards, and the key of the topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.cost.bill import Used
from registry.cost.charges import Charge, month
from registry.cost.declared import VERSIONS
from registry.cost.money import EXACT, Range
from registry.cost.prices import Item, Prices
from registry.locations import Location
from registry.model import Registry
from registry.monitoring.alarms import IMAGES
from registry.monitoring.watch import alarms_in, dashboards_in

#: What one alarm looks at, at most: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
_MOST = 10_000


def used(registry: Registry) -> Iterator[Used]:
    """What is billed by the month. Messages, events and the queue are billed by their number, which nobody knows."""
    for at in registry.locations:
        if registry.monitoring is not None and registry.monitoring.key_in(at) is None:
            yield Used(
                item=Item.KEY,
                at=at,
                about="the topics of monitoring",
                quantity=VERSIONS,
                counted="1 version, 3 after two rotations",
            )
        ids = [told.alarm.id for told in alarms_in(registry, at)]
        if ids:
            # CloudWatch bills each metric that an alarm looks at, and the one of images looks at every repository.
            metrics = len(ids)
            if IMAGES in ids:
                metrics += max(1, min(_MOST, len(registry.repositories_in(at)))) - 1
            yield Used(
                item=Item.ALARM,
                at=at,
                about="alarms",
                quantity=Range.of(metrics),
                counted=f"{len(ids)} alarms on {metrics} metrics",
            )
        if number := len(dashboards_in(registry, at)):
            yield Used(
                item=Item.DASHBOARD,
                at=at,
                about="dashboards",
                quantity=Range.of(number),
                counted=f"{number} dashboards",
            )


def charges(prices: Prices, old: Registry, new: Registry, *items: Item) -> tuple[Charge, ...]:
    """What more, or less, of some items makes AWS bill."""
    was, becomes = _by_place(old), _by_place(new)
    found = []
    for key in sorted({*was, *becomes}):
        before, after = was.get(key, Range()), becomes.get(key, Range())
        more = Range(EXACT.subtract(after.low, before.low), EXACT.subtract(after.high, before.high))
        if key[0] in items and before != after:
            found.append(month(prices, key[0], key[1], more))
    return tuple(found)


def _by_place(registry: Registry) -> Mapping[tuple[Item, Location], Range]:
    return {(it.item, it.at): it.quantity for it in used(registry)}
