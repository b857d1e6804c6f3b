"""Keys by the names of an earlier version. There is none yet, so each test puts one into the table."""

from __future__ import annotations

import pytest

from registry.findings import Severity
from registry.load import CheckResult, check_sources
from registry.reading.deprecated import read_old_keys, rewritten
from registry.reading.sources import Sources
from registry.reading.yaml_reader import parse
from registry.shape import FileShape, Settings, TeamShape
from registry.shape.base import keys_of
from registry.shape.deprecated import DEPRECATED, Deprecated
from tests.synth import SMALL

RENAMED = Deprecated(shape=Settings, old="tag_mutability", new="image_tag_mutability", since="0.2.0")
OLD = f"""{SMALL}
defaults: {{tag_mutability: MUTABLE}}  # tag_mutability: in a comment
namespaces:
  web: {{"tag_mutability" : IMMUTABLE}}
repositories:
  web/api:
    tags: {{tag_mutability: it}}   # a tag, not a key
    tag_mutability: MUTABLE
  tag_mutability:
"""
NEW = f"""{SMALL}
defaults: {{image_tag_mutability: MUTABLE}}  # tag_mutability: in a comment
namespaces:
  web: {{"image_tag_mutability" : IMMUTABLE}}
repositories:
  web/api:
    tags: {{tag_mutability: it}}   # a tag, not a key
    image_tag_mutability: MUTABLE
  tag_mutability:
"""


@pytest.fixture
def _renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.reading.deprecated.DEPRECATED", (RENAMED,))


def checked(text: str) -> CheckResult:
    return check_sources(parse(text.encode(), "registry.yaml"))


@pytest.mark.usefixtures("_renamed")
def test_an_old_key_means_what_the_new_one_does_and_is_told() -> None:
    outcome = checked(OLD)
    assert outcome.registry == checked(NEW).registry
    assert outcome.registry is not None
    old = [finding for finding in outcome.findings if finding.rule == "deprecated-key"]
    assert [(it.severity, it.position.line, it.position.column) for it in old] == [
        (Severity.WARNING, 3, 12),
        (Severity.WARNING, 5, 9),
        (Severity.WARNING, 9, 5),
    ]
    assert str(old[0]).splitlines() == [
        "registry.yaml:3:12: warning: tag_mutability is called image_tag_mutability since version 0.2.0 "
        "[deprecated-key]",
        '    given:   "tag_mutability"',
        "    allowed: image_tag_mutability",
        "    way out: write image_tag_mutability, or run `ecrctl rewrite`: it renames all such keys and keeps "
        "everything else",
    ]


@pytest.mark.usefixtures("_renamed")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rewriting_keeps_comments_quotes_and_line_ends(end: str) -> None:
    text = OLD.replace("\n", end)
    keys = read_old_keys(parse(text.encode(), "registry.yaml"), FileShape)
    assert rewritten(text, keys) == NEW.replace("\n", end)


@pytest.mark.usefixtures("_renamed")
def test_a_value_that_is_wrong_is_found_where_the_old_key_stands() -> None:
    found = [it for it in checked(OLD.replace("MUTABLE}", "SOMETIMES}", 1)).errors if it.rule == "not-allowed"]
    assert [(it.position.line, it.position.column) for it in found] == [(3, 28)]


@pytest.mark.usefixtures("_renamed")
def test_both_names_of_one_key_are_refused() -> None:
    (found,) = checked(f"{SMALL}defaults: {{tag_mutability: MUTABLE, image_tag_mutability: MUTABLE}}\n").errors
    assert found.rule == "unknown-key"
    assert 'no key "tag_mutability"' in found.message


@pytest.mark.usefixtures("_renamed")
def test_a_map_behind_an_alias_is_told_once() -> None:
    text = f"{SMALL}repositories:\n  web/a: &same {{tag_mutability: MUTABLE}}\n  web/b: *same\n"
    outcome = checked(text)
    assert [finding.rule for finding in outcome.findings].count("deprecated-key") == 1
    assert outcome.errors == ()


@pytest.mark.usefixtures("_renamed")
def test_a_teams_file_is_read_like_the_root_file() -> None:
    team = parse(b"namespace: web\nrepositories: {web/api: {tag_mutability: MUTABLE}}\n", "teams/web.yaml")
    outcome = check_sources(Sources(parse(f"{SMALL}include: [teams/web.yaml]\n".encode(), "registry.yaml"), {"teams/web.yaml": team}))  # fmt: skip # noqa: E501
    (found,) = (finding for finding in outcome.findings if finding.rule == "deprecated-key")
    assert (found.position.file, found.position.line) == ("teams/web.yaml", 2)
    assert outcome.errors == ()
    assert read_old_keys(team, TeamShape) == []  # it has its name of today now


def test_without_an_entry_an_old_name_is_unknown() -> None:
    assert "unknown-key" in {finding.rule for finding in checked(OLD).errors}


@pytest.mark.parametrize("key", DEPRECATED, ids=lambda key: key.old)
def test_every_entry_leads_to_a_key_and_hides_none(key: Deprecated) -> None:
    assert key.new in keys_of(key.shape)
    assert key.old not in keys_of(key.shape)
