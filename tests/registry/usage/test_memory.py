"""A small run of `python -m benchmarks.usage`, whose default is a million images."""

from __future__ import annotations

from benchmarks import usage


def test_images_with_shared_layers_are_what_sets_say_in_memory_that_grows_with_the_layers() -> None:
    few, many, more_layers = usage.counted(2_000, 1_000), usage.counted(8_000, 1_000), usage.counted(2_000, 8_000)
    assert usage.differences(many.usage, usage.naive(8_000, 1_000)) == []
    assert usage.differences(few.usage, usage.naive(8_000, 1_000)) != []
    assert many.memory < 1.5 * few.memory + 200_000, (few.memory, many.memory)  # four times the images
    assert more_layers.memory > 1.5 * few.memory  # what it does grow with
