"""Repositories summed by what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from registry.usage.totals import Bytes, Effect, RepositoryUsage, summed

By = Literal["repository", "namespace", "owner", "location"]
Order = Literal["size", "new", "unpulled", "freed", "images", "name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some repositories. A layer that two of them have counts in each, as ECR stores it; `effect` is None unasked."""

    name: str
    repositories: int
    owners: tuple[str, ...]
    images: int
    archived_images: int
    total: Bytes
    new: Bytes
    new_images: int
    unpulled: Bytes
    unpulled_images: int
    never_pulled: int
    last_push: datetime | None
    last_pull: datetime | None
    unread: int
    effect: Effect | None


_KEYS: Final[dict[str, Callable[[RepositoryUsage], str]]] = {
    "repository": lambda it: it.repository,
    "namespace": lambda it: it.namespace,
    "owner": lambda it: it.owner or "no owner",
    "location": lambda it: str(it.at),
}


def grouped(repositories: Iterable[RepositoryUsage], by: By) -> list[Group]:
    """The groups by name; a repository is one with its replicas."""
    found: dict[str, list[RepositoryUsage]] = {}
    for each in repositories:
        found.setdefault(_KEYS[by](each), []).append(each)
    return [group(name, found[name]) for name in sorted(found)]


def group(name: str, repositories: Sequence[RepositoryUsage]) -> Group:
    """Some repositories as one group."""
    effects = [it.effect for it in repositories if it.effect is not None]
    return Group(
        name=name,
        repositories=len(repositories),
        owners=tuple(sorted({it.owner for it in repositories if it.owner})),
        images=sum(it.images for it in repositories),
        archived_images=sum(it.archived_images for it in repositories),
        total=summed(it.total for it in repositories),
        new=summed(it.new for it in repositories),
        new_images=sum(it.new_images for it in repositories),
        unpulled=summed(it.unpulled for it in repositories),
        unpulled_images=sum(it.unpulled_images for it in repositories),
        never_pulled=sum(it.never_pulled for it in repositories),
        last_push=max((it.last_push for it in repositories if it.last_push), default=None),
        last_pull=max((it.last_pull for it in repositories if it.last_pull), default=None),
        unread=sum(it.unread for it in repositories),
        effect=Effect(
            expires=sum(it.expires for it in effects),
            archives=sum(it.archives for it in effects),
            freed=summed(it.freed for it in effects),
            moved=summed(it.moved for it in effects),
            unknown=sum(it.unknown for it in effects),
        )
        if effects
        else None,
    )


def ordered(groups: Iterable[Group], by: Order) -> list[Group]:
    """The largest first; by name in the order of the alphabet."""
    if by == "name":
        return sorted(groups, key=lambda it: it.name)
    keys: dict[str, Callable[[Group], tuple[int, int]]] = {
        "size": lambda it: (it.total.high, it.total.low),
        "new": lambda it: (it.new.high, it.new.low),
        "unpulled": lambda it: (it.unpulled.high, it.unpulled.low),
        "freed": lambda it: (it.effect.freed.high, it.effect.freed.low) if it.effect else (0, 0),
        "images": lambda it: (it.images, 0),
    }
    key = keys[by]
    return sorted(groups, key=lambda it: (*(-number for number in key(it)), it.name))


def months(repositories: Iterable[RepositoryUsage]) -> dict[str, tuple[int, Bytes]]:
    """By month the images that were pushed and are there today, and the bytes that they added."""
    found: dict[str, tuple[int, Bytes]] = {}
    for each in repositories:
        for month, number in each.pushed_images.items():
            images, size = found.get(month, (0, Bytes()))
            found[month] = (images + number, size + each.pushed.get(month, Bytes()))
    return dict(sorted(found.items()))
