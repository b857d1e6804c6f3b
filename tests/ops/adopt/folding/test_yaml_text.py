"""YAML that reads back as it was, on few lines."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from ops.adopt.folding.yaml_text import LINE, Anchored, Writer
from registry.reading import yaml_reader

SCALARS = st.one_of(
    st.text(),
    st.integers(-(10**6), 10**6),
    st.booleans(),
    st.sampled_from(["1.10", "on", "0x1", "*", "~", "1e3", "2026-11-26", "a: b", "# c", "{x", "null", "123456789012"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(min_size=1, max_size=8), inner, min_size=1, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=12), VALUES, min_size=1, max_size=4))
def test_what_is_written_is_read_again_by_us_and_by_others(document: dict[str, Any]) -> None:
    text = Writer().text(document)
    read = yaml_reader.parse(text.encode(), "written.yaml")
    assert [it.rule for it in read.findings if it.rule in ("yaml-syntax", "yaml-duplicate")] == []
    if not read.findings:  # a key or a text that no file may have
        assert read.root.value == document
        assert yaml.safe_load(text) == document


def test_what_fits_on_a_line_is_on_one() -> None:
    text = Writer().text({"repositories": {"web/api": {"tags": {"team": "web"}, "pull": ["a", "b"]}, "web/x": None}})
    assert text == "\nrepositories:\n  web/api: {tags: {team: web}, pull: [a, b]}\n  web/x:\n".lstrip("\n")


def test_what_does_not_fit_is_a_block_and_no_line_is_too_long_for_that() -> None:
    statements = [{"Effect": "Allow", "Action": [f"ecr:Action{number}" for number in range(6)], "Principal": "*"}] * 2
    text = Writer().text({"registry_policy": {"Version": "2012-10-17", "Statement": statements}})
    assert max(map(len, text.splitlines())) <= LINE
    assert yaml_reader.parse(text.encode(), "x").root.value["registry_policy"]["Statement"] == statements


def test_what_stands_twice_is_written_once() -> None:
    shared = Anchored("policy-1", {"Statement": ["a" * 100, "b" * 100]})
    text = Writer().text({"repositories": {name: {"repository_policy": shared} for name in ("web/a", "web/b")}})
    assert text.count("a" * 100) == 1
    both = yaml_reader.parse(text.encode(), "x").root.value["repositories"]
    assert both["web/a"] == both["web/b"] == {"repository_policy": shared.value}


def test_comments_stand_above_what_they_speak_of() -> None:
    comments: dict[tuple[str, ...], list[str]] = {("lifecycles", "old"): ["why it is so"]}
    text = Writer(comments).text({"lifecycles": {"new": [], "old": []}}, ["the header"])
    assert text.splitlines() == ["# the header", "lifecycles:", "  new: []", "  # why it is so", "  old: []"]
