"""What a repository holds, from a list of its images: between two bounds, because a list says nothing of layers.

Images of a repository share layers, and ECR keeps and bills each once. So all of them together take at least what the
largest takes, and at most the sum. `imageSizeInBytes` of an index is that of its largest image, which is listed, too.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC

from registry.cost.stored import owner_of
from registry.lifecycle.algorithm import simulate
from registry.lifecycle.images import Image
from registry.lifecycle.indexes import Manifests
from registry.lifecycle.inventory import Inventory
from registry.lifecycle.policy import rules_of
from registry.model import Registry
from registry.usage.totals import Bytes, RepositoryUsage

_TRANSITION = "transition"


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
    declared = registry.repository(name)
    if declared is None or declared.lifecycle is None:
        return usage_of(registry, inventory, name)
    rules = rules_of(declared.lifecycle.text, declared.lifecycle.name)
    outcome = simulate(rules, inventory.images, Manifests(), now)
    acted = [(it.image.digest, it.rule.action) for it in outcome.marks]
    acted += [(it.image.digest, it.rule.action) for it in outcome.later]
    moved = {digest for digest, action in acted if action == _TRANSITION}
    gone = {digest for digest, _ in acted} - moved
    left = [it for it in inventory.images if it.digest not in gone]
    return _usage(
        registry,
        name,
        [it for it in left if not it.archived and it.digest not in moved],
        [it for it in left if it.archived or it.digest in moved],
    )


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
