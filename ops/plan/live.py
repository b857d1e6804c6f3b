"""A plan beside AWS as it is: with what drift, the guard, `--images` and `ecrctl retire` find there. It only reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from ops.aws import cloud
from ops.aws.parallel import map_parallel
from ops.deploy.retired_stacks import account_of, blind, retired
from ops.drift.compare import INFORMATIONAL, State
from ops.drift.run import drift_before_deploy
from ops.lifecycle.guard import guard
from ops.lifecycle.live import images_in
from ops.lifecycle.running import SOURCES as RUNNERS
from ops.lifecycle.running import running_in
from ops.lifecycle.targets import targets
from ops.output.drift import refused_text, short
from ops.terminal import count, warn
from registry.findings import listed
from registry.lifecycle.inventory import Inventory
from registry.naming import namespace_of
from registry.plan import inventory as simulations
from registry.plan.change import Change
from registry.plan.live import BY_HAND, HOLDS, LEFT, RUNS, deleted, taking_more, touches
from registry.plan.replication import newly_copied, waiting
from registry.plan.sides import Sides
from registry.plan.unexplained import Templates


def look(sides: Sides, changes: Sequence[Change], new: Templates, now: float, sources: Sequence[str]) -> list[Change]:
    """What AWS says of a plan, in the account of the credentials.

    :param changes: what the plan says itself.
    :param new: the templates of the new side.
    :param now: seconds since 1970.
    :param sources: which services of AWS are asked what runs (`SOURCES` of ops/lifecycle/guard.py).
    :raises CloudError: where AWS cannot be asked, or the credentials are of no account of the file.
    """
    own = cloud.own_account(sides.new.registry)  # before anything else is asked
    names = taking_more(sides, changes)
    return [
        *_by_hand(sides, changes),
        *(_taken(sides, changes, names, now) if names else ()),
        *(_running(sides, names, now, sources) if names else ()),
        *_deleted(sides, changes, own, sources),
        *(_to_backfill(sides) if own == sides.new.registry.account else ()),
        *_left(sides, new),
    ]


def _by_hand(sides: Sides, changes: Sequence[Change]) -> Iterator[Change]:
    rows = drift_before_deploy(sides.new.registry)
    if refused := [row for row in rows if row.refused]:
        said = refused_text(refused, sides.new.registry.name)
        if any(touches(sides, changes, row.thing.at, row.thing.noun, row.thing.name) for row in refused):
            raise cloud.CloudError(said.removeprefix("note: "))
        warn(said)
    for row in rows:
        thing = row.thing
        if row.state in INFORMATIONAL or not touches(sides, changes, thing.at, thing.noun, thing.name):
            continue
        setting = f"{row.setting} " if row.setting else ""
        owner = f", in the stack {row.owner}" if row.owner else ""
        declared = thing.name if thing.noun == "repository" and thing.name in sides.new.repositories else ""
        where, gone = sides.entry(declared) if declared else (None, False)
        differs = row.state is State.DIFFERS
        yield Change(
            kind=BY_HAND,
            subjects=(f"{thing.noun} {thing.name}".rstrip(),),
            message=f"{setting}{row.state} in {thing.at.beside(sides.new.registry.home)}{owner}",
            before=short(row.expected, row.live) if differs else "",
            after=short(row.live, row.expected) if differs else "",
            where=where,
            gone=gone,
            concerns=sides.people(declared) if declared else (),
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


def _running(sides: Sides, names: Collection[str], now: float, sources: Sequence[str]) -> Iterator[Change]:
    registry = sides.new.registry
    asked = targets(registry, tuple(names), (), None)
    found = guard(registry, asked, sources=sources, files=(), pulled_days=0, now=now)
    _say_absent(found.absent)
    for it in found.stopping:
        image = (it.image.tags or (it.image.digest,))[0]
        yield _runs(sides, it.repository, f"{image} runs in {it.region} and would go by rule {it.priority}", it.running)


def _deleted(sides: Sides, changes: Sequence[Change], own: str, sources: Sequence[str]) -> Iterator[Change]:
    """What is in repositories that are deleted, and what runs of it; Amazon Inspector is not asked about those."""
    here = [at for at in sides.new.registry.locations if at.account == own]
    wanted = [(at, name) for name in deleted(changes) for at in sides.old.locations(namespace_of(name)) if at in here]
    clients = {at.region: cloud.ecr(at.region) for at, _ in wanted}
    found = map_parallel(wanted, lambda it: images_in(clients[it[0].region], it[1]), "looking at images")
    holding = [(at, name, images) for (at, name), images in zip(wanted, found, strict=True) if images]
    for at, name, images in holding:
        where, gone = sides.entry(name)
        yield Change(
            kind=HOLDS,
            subjects=(name,),
            message=f"holds {count(len(images), 'image')} in {at.beside(sides.new.registry.home)}, which go with it",
            where=where,
            gone=gone,
            concerns=sides.people(name),
        )
    regions = sorted({at.region for at, *_ in holding})
    runs, absent = running_in(regions, [it for it in sources if it in RUNNERS]) if regions else ([], ())
    _say_absent(absent)
    for at, name, images in holding:
        for image in images:
            places = [
                it.where
                for it in runs
                if it.means(at.account, at.region, name) and it.names((image.digest,), image.tags or ())
            ]
            if places:
                called = (image.tags or (image.digest,))[0]
                message = f"{called} runs in {at.region} and would go with its repository"
                yield _runs(sides, name, message, tuple(dict.fromkeys(places)))


def _to_backfill(sides: Sides) -> Iterator[Change]:
    """How many images are at home, of the repositories that a place gets from now on."""
    copied = newly_copied(sides)
    names = sorted({name for it in copied.values() for name in it})
    client = cloud.ecr(sides.new.registry.region)
    found = map_parallel(names, lambda it: images_in(client, it) or (), "looking at images")
    numbers = {name: sum(not it.archived for it in images) for name, images in zip(names, found, strict=True)}
    for at, here in copied.items():
        holding = [name for name in here if numbers[name]]
        if holding:
            number = count(len(holding), "repository", "repositories")
            yield waiting(sides, at, sum(numbers[name] for name in holding), number)


def _say_absent(services: Sequence[str]) -> None:
    if services:
        warn(f"note: what runs in {listed(services)} is not known: it is not there")


def _runs(sides: Sides, name: str, message: str, places: Sequence[str]) -> Change:
    where, gone = sides.entry(name)
    return Change(
        kind=RUNS,
        subjects=(name,),
        message=message,
        before=listed(places, 3),
        where=where,
        gone=gone,
        concerns=sides.people(name),
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
