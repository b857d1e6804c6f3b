"""Bad YAML beside what a person reads of it."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from registry.load import CheckResult, check_sources
from registry.reading.include import read_with_includes
from registry.reading.yaml_reader import read
from registry.rules import RULES
from tests.snapshots import RefusedMessage

REFUSED = Path(__file__).parent / "refused"
#: One file, or a folder with a registry.yaml and the team files it includes.
CASES = sorted(path for path in REFUSED.iterdir() if path.suffix == ".yaml" or path.is_dir())
TODAY = date(2026, 11, 24)
#: What refuses before there is anything rules could look at.
BEFORE_RULES = {
    "acceptance-lapsed", "acceptance-unused", "alias", "duplicate-key", "empty-file", "empty-value", "include",
    "key-type", "merge-key", "missing-key", "not-allowed",
    "number-as-text", "odd-space", "one-document", "tag-pattern-list", "team-file", "unknown-key",
    "wrong-type", "yaml-syntax", "yaml-tag",
}  # fmt: skip


@cache
def outcome_of(case: Path) -> CheckResult:
    root = case / "registry.yaml" if case.is_dir() else case
    return check_sources(read_with_includes(read(root, root.name), root), today=TODAY)


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


@pytest.mark.parametrize("rule", sorted({*RULES, *BEFORE_RULES}))
def test_every_rule_has_a_file_it_refuses(rule: str) -> None:
    named = [case for case in CASES if any(finding.rule == rule for finding in outcome_of(case).findings)]
    assert named, f"no file in tests/refused breaks the rule {rule}"


def test_no_message_is_left_without_its_file() -> None:
    assert {path.stem for path in REFUSED.glob("*.txt")} <= {path.stem for path in CASES}
