"""The questions: is AWS as the file says, did somebody change what the last deploy made, and what puts it back?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ops.aws import cloud
from ops.aws.parallel import map_parallel
from ops.aws.stacks import owner_of
from ops.drift.compare import Drift, State, against_deployed, against_file
from ops.drift.deployed import deployed
from ops.drift.fix import Known, Step, plan
from ops.drift.kind import Kind, StackKind
from ops.drift.kinds import KINDS
from ops.drift.reading import Keys, Live, ResourceKey, declared, live
from ops.drift.repository_settings import Settings
from registry.locations import Location
from registry.model import Registry

#: The services whose things another stack may have by the same name.
_OWNED: Final = ("ecr", "ecr-public")
_BY_NOUN: Final = {kind.noun: kind for kind in KINDS}


def drift(registry: Registry) -> list[Drift]:
    """Where AWS is not as the file says, at every location of the credentials' account."""
    return _compare(registry, _locations(registry, KINDS), Keys())[0]


def drift_to_fix(registry: Registry) -> tuple[list[Drift], list[Step]]:
    """The same rows, and what is to be done about each of them."""
    locations, keys = _locations(registry, KINDS), Keys()
    last = deployed(registry, locations, KINDS)
    rows, wanted, found = _compare(registry, locations, keys)
    known = Known(registry=registry, kinds=_BY_NOUN, wanted=wanted, live=found, last=last, keys=keys)
    return rows, plan(known, rows)


def _locations(registry: Registry, kinds: Sequence[Kind]) -> list[Location]:
    """Where these kinds are in the account of the credentials: at its locations, where its Access stack is, and where
    its public repositories are.
    """
    own = cloud.own_locations(registry)
    access = (Location(at.account, registry.region) for at in own)
    published = (it.location for it in registry.published if it.location.account in {at.account for at in own})
    return [at for at in dict.fromkeys((*own, *access, *published)) if any(kind.where(registry, at) for kind in kinds)]


def _compare(
    registry: Registry, locations: Sequence[Location], keys: Keys
) -> tuple[list[Drift], dict[ResourceKey, Settings], Live]:
    """The rows, and the two sides that they compare."""
    wanted = declared(registry, locations, KINDS)
    found = live(registry, locations, KINDS, wanted)
    return list(against_file(registry, _BY_NOUN, wanted, found, keys)), wanted, found


def drift_before_deploy(registry: Registry) -> list[Drift]:
    """What was changed by hand since the last deploy, and what the next one would find taken."""
    kinds = {kind.noun: kind for kind in KINDS if isinstance(kind, StackKind)}  # the others no deploy touches
    locations = _locations(registry, list(kinds.values()))
    wanted = declared(registry, locations, list(kinds.values()))
    last = deployed(registry, locations, list(kinds.values()))
    found = live(registry, locations, list(kinds.values()), wanted.keys() | last.settings.keys())
    return _with_owners(list(against_deployed(kinds, wanted, last, found, Keys())))


def _with_owners(rows: list[Drift]) -> list[Drift]:
    """The rows, and of each thing that is outside its stack in which other one it is: a file of somebody's has it."""
    types = {kind.noun: kind.type for kind in KINDS if isinstance(kind, StackKind) and kind.service in _OWNED}
    taken = [row for row in rows if row.state is State.EXISTS_OUTSIDE_STACK and row.thing.noun in types]
    clients = {row.thing.at.region: cloud.cloudformation(row.thing.at.region) for row in taken}
    owners = map_parallel(
        taken,
        lambda row: owner_of(clients[row.thing.at.region], row.thing.physical_id, types[row.thing.noun]),
        "asking whose",
    )
    owned = {row.thing: owner for row, owner in zip(taken, owners, strict=True)}
    return [replace(row, owner=owned.get(row.thing)) for row in rows]
