"""What a repository holds, from a list of its images: between two bounds, because a list says nothing of layers.

Images of a repository share layers, and ECR keeps and bills each once. So all of them together take at least what the
largest takes, and at most the sum. `imageSizeInBytes` of an index is that of its largest image, which is listed, too.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC
from decimal import Decimal
from typing import Final

from registry.cost.money import EXACT, Range, gigabytes
from registry.cost.stored import owner_of
from registry.lifecycle.algorithm import DAY, simulate
from registry.lifecycle.images import Image
from registry.lifecycle.indexes import Manifests
from registry.lifecycle.inventory import Inventory
from registry.lifecycle.policy import rules_of
from registry.limits import ARCHIVED_DAYS
from registry.model import Registry
from registry.usage.totals import Bytes, RepositoryUsage

_TRANSITION: Final = "transition"
_MONTH: Final = Decimal(30)  # days of a month in which 90 of them are three


def usage_of(registry: Registry, inventory: Inventory, name: str) -> RepositoryUsage:
    """What the images of a list come to, at the home of a registry.

    :param name: the repository.
    """
    active = [it for it in inventory.images if not it.archived]
    archived = [it for it in inventory.images if it.archived]
    return _usage(registry, name, active, archived)


def after_lifecycle(registry: Registry, inventory: Inventory, name: str, now: float) -> RepositoryUsage:
    """The same when the lifecycle that the file gives the repository has run.

    :param now: the time of the run, in seconds since 1970.
    """
    kept, moved = _parted(registry, inventory, name, now)
    active = [it for it in kept if not it.archived]
    return _usage(registry, name, active, [*(it for it in kept if it.archived), *moved])


def _parted(registry: Registry, inventory: Inventory, name: str, now: float) -> tuple[Sequence[Image], Sequence[Image]]:
    """What a run of a repository's lifecycle leaves as it is, and what it moves to the archive."""
    declared = registry.repository(name)
    if declared is None or declared.lifecycle is None:
        return inventory.images, ()
    rules = rules_of(declared.lifecycle.text, declared.lifecycle.name)
    outcome = simulate(rules, inventory.images, Manifests(), now)
    acted = [(it.image.digest, it.rule.action) for it in outcome.marks]
    acted += [(it.image.digest, it.rule.action) for it in outcome.later]
    moved = {digest for digest, action in acted if action == _TRANSITION}
    gone = {digest for digest, _ in acted} - moved
    left = [it for it in inventory.images if it.digest not in gone]
    newly = [it for it in left if it.digest in moved and not it.archived]
    return [it for it in left if it.digest not in {each.digest for each in newly}], newly


def unfinished(registry: Registry, inventory: Inventory, name: str, now: float, *, after: bool) -> tuple[int, Range]:
    """The archived images of a list that are not as long in the archive as AWS bills at least, and the rest of it.

    The rest is in GB-months, of 30 days, between that of the image with the most of it and the sum. An image of which
    nobody says since when it is archived may have all of it left.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html

    :param after: of what is there when the lifecycle that the file gives the repository has run.
    :param now: seconds since 1970.
    """
    kept, archived = _parted(registry, inventory, name, now) if after else (inventory.images, ())
    days = {it.digest: _left(it, now) for it in kept if it.archived}
    days |= {it.digest: _left(it, now) for it in archived}
    early = [it for it in (*kept, *archived) if days.get(it.digest, 0.0) > 0 and not it.is_index]
    rests = [EXACT.multiply(gigabytes(it.size or 0, 0).low, Decimal(days[it.digest]) / _MONTH) for it in early]
    return len(early), Range(max(rests, default=Decimal(0)), sum(rests, Decimal(0)))


def _left(image: Image, now: float) -> float:
    """How many days AWS bills an archived image at least from now on; one that is archived now, all of them."""
    since = image.archived_at.timestamp() if image.archived and image.archived_at else now
    return ARCHIVED_DAYS - (now - since) / DAY


def _usage(registry: Registry, name: str, active: list[Image], archived: list[Image]) -> RepositoryUsage:
    months: dict[str, list[Image]] = {}
    for image in (*active, *archived):
        months.setdefault(f"{image.pushed.astimezone(UTC):%Y-%m}", []).append(image)
    number = Counter({month: sum(not it.is_index for it in each) for month, each in months.items()})
    return RepositoryUsage(
        at=registry.home,
        repository=name,
        owner=owner_of(registry, name),
        images=len(active) + len(archived),
        archived_images=len(archived),
        standard=_bounds(active),
        archive=_bounds(archived),
        pushed={month: Bytes(0, _bounds(each).high) for month, each in months.items()},
        pushed_images=dict(number),
    )


def _bounds(images: Iterable[Image]) -> Bytes:
    sizes = [it.size or 0 for it in images if not it.is_index]
    return Bytes(max(sizes, default=0), sum(sizes))
