"""A small run of `python -m benchmarks.usage`, whose default is a million images."""

from __future__ import annotations

from benchmarks import usage


def test_images_with_shared_layers_are_what_sets_say() -> None:
    counted = usage.count(8_000, 1_000)
    assert usage.differences(counted, usage.naive(8_000, 1_000)) == []
    assert usage.differences(counted, usage.naive(7_000, 1_000)) != []


def test_the_memory_grows_with_the_layers_and_not_with_the_images() -> None:
    few, many, more_layers = usage.traced(1_000, 500), usage.traced(4_000, 500), usage.traced(1_000, 4_000)
    assert many < 1.5 * few + 200_000, (few, many)  # four times the images
    assert more_layers > 1.5 * few  # what it does grow with
