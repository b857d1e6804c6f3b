"""A version is said once, and has a section of the changelog; docs/versions.md says what it means."""

from __future__ import annotations

import re

from registry import VERSION
from tests.synth import ROOT


def test_the_version_is_semantic_and_the_changelog_begins_with_it() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", VERSION)  # https://semver.org/#spec-item-9
    sections = re.findall(r"^## (\S+) - (\d{4}-\d\d-\d\d|unreleased)$", (ROOT / "CHANGELOG.md").read_text(), flags=re.M)
    assert sections[0][0] == VERSION
    assert [when for _, when in sections[1:] if when == "unreleased"] == []


def test_there_is_a_licence() -> None:
    assert (ROOT / "LICENSE").read_text().split()[:4] == ["Apache", "License", "Version", "2.0,"]
    assert "[Apache-2.0](LICENSE)" in (ROOT / "README.md").read_text()
