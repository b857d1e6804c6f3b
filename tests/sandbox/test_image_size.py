"""The figures of docs/image-size.md are those that are measured, and what `ecrctl image` says of the two images.

A size may differ by some percent: the makers of zlib compress differently, and so do its versions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from benchmarks.sizes import Habit, built, habits, steps_table, table
from sandbox import run
from tests.sandbox.conftest import Sandbox, Scenario
from tests.synth import ROOT

PAGE = (ROOT / "docs" / "image-size.md").read_text()
NUMBER = re.compile(r"\b\d+(?:\.\d+)?(?=\s|%|$)")


@pytest.fixture(scope="module")
def measured() -> list[Habit]:
    return habits()


def rows_below(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading."""
    lines = PAGE.partition(f"\n{heading}\n")[2].splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|"))
    end = next(number for number, line in enumerate(lines[start:], start) if not line.startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start + 2 : end]]


def numbers(text: str) -> list[float]:
    return [float(number) for number in NUMBER.findall(text)]


def same(said: Sequence[Sequence[str]], found: Sequence[Sequence[str]]) -> None:
    assert [[NUMBER.sub("N", cell) for cell in row] for row in said] == [
        [NUMBER.sub("N", cell) for cell in row] for row in found
    ]
    for one, other in zip(said, found, strict=True):
        assert numbers(" ".join(one)) == pytest.approx(numbers(" ".join(other)), rel=0.06, abs=0.002)


def test_what_each_habit_costs_is_measured(measured: list[Habit]) -> None:
    same(rows_below("## What each habit costs"), table(measured))


def test_before_and_after_layer_by_layer(measured: list[Habit]) -> None:
    same(rows_below("### Before"), steps_table(measured[0]))
    same(rows_below("### After"), steps_table(measured[-1]))


def test_ecrctl_image_says_the_same_of_them(measured: list[Habit], sandbox: Sandbox, scenario: Scenario) -> None:
    registry, file = scenario("220000000067", "repositories: {web/api: }")
    sandbox.put(file)
    for tag, habit in (("before", measured[0]), ("after", measured[-1])):
        run.oci(sandbox.place, registry.home).push_image("web/api", tag, built(habit))
        shown = sandbox.ecrctl(registry, "image", f"web/api:{tag}", "--registry", str(file))
        assert shown.returncode == 0, shown.stderr
        page = PAGE.partition(f"$ .venv/bin/ecrctl image web/api:{tag}\n")[2].partition("\n$ ")[0].partition("\n```")[0]
        same(words(page), words(shown.stdout))


def words(text: str) -> list[list[str]]:
    """The lines that have a size, word by word, with a sign for what differs from one run to the next."""
    plain = re.sub(r"sha256:[0-9a-f]+", "sha256:…", text)
    return [line.split() for line in plain.splitlines() if re.search(r"\d (MB|kB|B)\b|smaller", line)]
