"""Replicas: what is copied where, and what is no longer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from registry import naming
from registry.cost.charges import Charge, month, price, together
from registry.cost.listed import usage_of
from registry.cost.money import gigabytes
from registry.cost.prices import Item
from registry.findings import YamlPath
from registry.lifecycle.inventory import Inventory
from registry.limits import ECR_GUIDE
from registry.locations import Location, located
from registry.model import Replica
from registry.naming import namespace_of
from registry.plan.change import Change, Kind, Part, Risk, comparison, kinds_about
from registry.plan.sides import Side, Sides

_LINK = f"{ECR_GUIDE}/replication.html"
kind = kinds_about("Replicas")
ADDED = kind(
    "replica-added",
    Risk.COSTS,
    "Images are copied to one more place",
    "Storage is paid once more there, and the transfer of every image. Images that were pushed before are not copied "
    "by themselves: `ecrctl backfill` does it.",
    _LINK,
)
ELSEWHERE = kind(
    "replica-account",
    Risk.OPENS,
    "Images are copied to another account",
    "Whoever administers that account can read them, whatever this file grants.",
    _LINK,
)
REMOVED = kind(
    "replica-removed",
    Risk.BREAKS,
    "Images are no longer copied to a place",
    "What is there stays and grows old; who pulls there never sees a new image. `ecrctl retire` removes the stacks.",
    _LINK,
)
MORE = kind(
    "replica-more",
    Risk.COSTS,
    "A replica receives more",
    "Storage is paid once more there, and the transfer. Images that were pushed before are not copied by themselves.",
    _LINK,
)
LESS = kind(
    "replica-less",
    Risk.BREAKS,
    "A replica receives less",
    "What is there stays and grows old; who pulls it there never sees a new image.",
    _LINK,
)
WAITING = kind(
    "replica-backfill",
    Risk.COSTS,
    "Images were pushed before a place gets copies",
    "Replication copies what is pushed from then on. A backfill copies the rest: transfer is billed once, storage each "
    "month. Counted are the images of `--images`, or those that `--live` finds.",
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication-backfill.html",
)
DELETES = kind(
    "replica-deletes",
    Risk.DESTROYS,
    "What is deleted at home is deleted in a replica, too",
    "A copy that outlives a mistake at home is no longer one, and an image that runs there can go.",
    _LINK,
)
KEEPS = kind(
    "replica-keeps",
    Risk.COSTS,
    "What is deleted at home stays in a replica",
    "Images stay there until its own lifecycle takes them, and are billed.",
    _LINK,
)


@comparison
def replicas(sides: Sides) -> Iterator[Change]:
    """By location."""
    old, new = ({it.location: it for it in side.registry.replicas} for side in sides.both)
    home = sides.new.registry.home
    for at in dict.fromkeys([*new, *old]):
        was, becomes = old.get(at), new.get(at)
        subject = at.beside(home)
        if becomes is None:
            message = f"no longer receives {_number(sides.old, at)}"
            yield _change(sides, REMOVED, at, message, "is a replica", "is none")
        elif was is None:
            message = f"receives {_number(sides.new, at)}; existing images need `ecrctl backfill {subject}`"
            yield _change(sides, ADDED, at, message, "is none", "is a replica")
            yield from _elsewhere(sides, at)
        else:
            yield from _changed(sides, at, was, becomes)
            yield from _elsewhere(sides, at)


def _changed(sides: Sides, at: Location, was: Replica, becomes: Replica) -> Iterator[Change]:
    # A namespace that is new, or that left the file, is told of its repositories.
    before, after = (frozenset(it for it in each.namespaces if _is_in_both(sides, it)) for each in (was, becomes))
    shown = (", ".join(sorted(each.namespaces)) or "nothing" for each in (was, becomes))
    names = {name for namespace in after - before for name in _names(sides.new, namespace)}
    if names:
        message = f"receives {_repositories(len(names))} more; existing images need a backfill"
        yield _change(sides, MORE, at, message, *shown)
    elif lost := {name for namespace in before - after for name in _names(sides.old, namespace)}:
        yield _change(sides, LESS, at, f"no longer receives {_repositories(len(lost))}", *shown)
    if names and (lost := {name for namespace in before - after for name in _names(sides.old, namespace)}):
        yield _change(sides, LESS, at, f"no longer receives {_repositories(len(lost))}", "", "")
    if was.all_repositories != becomes.all_repositories:
        more = becomes.all_repositories
        words = ("only declared repositories", "every repository of the home")
        yield _change(sides, MORE if more else LESS, at,
                      f"receives {'also what no file declares' if more else 'no longer what no file declares'}",
                      *(words if more else words[::-1]))  # fmt: skip
        if more and at.account != sides.new.registry.account:
            message = f"the account {at.account} gets copies also of what no file declares"
            yield _change(sides, ELSEWHERE, at, message, *words)
    if was.delete_replication != becomes.delete_replication:
        deletes = becomes.delete_replication
        message = "loses what is deleted at home" if deletes else "keeps what is deleted at home"
        words = ("delete_replication: false", "delete_replication: true")
        yield _change(sides, DELETES if deletes else KEEPS, at, message, *(words if deletes else words[::-1]))


def _elsewhere(sides: Sides, at: Location) -> Iterator[Change]:
    """The repositories of which another account gets its first copies; one that is new belongs to its namespace."""
    if at.account == sides.new.registry.account:
        return
    before, after = (_copied_to(side, at.account) for side in sides.both)
    here = {it for replica in sides.new.registry.replicas if replica.location == at for it in replica.namespaces}
    names = [name for namespace in (after - before) & here for name in _names(sides.new, namespace)]
    if not before or any(name in sides.old.repositories for name in names):
        message = f"the account {at.account} gets copies of {_repositories(len(names))}"
        yield _change(sides, ELSEWHERE, at, message, "has no copy", "has copies")


def _copied_to(side: Side, account: str) -> set[str]:
    """The namespaces that an account has."""
    if account == side.registry.account:
        return {it.namespace for it in side.registry.repositories}
    return {name for it in side.registry.replicas if it.location.account == account for name in it.namespaces}


def newly_copied(sides: Sides) -> dict[Location, list[str]]:
    """The repositories of both sides that are copied to a location from now on."""
    found: dict[Location, list[str]] = {}
    for name in sides.kept:
        namespace = namespace_of(name)
        for at in sides.new.locations(namespace):
            if at not in (sides.new.registry.home, *sides.old.locations(namespace)):
                found.setdefault(at, []).append(name)
    return found


def waiting(sides: Sides, at: Location, images: int, of: str) -> Change:
    """How many images a location does not get by itself; what they cost there is not said.

    :param of: whose images they are.
    """
    number = f"{images:,} {'image' if images == 1 else 'images'}"
    message = f"gets {number} of {of} only by `ecrctl backfill {at.beside(sides.new.registry.home)}`"
    return _change(sides, WAITING, at, message, "", "")


def _is_in_both(sides: Sides, namespace: str) -> bool:
    return all(namespace in side.namespaces for side in sides.both)


def _names(side: Side, namespace: str) -> Iterator[str]:
    return (it.name for it in side.namespaces.get(namespace, ()))


def _number(side: Side, at: Location) -> str:
    return _repositories(len(side.registry.repositories_in(at)))


def _repositories(number: int) -> str:
    return f"{number:,} {'repository' if number == 1 else 'repositories'}"


def _change(sides: Sides, of: Kind, at: Location, message: str, before: str, after: str) -> Change:
    where, gone = sides.at(*(place for side in sides.both[::-1] for place in _places(side, at)))
    return Change(
        kind=of,
        subjects=(at.beside(sides.new.registry.home),),
        message=message,
        before=before,
        after=after,
        where=where,
        gone=gone,
        explains=frozenset(part for side in sides.both for part in _parts(sides, side, at)),
        bill=tuple(_bill(sides, at)) if of in (ADDED, MORE) else (),
    )


def with_images(sides: Sides, change: Change, lists: Sequence[Inventory]) -> Change:
    """A change with what the copies of listed images cost, where it makes a replica receive them."""
    if change.kind not in (ADDED, MORE):
        return change
    home, added = sides.new.registry.home, list[Charge]()
    for at in sides.new.registry.locations:
        if at.beside(home) not in change.subjects:
            continue
        before = (
            {it.name for it in sides.old.registry.repositories_in(at)} if at in sides.old.registry.locations else ()
        )
        after = {it.name for it in sides.new.registry.repositories_in(at)}
        for each in lists:
            if each.repository is not None and each.repository in after and each.repository not in before:
                held = usage_of(sides.new.registry, each, each.repository).standard
                quantity = gigabytes(held.low, held.high)
                added.append(month(sides.prices, Item.STORAGE, at, quantity))
                if at.region != home.region:
                    added.append(month(sides.prices, Item.TRANSFER, home, quantity, once=True))
    return replace(change, bill=together((*change.bill, *added)))


def _bill(sides: Sides, at: Location) -> Iterator[Charge]:
    """Each GB is stored once more, and leaves the home's region once."""
    home = sides.new.registry.home
    yield price(sides.prices, Item.STORAGE, at)
    if at.region != home.region:
        yield price(sides.prices, Item.TRANSFER, home)


def _places(side: Side, at: Location) -> Iterator[YamlPath]:
    for name in side.written.root.replicas:
        if located(name, side.registry.account) == at:
            yield ("replicas", name)


def _parts(sides: Sides, side: Side, at: Location) -> Iterator[Part]:
    """The replication at home, stacks that only one side has or namespaces share, and what is there once."""
    yield side.stack(side.registry.home, naming.REGISTRY_UNIT), "Replication", ""
    for stack in sides.old.stacks ^ sides.new.stacks:
        if stack[0] == at or (stack[0].account == at.account != side.registry.account):
            yield stack, "", ""
    there = [{it.name for it in each.registry.repositories_in(at)} for each in sides.both]
    for name in sides.kept:
        if name in there[0] ^ there[1]:
            yield side.stack(at, side.unit_of(name)), naming.logical_id(name), ""
