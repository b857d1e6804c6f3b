"""Lists of images: which of them go that would have stayed, and how many a new replica does not get by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from registry.cost.charges import month
from registry.cost.money import gigabytes
from registry.cost.prices import Item
from registry.findings import listed
from registry.lifecycle.algorithm import simulate
from registry.lifecycle.indexes import Manifests
from registry.lifecycle.inventory import Inventory
from registry.lifecycle.policy import rules_of
from registry.plan.change import Change, Risk, kinds_about
from registry.plan.lifecycles import MORE
from registry.plan.replication import newly_copied, waiting
from registry.plan.sides import Side, Sides

_SHOWN = 5  # images that are named

kind = kinds_about("Lifecycles")
TAKES = kind(
    "lifecycle-takes-images",
    Risk.DESTROYS,
    "Images go that would have stayed",
    "Simulated by the sentences of the user guide, over the images of `--images`, or those that `--live` finds.",
    "docs/lifecycle-simulation.md",
)


def simulated(sides: Sides, inventory: Inventory, changes: Iterable[Change], now: float) -> Iterator[Change]:
    """What the new lifecycle of a repository takes of a list of its images, and the old one does not.

    :param now: seconds since 1970.
    """
    name = inventory.repository or ""
    if name not in sides.kept:
        return
    before, after = (_taken(side, name, inventory, now) for side in sides.both)
    new = {digest: tags for digest, tags in after.items() if digest not in before}
    if not new:
        return
    line = next((it for it in changes if it.kind is MORE and name in it.subjects), None)
    where, gone = (line.where, line.gone) if line else sides.entry(name)
    # At most: layers that others have too stay. What is archived instead costs the same, up to 150 TB of it.
    size = sum(it.size or 0 for it in inventory.images if it.digest in new and not it.is_index)
    words = [tags[0] if tags else digest for digest, tags in new.items()]
    yield Change(
        kind=TAKES,
        subjects=(name,),
        message=f"{len(new):,} of {len(inventory.images):,} images go that would have stayed: {listed(words, _SHOWN)}",
        before=f"{len(before):,} go",
        after=f"{len(after):,} go",
        where=where,
        gone=gone,
        concerns=sides.people(name),
        bill=(month(sides.prices, Item.STORAGE, sides.new.registry.home, -gigabytes(0, size)),) if size else (),
    )


def to_backfill(sides: Sides, inventory: Inventory) -> Iterator[Change]:
    """The images of a list that a place does not get by itself, where it gets copies from now on.

    Archived ones cannot be pulled, so nothing copies them.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html
    """
    number = sum(not image.archived for image in inventory.images)
    for at, names in newly_copied(sides).items():
        if number and inventory.repository in names:
            yield waiting(sides, at, number, inventory.repository)


def _taken(side: Side, name: str, inventory: Inventory, now: float) -> dict[str, tuple[str, ...]]:
    """The images that go or are archived, and what follows them, by digest with their tags."""
    lifecycle = side.repositories[name].lifecycle
    if lifecycle is None:
        return {}
    outcome = simulate(rules_of(lifecycle.text, lifecycle.name), inventory.images, Manifests(), now)
    images = [*(mark.image for mark in outcome.marks), *(later.image for later in outcome.later)]
    return {image.digest: image.tags or () for image in images}
