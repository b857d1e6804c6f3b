"""What the file declares, AWS has, and no stack of the registry holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ops.adopt.change_sets import wait_for_imports
from ops.aws import cloud
from ops.aws.parallel import map_parallel
from ops.aws.stacks import holdings, owner_of, stacks_of
from ops.drift.kind import StackKind
from ops.drift.kinds import REGISTRY_WIDE
from ops.drift.named import REPOSITORY
from ops.drift.public import PUBLIC_REPOSITORY
from ops.drift.reading import ResourceKey, declared, live
from ops.drift.repository_settings import Settings
from registry import naming
from registry.locations import Location
from registry.model import Registry
from registry.model.stacks import PUBLIC_UNIT

#: Everything that can be imported, in the order in which it is shown.
IMPORTABLE: Final[tuple[StackKind, ...]] = (*REGISTRY_WIDE, PUBLIC_REPOSITORY, REPOSITORY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A thing that exists and is in no stack of the registry, and what there is to know before it is imported.

    `owner` is another stack that has it, `unit` the construct id of the stack that is to take it in.
    """

    thing: ResourceKey
    kind: StackKind
    unit: str
    stack: str
    wanted: Settings
    live: Settings
    owner: str | None = None

    @property
    def place(self) -> tuple[Location, str]:
        """The stack that is to take it in, and where that is."""
        return self.thing.at, self.stack

    @property
    def identifier(self) -> dict[str, str]:
        """What CloudFormation imports it by."""
        return {self.kind.identifier: self.thing.physical_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is outside, the status of each stack of the registry that exists, and the logical ids that it holds."""

    things: tuple[Outside, ...]
    statuses: Mapping[tuple[Location, str], str]
    held: Mapping[tuple[Location, str], frozenset[str]]


def outside(
    registry: Registry,
    kinds: Sequence[StackKind] = IMPORTABLE,
    *,
    names: Collection[str] = (),
    locations: Sequence[Location] | None = None,
) -> Found:
    """Look at the account of the credentials; an import that is under way there is waited for.

    The settings of what is in its stack are not read.

    :param names: only repositories of these names (default: all of them).
    :param locations: of that account (default: all of them).
    :raises CloudError: where AWS refuses to say.
    """
    locations = own_places(registry) if locations is None else locations
    wanted = {
        thing: settings
        for thing, settings in declared(registry, locations, kinds).items()
        if not names or thing.noun != REPOSITORY.noun or thing.name in names
    }
    by_noun = {kind.noun: kind for kind in kinds}
    homes = dict(_homes(registry, wanted))
    clients = {at: cloud.cloudformation(at.region) for at in locations}
    statuses = _statuses(registry, clients)
    places = list(dict.fromkeys((thing.at, stack) for thing, (_, stack) in homes.items()))
    existing = [place for place in places if place in statuses]
    rows = map_parallel(existing, lambda it: holdings(clients[it[0]], it[1]), "asking stacks")
    resources = {
        place: {(row["ResourceType"], row["PhysicalResourceId"]): row["LogicalResourceId"] for row in found}
        for place, found in zip(existing, rows, strict=True)
    }
    missing = {
        thing: (by_noun[thing.noun], *homes[thing])
        for thing, settings in wanted.items()
        if settings != by_noun[thing.noun].nothing
        and (by_noun[thing.noun].type, thing.physical_id) not in resources.get((thing.at, homes[thing][1]), {})
    }
    found = live(
        registry,
        list(dict.fromkeys(thing.at for thing in missing)),
        [kind for kind in kinds if any(thing.noun == kind.noun for thing in missing)],
        missing,
    ).settings
    things = [
        Outside(thing=thing, kind=kind, unit=unit, stack=stack, wanted=wanted[thing], live=found[thing])
        for thing, (kind, unit, stack) in missing.items()
        if thing in found and found[thing] != kind.nothing
    ]
    owners = map_parallel(
        things, lambda it: owner_of(clients[it.thing.at], it.thing.physical_id, it.kind.type), "asking whose"
    )
    return Found(
        things=tuple(replace(it, owner=owner) for it, owner in zip(things, owners, strict=True)),
        statuses=statuses,
        held={place: frozenset(ids.values()) for place, ids in resources.items()},
    )


def own_places(registry: Registry) -> tuple[Location, ...]:
    """Where a registry has something that can be imported, in the account of the credentials."""
    own = cloud.own_locations(registry)
    published = (it.location for it in registry.published if it.location.account in {at.account for at in own})
    return tuple(dict.fromkeys((*own, *published)))


def _homes(registry: Registry, things: Collection[ResourceKey]) -> Iterator[tuple[ResourceKey, tuple[str, str]]]:
    """The unit of each thing, and its stack."""
    units = {
        ResourceKey(at, REPOSITORY.noun, repository.name): unit.construct_id
        for at in dict.fromkeys(thing.at for thing in things)
        for unit in registry.units_in(at)
        for repository in unit.repositories
    }
    for thing in things:
        other = PUBLIC_UNIT if thing.noun == PUBLIC_REPOSITORY.noun else naming.REGISTRY_UNIT
        unit = units.get(thing, other)
        yield thing, (unit, naming.stack_name(registry.name, unit))


def _statuses(registry: Registry, clients: Mapping[Location, Any]) -> dict[tuple[Location, str], str]:
    """Of each stack that exists; one that only has a change set is none."""
    locations = list(clients)
    found = map_parallel(
        locations,
        lambda at: stacks_of(clients[at], registry.name, at, names=registry.stack_names_in(at)),
        "looking for stacks",
    )
    statuses = {(stack.at, stack.name): stack.status for stacks in found for stack in stacks}
    return wait_for_imports(statuses, clients)
