"""Random registries, deployed, read back, and from one to the next and back; `python -m tests.fuzz` tries many more."""

from __future__ import annotations

from pathlib import Path

from tests.documents import registries
from tests.fuzz import live
from tests.fuzz.drawn import examples
from tests.registry.plan.neighbours import neighbours
from tests.sandbox.conftest import Sandbox


def test_what_is_deployed_is_read_back_adopted_and_changed_without_a_surprise(sandbox: Sandbox, tmp_path: Path) -> None:
    here = live.Live(sandbox, tmp_path)
    files = next(live.accepted(examples(registries(), 10, 1)))
    both = next(pair for pair in examples(neighbours(), 10, 2) if len(list(live.accepted(list(pair)))) == 2)
    found = [*live.read_back(here, files), *live.there_and_back(here, both)]
    assert [outcome for outcome in found if outcome.wrong] == []
    assert {outcome.part for outcome in found} == {"deployed", "adopted", "pairs"}
