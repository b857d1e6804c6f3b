"""`python -m benchmarks.usage`: a million images with shared layers, counted one after the other.

The same images are counted again with sets of digests, and the exit code is 1 where the two differ. Ten times fewer
images of the same layers are counted, too: what is remembered should be the layers, whatever the number of images.
Memory is by how much the process was larger than before, at its most; the images are made as they are asked for.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import resource
import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from registry.locations import Location
from registry.usage.count import RegistryCount, Since
from registry.usage.images import Layer, UsedImage
from registry.usage.totals import RegistryUsage

AT: Final = Location("123456789012", "ap-northeast-2")
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
SINCE: Final = Since(used=NOW - timedelta(days=90), new=NOW - timedelta(days=30))
REPOSITORIES: Final = 20
BASES: Final = 40


def main() -> int:
    """Count, count again, and compare; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.usage", description="Counting images by layers.")
    parser.add_argument("--images", type=int, default=1_000_000, metavar="N", help="how many (default: 1000000)")
    parser.add_argument("--layers", type=int, default=200_000, metavar="N", help="of which (default: 200000)")
    asked = parser.parse_args()
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
    print(f"{'images':>12} {'layers':>10} {'time':>8} {'memory':>9} {'a layer':>9}")
    before, counted = _memory(), {}
    for images in (asked.images // 10, asked.images):
        began = time.perf_counter()
        usage = count(images, asked.layers)
        counted[images] = usage, time.perf_counter() - began, _memory() - before
    failed = False
    for images, (usage, seconds, memory) in counted.items():
        by_sets = naive(images, asked.layers)
        layers, wrong = len(by_sets.once), differences(usage, by_sets)
        print(
            f"{images:12,} {layers:10,} {seconds:6.1f} s {memory / 1e6:6.0f} MB {memory / layers:7.0f} B"
            f"  by sets: {', '.join(wrong) or 'the same'}",
            flush=True,
        )
        failed = failed or bool(wrong)
    return int(failed)


def _memory() -> int:
    """The most that this process took so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def traced(images: int, layers: int) -> int:
    """The most that Python allocates while it counts, in bytes."""
    tracemalloc.start()
    count(images, layers)
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return memory


def count(images: int, layers: int) -> RegistryUsage:
    """The usage of some images of so many layers."""
    counting = RegistryCount(AT, SINCE)
    for number in range(REPOSITORIES):
        each = counting.repository(f"web/{number:02}", "")
        for image in made(number, images // REPOSITORIES, layers):
            each.add(image)
        each.end(effect=True)
    return counting.usage()


def made(repository: int, images: int, layers: int) -> Iterator[UsedImage]:
    """The images of a repository: on one of a few bases of five layers, with three more of all there are."""
    chance = random.Random(repository)  # noqa: S311
    for number in range(images):
        base = chance.randrange(BASES) * 5
        above = [chance.randrange(BASES * 5, layers) for _ in range(3)]
        pushed = NOW - timedelta(seconds=chance.randrange(40_000_000))
        pulled = pushed + (NOW - pushed) * chance.random() if chance.random() < 0.5 else None
        yield UsedImage(
            reference=f"web/{repository:02}:v{number}",
            tagged=True,
            pushed=pushed,
            pulled=pulled,
            used=pulled or pushed,
            size=0,
            is_index=False,
            archived=False,
            layers=tuple(_layer(it) for it in (*range(base, base + 5), *above)),
            fate="expires" if chance.random() < 0.3 else "stays",
        )


def _layer(number: int) -> Layer:
    return Layer(f"sha256:{number:064x}", 1_000 + number * 7_919 % 50_000_000)


@dataclass(frozen=True)
class Naive:
    """Bytes by repository: of all, of what only unused images have, of what goes; and each digest of the registry."""

    total: list[int]
    unused: list[int]
    freed: list[int]
    once: dict[str, int]


def naive(images: int, layers: int) -> Naive:
    """The same by sets of digests."""
    found = Naive([], [], [], {})
    for number in range(REPOSITORIES):
        every: dict[str, int] = {}
        used: set[str] = set()
        stays: set[str] = set()
        for image in made(number, images // REPOSITORIES, layers):
            own = dict(image.layers or ())
            every.update(own)
            if image.used >= SINCE.used:  # a set |= keys makes a new set each time
                used.update(own)
            if image.fate == "stays":
                stays.update(own)
        found.total.append(sum(every.values()))
        found.unused.append(sum(size for digest, size in every.items() if digest not in used))
        found.freed.append(sum(size for digest, size in every.items() if digest not in stays))
        found.once.update(every)
    return found


def differences(usage: RegistryUsage, by_sets: Naive) -> list[str]:
    """What the two say differently."""
    sides = {
        "total": ([it.total.low for it in usage.repositories], by_sets.total),
        "unpulled": ([it.unpulled.low for it in usage.repositories], by_sets.unused),
        "freed": ([it.effect.freed.low for it in usage.repositories if it.effect], by_sets.freed),
        "once": ([usage.once.low], [sum(by_sets.once.values())]),
        "exact": ([it.total.exact and it.unpulled.exact for it in usage.repositories], [True] * REPOSITORIES),
    }
    return [name for name, (ours, theirs) in sides.items() if ours != theirs]


if __name__ == "__main__":
    sys.exit(main())
