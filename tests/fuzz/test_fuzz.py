"""A few random registries and texts, in every run of the suite the same; `python -m tests.fuzz` tries many more."""

from __future__ import annotations

import json

import pytest

from tests.documents import registries
from tests.fuzz import offline
from tests.fuzz.drawn import Outcome, accounts, examples
from tests.fuzz.figures import WANTED, section
from tests.synth import SMALL


def test_random_registries_have_templates_that_every_validator_takes() -> None:
    """The first one of a seed that is accepted, and everything before it."""
    for files in examples(registries(), 20, 5):
        kind, wrong = offline.template(files)
        assert wrong == ""
        if kind == "accepted":
            break
    assert kind == "accepted"


def test_damaged_texts_are_refused_with_a_place() -> None:
    assert [outcome for outcome in offline.texts(150, 1) if outcome.wrong] == []


def test_cfn_lint_is_awake() -> None:
    template = {"Resources": {"R": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryName": 1, "Nothing": 2}}}}
    assert any("Nothing" in each for each in offline.linted(template))


@pytest.mark.parametrize("problem", [KeyError("x"), RecursionError("deep")])
def test_a_reader_that_falls_over_is_wrong(problem: Exception) -> None:
    def reader(content: bytes) -> list[object]:
        raise problem

    assert type(problem).__name__ in offline.read(reader, SMALL.encode())
    assert offline.read(lambda content: [], SMALL.encode()) == ""


def test_a_seed_draws_the_same_again_and_another_one_something_else() -> None:
    first, again, other = (json.dumps(examples(registries(), 5, seed)) for seed in (3, 3, 4))
    assert first == again != other


def test_files_are_moved_into_accounts_that_nobody_else_has() -> None:
    moved = accounts()
    one, other = (json.dumps(moved(["123456789012", "210987654321", "345678901234"])) for _ in range(2))  # type: ignore[arg-type]
    assert set(json.loads(one)) & set(json.loads(other)) == {"345678901234"}


def test_every_part_has_its_row_and_what_is_wrong_is_shown() -> None:
    found = section([Outcome("pairs", "deployed"), Outcome("texts", "registry", "KeyError 'x': b'a|b'")], "the command")
    parts, left = found.tables
    assert [row[0] for row in parts.rows] == list(WANTED)
    assert left.rows == [("texts", "registry", "KeyError 'x': b'a|b'")]
