"""Bad YAML beside what a person reads of it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from pydantic import ValidationError
from syrupy.assertion import SnapshotAssertion

from registry.load import CheckResult, check_sources
from registry.reading.include import read_files
from registry.reading.yaml_reader import read
from registry.rules.other_findings import explanations
from registry.shape import FileShape, Shape, TeamShape
from registry.shape.forms import FORMS
from tests.snapshots import RefusedMessage

REFUSED = Path(__file__).parent / "refused"
#: One file, or a folder with a registry.yaml and the team files it includes.
CASES = sorted(path for path in REFUSED.iterdir() if path.suffix == ".yaml" or path.is_dir())
TODAY = date(2026, 11, 24)
#: What refuses files that are no text, too large, or no YAML; and there is no deprecated key yet. What is about
#: files of prices, and what a file alone cannot exceed.
ELSEWHERE = {"encoding", "file-size", "nesting", "policy-text", "deprecated-key", "price-file", "budget-exceeded"}


@cache
def outcome_of(case: Path) -> CheckResult:
    root = case / "registry.yaml" if case.is_dir() else case
    return check_sources(read_files(root, root.name), today=TODAY)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_file_gets_the_messages_beside_it(case: Path, snapshot: SnapshotAssertion) -> None:
    outcome = outcome_of(case)
    assert outcome.findings, f"{case.name} is not refused"
    said = "\n".join(map(str, outcome.findings)) + "\n"
    assert said == snapshot(name=case.stem, extension_class=RefusedMessage)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_every_message_says_where_and_what_and_the_way_out(case: Path) -> None:
    for finding in outcome_of(case).findings:
        lines = (case / finding.position.file if case.is_dir() else case).read_bytes().decode().splitlines()
        assert 1 <= finding.position.line <= len(lines) + 1
        assert 1 <= finding.position.column <= 400
        assert finding.message
        assert finding.way_out


@pytest.mark.parametrize("rule", sorted({it.id for it in explanations()} - ELSEWHERE))
def test_every_rule_has_a_file_it_refuses(rule: str) -> None:
    named = [case for case in CASES if any(finding.rule == rule for finding in outcome_of(case).findings)]
    assert named, f"no file in tests/refused breaks the rule {rule}"


class Asked:
    """A context of validation that lets every form pass, and remembers which ones would have refused."""

    def __init__(self) -> None:
        self.forms: set[int] = set()

    def __contains__(self, told: tuple[int, int]) -> bool:
        self.forms.add(told[0])
        return True


@cache
def refusing() -> set[int]:
    """The forms that refuse a value of a file, by identity."""
    asked = Asked()
    for case in CASES:
        for file in sorted(case.rglob("*.yaml")) if case.is_dir() else [case]:
            data = read(file).root.value
            shape: type[Shape] = TeamShape if isinstance(data, dict) and "namespace" in data else FileShape
            with suppress(ValidationError):
                shape.model_validate(data, context=asked)
    return asked.forms


@pytest.mark.parametrize("index", range(len(FORMS)), ids=lambda index: f"{FORMS[index].limit.id}-{index}")
def test_every_form_has_a_file_it_refuses(index: int) -> None:
    """So one that is dropped changes the messages. One that is dropped from one of several keys changes the schema."""
    form = FORMS[index]
    assert id(form) in refusing(), f"no file in tests/refused lacks the form {form.limit.id} of {form.words}"


def test_no_message_is_left_without_its_file() -> None:
    assert {path.stem for path in REFUSED.glob("*.txt")} <= {path.stem for path in CASES}
