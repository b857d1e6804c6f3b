"""What the picture shows, before anybody draws it: who reaches which namespaces, and where copies go.

The picture of the page and the diagram for Markdown draw the same scene. It is folded until it can be read: a line for
each namespace where there are few, one line to the whole registry where there are many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Final, Literal

from ops.report.facts import NamespaceFacts, NetworkFacts, PlaceFacts, Report, names
from registry.access.policies import EVERYWHERE
from registry.naming import ROOT_NAMESPACE

ROOMS: Final = 60  # namespaces that are drawn; the rest is one box
CALLERS: Final = 40  # of more, those that reach most
ALIKE: Final = 20  # callers; of more, those that do the same are one box
ONE_BY_ONE: Final = 8  # lines from one caller, or to one replica; more are one line

#: `read` pulls or looks; `write` pushes, promotes or deletes; `policy` is what a policy in AWS's own form opens.
Way = Literal["read", "write", "policy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerNode:
    """Who; `about` is what it is and may, `reaches` the rooms by number, with None for the whole registry."""

    name: str
    about: str
    written: bool
    reaches: tuple[tuple[int | None, Way], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomNode:
    """A namespace with the number of its repositories, or all that are not drawn."""

    name: str
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceNode:
    """A registry in an account and region.

    `copies` are rooms by number, None alone where one line says it; `networks` are VPCs of the region with endpoints.
    """

    account: str
    region: str
    receives: str
    copies: tuple[int | None, ...]
    networks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Callers in an order in which lines seldom cross, the rooms of the home, and the replicas."""

    callers: tuple[CallerNode, ...]
    more_callers: int
    rooms: tuple[RoomNode, ...]
    home: PlaceNode
    replicas: tuple[PlaceNode, ...]


def scene(report: Report) -> Scene:
    """The scene of a report."""
    number = {namespace.name: min(index, ROOMS) for index, namespace in enumerate(report.namespaces)}
    callers = _alike(_callers(report, number))
    drawn = sorted(callers, key=lambda it: (-len(it.reaches), it.name))[:CALLERS]
    home, *replicas = report.places
    return Scene(
        callers=tuple(sorted(drawn, key=_height)),
        more_callers=len(callers) - len(drawn),
        rooms=_rooms(report.namespaces),
        home=_place(report, home, ()),
        replicas=tuple(_place(report, place, _copies(place, number)) for place in replicas),
    )


def shown_namespace(name: str) -> str:
    """A namespace as people say it."""
    return "names without /" if name == ROOT_NAMESPACE else name


def _rooms(namespaces: tuple[NamespaceFacts, ...]) -> tuple[RoomNode, ...]:
    rooms = [RoomNode(name=shown_namespace(it.name), size=_size(it)) for it in namespaces[:ROOMS]]
    if rest := namespaces[ROOMS:]:
        size = str(sum(len(it.repositories) for it in rest))
        rooms.append(RoomNode(name=f"{len(rest):,} more namespaces", size=size))
    return tuple(rooms)


def _size(namespace: NamespaceFacts) -> str:
    """How many repositories; of none what makes them."""
    if namespace.repositories or not namespace.created:
        return f"{len(namespace.repositories):,}"
    return "cached" if "cached from" in namespace.created[0] else "on push"


def _callers(report: Report, number: Mapping[str, int]) -> list[CallerNode]:
    """Whoever a line of the access relation lets in."""
    ways: dict[tuple[str, bool], dict[int | None, Way]] = {}
    verbs: dict[tuple[str, bool], dict[str, None]] = {}
    for row in report.access:
        if row.denies:
            continue
        who = (row.principal or row.who, not row.principal)
        reached = ways.setdefault(who, {})
        rooms: list[int | None] = [number[it] for it in row.namespaces]
        for room in rooms or [None]:
            reached[room] = _stronger(reached.get(room), _way(row.may, row.written))
        verbs.setdefault(who, {})["by a policy" if row.written else row.may.replace("_", " ")] = None
    kinds = {it.name: it.kind for it in report.principals}
    return [
        CallerNode(
            name=name,
            about=", ".join([*names([kinds.get(name, "")] if not nameless else []), *verbs[name, nameless]]),
            written=nameless,
            reaches=_folded(reached, len(set(number.values()))),
        )
        for (name, nameless), reached in ways.items()
    ]


def _alike(callers: list[CallerNode]) -> list[CallerNode]:
    """Of many callers, those that are and may the same as one."""
    if len(callers) <= ALIKE:
        return callers
    groups: dict[object, list[CallerNode]] = {}
    for caller in callers:
        groups.setdefault((caller.about, caller.written, caller.reaches), []).append(caller)
    return [
        first if not others else replace(first, name=f"{first.name} and {len(others):,} more")
        for first, *others in groups.values()
    ]


def _way(may: str, written: bool) -> Way:
    return "policy" if written else "read" if may in EVERYWHERE else "write"


def _stronger(one: Way | None, other: Way) -> Way:
    return max(one or "policy", other, key=("policy", "read", "write").index)


def _folded(reached: Mapping[int | None, Way], rooms: int) -> tuple[tuple[int | None, Way], ...]:
    """Rooms one by one, or the whole; a line of each kind is kept."""
    one_by_one = [(room, way) for room, way in reached.items() if room is not None]
    whole = [(None, way) for room, way in reached.items() if room is None]
    if len(one_by_one) > ONE_BY_ONE or (1 < rooms == len(one_by_one)):
        return tuple(dict.fromkeys([*whole, *((None, way) for _, way in sorted(one_by_one))]))
    return (*whole, *sorted(one_by_one))


def _height(caller: CallerNode) -> tuple[float, str]:
    """Where its lines end, in the middle: the whole registry is at the top."""
    return median(-1 if room is None else room for room, _ in caller.reaches), caller.name


def _copies(place: PlaceFacts, number: Mapping[str, int]) -> tuple[int | None, ...]:
    copied = _rooms_of(place.receives, number)
    every = place.everything or len(copied) == len(set(number.values()))
    return (None,) if every or len(copied) > ONE_BY_ONE else copied


def _rooms_of(namespaces: Iterable[str], number: Mapping[str, int]) -> tuple[int, ...]:
    """The rooms of namespaces."""
    return tuple(sorted({number[it] for it in namespaces if it in number}))


def _place(report: Report, place: PlaceFacts, copies: tuple[int | None, ...]) -> PlaceNode:
    declared = sum(bool(namespace.repositories) for namespace in report.namespaces)
    deletes = "; deletions too" if place.deletes else ""
    if place.everything:
        receives = "everything"
    elif len(place.receives) == declared > 1:
        receives = f"all {declared:,} namespaces"
    elif len(place.receives) > ONE_BY_ONE:
        receives = f"{len(place.receives):,} of {declared:,} namespaces"
    else:
        receives = ", ".join(map(shown_namespace, place.receives))
    return PlaceNode(
        account=place.account,
        region=place.region,
        receives=receives + deletes,
        copies=copies,
        networks=tuple(_network(it) for it in report.networks if it.region == place.region),
    )


def _network(network: NetworkFacts) -> tuple[str, str]:
    return network.name, ", ".join((*network.made, *network.existing))
