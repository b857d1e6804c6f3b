"""Private networks: who passes the endpoints of a VPC, and what they cost."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from registry.cost.charges import Charge, month
from registry.cost.declared import endpoint_hours
from registry.cost.money import EXACT, Range
from registry.cost.prices import Item
from registry.model import Network
from registry.plan.change import Change, Kind, Part, Risk, comparison, kinds_about
from registry.plan.sides import Line, Side, Sides

kind = kinds_about("Private networks")
ADDED = kind(
    "network-added",
    Risk.COSTS,
    "A VPC gets endpoints",
    "Each interface endpoint is billed by the hour in each subnet, and by the data that passes.",
    "docs/network.md",
)
REMOVED = kind(
    "network-removed",
    Risk.BREAKS,
    "A VPC is no longer declared",
    "Its stack is removed by `ecrctl retire`; then nodes without internet can no longer pull.",
    "docs/network.md",
)
COSTS = kind("network-more", Risk.COSTS, "A VPC gets more endpoints", "Each is billed by the hour in each subnet.")
FEWER = kind(
    "network-less",
    Risk.BREAKS,
    "A VPC loses endpoints, or the ways to them",
    "Nodes that reach the service through them no longer do.",
)
OPENS = kind(
    "network-opened",
    Risk.OPENS,
    "More may pass the endpoints of a VPC",
    "An endpoint policy and a security group are the last bounds of what a node can reach, whatever IAM allows.",
    "docs/network.md",
)
NARROWED = kind(
    "network-narrowed", Risk.BREAKS, "Fewer may pass the endpoints of a VPC", "Whoever they stop can no longer pull."
)
REPLACED = kind(
    "network-replaced",
    Risk.BREAKS,
    "Endpoints of a VPC get other services, addresses or routes",
    "CloudFormation may have to replace an endpoint, and connections through it are interrupted.",
    "docs/network.md",
)

#: The kinds that a change of the bill is told with, by the first of a network.
_BILLED = frozenset({ADDED, REMOVED, COSTS, FEWER})


@comparison
def networks(sides: Sides) -> Iterator[Change]:
    """By VPC."""
    old, new = ({(it.location, it.construct_id): it for it in side.registry.networks} for side in sides.both)
    for key in dict.fromkeys([*new, *old]):
        was, becomes = old.get(key), new.get(key)
        if was == becomes:
            continue
        it = becomes or was
        assert it is not None
        parts = frozenset(part for side in sides.both for part in _parts(side, it))
        line, bill = _line(sides, it), _bill(sides, was, becomes)
        for each in _differences(was, becomes):
            charges, bill = (bill, ()) if each.of in _BILLED else ((), bill)
            yield Change(
                kind=each.of,
                subjects=(f"{it.name} in {it.location.beside(sides.new.registry.home)}",),
                message=each.message,
                before=_shown(each.before),
                after=_shown(each.after),
                where=line[0],
                gone=line[1],
                explains=parts,
                bill=charges,
            )


def _bill(sides: Sides, was: Network | None, becomes: Network | None) -> tuple[Charge, ...]:
    """The hours of interface endpoints, more or fewer of them."""
    before, after = (endpoint_hours(it) if it else Decimal(0) for it in (was, becomes))
    it = becomes or was
    if it is None or before == after:
        return ()
    return (month(sides.prices, Item.ENDPOINT, it.location, Range.of(EXACT.subtract(after, before))),)


@dataclass(frozen=True, slots=True)
class _Difference:
    of: Kind
    message: str
    before: Any = ""
    after: Any = ""


def _differences(was: Network | None, becomes: Network | None) -> Iterator[_Difference]:
    if was is None or becomes is None:
        it = becomes or was
        assert it is not None
        number = len(it.services)
        yield (
            _Difference(REMOVED, "is no longer declared")
            if becomes is None
            else _Difference(ADDED, f"gets {number} interface endpoint{'' if number == 1 else 's'}")
        )
        return
    yield from _sets("services", COSTS, FEWER, was.services, becomes.services)
    yield from _sets("accounts to pull from", OPENS, NARROWED, was.pull_from, becomes.pull_from)
    yield from _addresses(was.cidrs, becomes.cidrs)
    for name, words in (("pull_through_cache", "pulls through caches"),):
        if getattr(was, name) != getattr(becomes, name):
            more = getattr(becomes, name)
            yield _Difference(OPENS if more else NARROWED, words if more else f"no longer {words}")
    if was.organization != becomes.organization:
        before, after = (it.organization or "principals with a grant" for it in (was, becomes))
        wider = becomes.organization is not None
        yield _Difference(OPENS if wider else NARROWED, "other callers may pass", before, after)
    if set(was.security_groups) != set(becomes.security_groups):
        yield _Difference(OPENS, "other security groups decide who reaches it", was.security_groups,
                          becomes.security_groups)  # fmt: skip
    for name in ("subnets", "route_tables"):
        yield from _sets(name.replace("_", " "), COSTS if name == "subnets" else REPLACED, FEWER, getattr(was, name),
                         getattr(becomes, name))  # fmt: skip
    for name in ("fips", "dual_stack", "s3", "existing"):
        if getattr(was, name) != getattr(becomes, name):
            yield _Difference(REPLACED, f"{name} changes", getattr(was, name), getattr(becomes, name))


def _sets(words: str, more: Kind, less: Kind, was: Iterable[str], becomes: Iterable[str]) -> Iterator[_Difference]:
    before, after = tuple(sorted(was)), tuple(sorted(becomes))
    if set(after) - set(before):
        yield _Difference(more, f"gets more {words}", before, after)
    if set(before) - set(after):
        yield _Difference(less, f"loses {words}", before, after)


def _addresses(was: tuple[str, ...], becomes: tuple[str, ...]) -> Iterator[_Difference]:
    if set(was) != set(becomes):
        for of, message, here, there in (
            (OPENS, "more addresses may connect", becomes, was),
            (NARROWED, "fewer addresses may connect", was, becomes),
        ):
            if not all(any(_inside(one, other) for other in there) for one in here):
                yield _Difference(of, message, was, becomes)


def _inside(narrow: str, wide: str) -> bool:
    try:
        one, other = ipaddress.ip_network(narrow), ipaddress.ip_network(wide)
    except ValueError:
        return narrow == wide
    return one.version == other.version and one.subnet_of(other)  # type: ignore[arg-type]


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parts(side: Side, network: Network) -> Iterator[Part]:
    yield side.stack(network.location, network.construct_id), "", ""


def _line(sides: Sides, network: Network) -> Line:
    """Its entry in the list, which has no name of its own."""
    for side in (sides.new, sides.old):
        for index, shape in enumerate(side.written.root.network):
            vpc, trial = shape.vpc, shape.trial_vpc
            if (vpc and vpc.id == network.vpc) or (trial and trial.name == network.trial):
                return side.position(("network", index)), side is sides.old
    return sides.at(("network",))
