"""The same numbers by sets of whole images, as a person would count them; and images to count."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from registry.locations import Location
from registry.usage.count import RegistryCount, Since
from registry.usage.images import Fate, Layer, UsedImage
from registry.usage.totals import RegistryUsage

AT = Location("123456789012", "ap-northeast-2")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SINCE = Since(used=NOW - timedelta(days=90), new=NOW - timedelta(days=30))


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def image(
    *layers: tuple[int, int],
    config: tuple[int, int] | None = None,
    tag: str = "v1",
    days: float = 1,
    pulled: float | None = None,
    size: int | None = None,
    fate: Fate = "stays",
    index: bool = False,
    archived: bool = False,
    read: bool = True,
    repository: str = "web/api",
) -> UsedImage:
    """An image of layers by number and size, that was pushed some days ago, and perhaps pulled."""
    pushed = NOW - timedelta(days=days)
    last = None if pulled is None else NOW - timedelta(days=pulled)
    own = {*layers, *([config] if config else ())}
    return UsedImage(
        reference=f"{repository}:{tag}",
        tagged=bool(tag),
        pushed=pushed,
        pulled=last,
        used=max(pushed, last or pushed),
        size=sum(it for _, it in own) if size is None else size,
        is_index=index,
        archived=archived,
        layers=tuple(Layer(digest(number), it) for number, it in layers) if read else None,
        config=Layer(digest(config[0]), config[1]) if config and read else None,
        fate=fate,
    )


def counted(repositories: Mapping[str, Sequence[UsedImage]], *, since: Since = SINCE) -> RegistryUsage:
    count = RegistryCount(AT, since)
    for name, images in repositories.items():
        each = count.repository(name, "")
        for it in images:
            each.add(it)
        each.end(effect=True)
    return count.usage()


def unique(images: Iterable[UsedImage]) -> dict[str, int]:
    """The layers and configurations of images, each once."""
    return {
        digest: size
        for it in images
        if not it.is_index
        for digest, size in (*(it.layers or ()), *([it.config] if it.config else ()))
    }


def total(images: Iterable[UsedImage]) -> int:
    return sum(unique(images).values())


def random_images(
    chance: random.Random, number: int, *, layers: int, repository: str = "web/api"
) -> Iterator[UsedImage]:
    """Images that share bases and layers, as builds do; the same layer has the same size everywhere.

    :param layers: how many there are to choose from; a base of some lies below most images.
    """
    for at in range(number):
        base = chance.randrange(max(1, layers // 50))
        stack = [base * 3 + step for step in range(chance.randrange(1, 4))]
        stack += [chance.randrange(layers) for _ in range(chance.randrange(1, 5))]
        if chance.random() < 0.02:
            stack.append(stack[0])  # a step of a build that repeats another
        days, pulled = chance.uniform(0, 400), chance.choice([None, chance.uniform(0, 300)])
        yield image(
            *((it, size_of(it)) for it in stack),
            config=(layers + chance.randrange(layers), 1_000),
            tag=f"v{at}" if chance.random() < 0.7 else "",
            days=days,
            pulled=None if pulled is None else min(pulled, days),
            fate=chance.choice(["stays", "stays", "expires", "is archived"]),
            repository=repository,
        )  # fmt: skip


def size_of(layer: int) -> int:
    return 1_000 + layer * 7_919 % 50_000_000
