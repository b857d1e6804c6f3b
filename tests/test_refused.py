"""Bad YAML beside what a person reads of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from registry.load import checked
from registry.rules import RULES
from registry.yaml_reader import parse
from tests.snapshots import RefusedMessage

REFUSED = Path(__file__).parent / "refused"
CASES = sorted(REFUSED.glob("*.yaml"))
#: What refuses before there is anything rules could look at.
BEFORE_RULES = {
    "alias", "duplicate-key", "empty-file", "empty-value", "key-type", "merge-key", "missing-key", "not-allowed",
    "number-as-text", "one-document", "tag-pattern-list", "unknown-key", "wrong-type", "yaml-syntax", "yaml-tag",
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_file_gets_the_messages_beside_it(case: Path, snapshot: SnapshotAssertion) -> None:
    outcome = checked(parse(case.read_bytes(), case.name))
    assert outcome.findings, f"{case.name} is not refused"
    said = "\n".join(map(str, outcome.findings)) + "\n"
    assert said == snapshot(name=case.stem, extension_class=RefusedMessage)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_every_message_says_where_and_what_and_the_way_out(case: Path) -> None:
    lines = case.read_bytes().decode().splitlines() or [""]
    for finding in checked(parse(case.read_bytes(), case.name)).findings:
        assert 1 <= finding.position.line <= len(lines) + 1
        assert 1 <= finding.position.column <= 400
        assert finding.message
        assert finding.way_out


@pytest.mark.parametrize("rule", sorted({*RULES, *BEFORE_RULES}))
def test_every_rule_has_a_file_it_refuses(rule: str) -> None:
    named = [case for case in CASES if any(f.rule == rule for f in checked(parse(case.read_bytes(), "f")).findings)]
    assert named, f"no file in tests/refused breaks the rule {rule}"


def test_no_message_is_left_without_its_file() -> None:
    assert {p.stem for p in REFUSED.glob("*.txt")} <= {p.stem for p in CASES}
