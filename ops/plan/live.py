"""A plan beside AWS as it is: with what drift, the guard, `--images` and `ecrctl retire` find there. It only reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from ops.aws import cloud
from ops.aws.parallel import map_parallel
from ops.deploy.retired_stacks import account_of, blind, retired
from ops.drift.compare import INFORMATIONAL
from ops.drift.run import drift_before_deploy
from ops.lifecycle.guard import SOURCES, guard
from ops.lifecycle.live import images_in
from ops.lifecycle.targets import targets
from ops.output.drift import refused_text
from ops.terminal import warn
from registry.findings import listed
from registry.lifecycle.inventory import Inventory
from registry.naming import namespace_of
from registry.plan import inventory as simulations
from registry.plan.change import Change
from registry.plan.live import BY_HAND, LEFT, RUNS, taking_more, touches
from registry.plan.sides import Sides
from registry.plan.unexplained import Templates


def look(sides: Sides, changes: Sequence[Change], new: Templates, now: float) -> list[Change]:
    """What AWS says of a plan, in the account of the credentials.

    :param changes: what the plan says itself.
    :param new: the templates of the new side.
    :param now: seconds since 1970.
    :raises CloudError: where AWS cannot be asked, or the credentials are of no account of the file.
    """
    cloud.own_account(sides.new.registry)  # before anything else is asked
    names = taking_more(sides, changes)
    return [
        *_by_hand(sides, changes),
        *(_taken(sides, changes, names, now) if names else ()),
        *(_running(sides, names, now) if names else ()),
        *_left(sides, new),
    ]


def _by_hand(sides: Sides, changes: Sequence[Change]) -> Iterator[Change]:
    rows = drift_before_deploy(sides.new.registry)
    if refused := [row for row in rows if row.refused]:
        warn(refused_text(refused, sides.new.registry.name))
    for row in rows:
        thing = row.thing
        if row.state not in INFORMATIONAL and touches(sides, changes, thing.at, thing.noun, thing.name):
            setting = f"{row.setting} " if row.setting else ""
            where = thing.at.beside(sides.new.registry.home)
            yield Change(
                kind=BY_HAND,
                subjects=(f"{thing.noun} {thing.name}".rstrip(),),
                message=f"{setting}{row.state} in {where}",
                before="" if row.expected is None else str(row.expected),
                after="" if row.live is None else str(row.live),
            )


def _taken(sides: Sides, changes: Sequence[Change], names: Collection[str], now: float) -> Iterator[Change]:
    """The same simulation as of `--images`, over the images that are there."""
    wanted = [
        (at, name)
        for at in cloud.own_locations(sides.new.registry)
        for name in names
        if all(at in side.locations(namespace_of(name)) for side in sides.both)
    ]
    clients = {at.region: cloud.ecr(at.region) for at, _ in wanted}
    found = map_parallel(wanted, lambda it: images_in(clients[it[0].region], it[1]), "looking at images")
    for (at, name), images in zip(wanted, found, strict=True):
        for each in simulations.simulated(sides, Inventory(name, images or ()), changes, now):
            yield replace(each, message=f"{each.message} (now, in {at.beside(sides.new.registry.home)})")


def _running(sides: Sides, names: Collection[str], now: float) -> Iterator[Change]:
    registry = sides.new.registry
    asked = targets(registry, tuple(names), (), None)
    found = guard(registry, asked, sources=SOURCES, files=(), pulled_days=0, now=now)
    if found.absent:
        warn(f"note: what runs in {listed(found.absent)} is not known: it is not there")
    for it in found.stopping:
        image = (it.image.tags or (it.image.digest,))[0]
        where, gone = sides.entry(it.repository)
        yield Change(
            kind=RUNS,
            subjects=(it.repository,),
            message=f"{image} runs in {it.region} and would go by rule {it.priority}",
            before=listed(it.running, 3),
            where=where,
            gone=gone,
            concerns=sides.people(it.repository),
        )


def _left(sides: Sides, new: Templates) -> Iterator[Change]:
    registry = sides.new.registry
    account = account_of(registry, None)
    for name in dict.fromkeys(side.registry.name for side in sides.both):
        stacks, closed = retired(registry, account, frozenset(new), name=name)
        if regions := blind(registry, account, closed):
            raise cloud.CloudError(
                f"the file has stacks in {listed(regions)}, so whether one has left the app there is not known\n"
                "    way out: allow these credentials cloudformation:DescribeStacks there"
            )
        for stack in stacks:
            yield Change(
                kind=LEFT,
                subjects=(f"{stack.name} in {stack.at.beside(registry.home)}",),
                message="is in AWS and not in the app; `ecrctl retire` removes it",
                after=stack.status,
            )
