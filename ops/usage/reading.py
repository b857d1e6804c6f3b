"""The registries of the locations read: images page by page, each counted and forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Final

from ops.aws.parallel import map_parallel
from ops.images.asking import NoSuchRepository
from ops.images.kinds import StoredImage
from ops.images.listing import counts_pulls
from ops.images.registry import ImageRegistry
from ops.usage.manifests import layers_of
from registry.lifecycle.algorithm import FollowUp, Mark, simulate
from registry.lifecycle.images import Image, MediaType
from registry.lifecycle.indexes import Manifests, manifests_of
from registry.lifecycle.policy import Rule
from registry.locations import Location
from registry.model import Registry
from registry.usage.count import RegistryCount, RepositoryCount, Since
from registry.usage.images import Fate, UsedImage
from registry.usage.totals import RegistryUsage
from registry.usage.what_if import Rules

_BATCH: Final = 100  # images whose manifests are one call
_FATES: Final[Mapping[str, Fate]] = {"expire": "expires", "transition": "is archived"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be counted.

    `chosen` says it of a repository by its name and owner. `manifests`: whether they are read; None where that is no
    pull. `profiles` of ~/.aws/config, by account. `rules` are those of a lifecycle that somebody thinks about.
    """

    locations: tuple[Location, ...]
    chosen: Callable[[str, str], bool]
    since: Since
    now: datetime
    manifests: bool | None = None
    profiles: Mapping[str, str] = field(default_factory=dict)
    rules: Rules | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What was counted.

    `recorded` are the locations where ECR records the reading of manifests as pulls, and `were_read` those where they
    were read. `spared` are repositories that were not, because their lifecycle counts days since the last pull.
    """

    registries: tuple[RegistryUsage, ...]
    recorded: tuple[Location, ...]
    were_read: tuple[Location, ...]
    spared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """A registry while it is read; its lock is for the count."""

    client: ImageRegistry
    count: RegistryCount
    names: Sequence[str]
    recorded: bool
    read: bool
    lock: threading.Lock = field(default_factory=threading.Lock)


def answered(registry: Registry, question: Question) -> Answered:
    """Count what there is. The first thing that AWS refuses ends it: a part is not shown for the whole.

    :raises CloudError: which says what was refused, where AWS refuses anything or cannot be reached.
    """
    owners = {it.name: it.owner or "" for it in registry.repositories}
    places = map_parallel(question.locations, lambda at: _place(at, question, owners), "listing repositories")
    each = [(place, name) for place in places for name in place.names]
    spared = map_parallel(each, lambda it: _counted(registry, question, owners, *it), "counting images")
    return Answered(
        registries=tuple(place.count.usage() for place in places),
        recorded=tuple(place.count.at for place in places if place.recorded),
        were_read=tuple(place.count.at for place in places if place.read),
        spared=tuple(dict.fromkeys(name for (_, name), it in zip(each, spared, strict=True) if it)),
    )


def _place(at: Location, question: Question, owners: Mapping[str, str]) -> _Place:
    client = ImageRegistry(at.region, account=at.account, profile=question.profiles.get(at.account))
    names = [it.name for it in client.repositories() if question.chosen(it.name, owners.get(it.name, ""))]
    recorded = question.manifests is not False and client.records_pulls()
    read = not recorded if question.manifests is None else question.manifests
    return _Place(client, RegistryCount(at, question.since), names, recorded, read)


def _counted(registry: Registry, question: Question, owners: Mapping[str, str], place: _Place, name: str) -> bool:
    """Count one repository; whether its manifests were left unread, to keep its images from counting as pulled."""
    spared = place.read and place.recorded and counts_pulls(registry, name) is not None
    read = place.read and not spared
    with place.lock:
        count = place.count.repository(name, owners.get(name, ""))
    try:
        found: Iterable[StoredImage] = place.client.each_image(name)
        fates: Mapping[str, Fate] = {}
        unknown = 0
        if question.rules is not None:
            found = list(found)
            fates, unknown = _fates(place.client, name, found, question.rules(name), question.now, read=read)
        for batch in _batches(found):
            manifests = _manifests(place.client, name, batch) if read else {}
            used = [_used(image, manifests.get(image.digest), fates) for image in batch]
            with place.lock:
                _add(count, used)
    except NoSuchRepository:  # deleted in between
        return False
    with place.lock:
        count.end(effect=question.rules is not None, unknown=unknown)
    return spared


def _add(count: RepositoryCount, images: Iterable[UsedImage]) -> None:
    for image in images:
        count.add(image)


def _manifests(client: ImageRegistry, name: str, images: Sequence[StoredImage]) -> dict[str, dict[str, Any]]:
    """Those that hold layers: none of a manifest list, nor of what is in the archive and cannot be pulled."""
    return client.manifests(name, [it.digest for it in images if it.status == "ACTIVE" and not it.is_index])


def _used(image: StoredImage, manifest: Mapping[str, Any] | None, fates: Mapping[str, Fate]) -> UsedImage:
    layers, config = layers_of(manifest) or (None, None)
    return UsedImage(
        reference=f"{image.repository}:{image.tags[0]}" if image.tags else f"{image.repository}@{image.digest}",
        tagged=bool(image.tags),
        pushed=image.pushed,
        pulled=image.pulled,
        used=max(it for it in (image.pushed, image.pulled, image.restored) if it is not None),
        size=image.size or 0,
        is_index=image.is_index,
        archived=image.status == "ARCHIVED",
        layers=layers,
        config=config,
        fate=fates.get(image.digest, "stays"),
    )


def _fates(
    client: ImageRegistry,
    name: str,
    found: Sequence[StoredImage],
    rules: Sequence[Rule] | None,
    now: datetime,
    *,
    read: bool,
) -> tuple[dict[str, Fate], int]:
    """What rules do to images in the end, by digest; and how many manifest lists there are whose images nobody said."""
    if not rules:
        return {}, 0
    lists = [it.digest for it in found if it.is_index and it.status == "ACTIVE"]
    manifests = manifests_of(iter(client.manifests(name, lists).items())) if read else Manifests()
    outcome = simulate(rules, [_judged(it) for it in found], manifests, now.timestamp())
    fates: dict[str, Fate] = {}
    taken: list[Mark | FollowUp] = [*outcome.marks, *outcome.later]
    for each in taken:
        if fates.get(each.image.digest) != "expires":
            fates[each.image.digest] = _FATES[each.rule.action]
    return fates, len(outcome.unknown)


def _judged(image: StoredImage) -> Image:
    """An image as lifecycle rules see it."""
    return Image(
        digest=image.digest,
        pushed=image.pushed,
        tags=image.tags or None,
        pulled=image.pulled,
        restored=image.restored,
        archived_at=image.archived,
        status=image.status,
        media_type=MediaType(image.media_type),
        subject=image.subject,
    )


def _batches(images: Iterable[StoredImage]) -> Iterator[list[StoredImage]]:
    left = iter(images)
    while batch := list(islice(left, _BATCH)):
        yield batch
