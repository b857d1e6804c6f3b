"""Which pattern covers which."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from registry.patterns import covers


@pytest.mark.parametrize(
    ("wide", "narrow", "wanted"),
    [
        ("v*", "v1", True), ("v*", "v*-rc*", True), ("*", "anything", True), ("*", "*", True), ("v*", "v", True),
        ("v*-rc*", "v*", False), ("v1", "v*", False), ("*a*", "ba", True), ("v.x", "v1x", False), ("v*x", "v*", False),
        ("**", "*", True), ("a*b*", "a*b", True), ("a*b", "a*b*", False),
    ],
)  # fmt: skip
def test_a_pattern_covers_what_it_always_matches(wide: str, narrow: str, wanted: bool) -> None:
    assert covers(wide, narrow) is wanted


words = st.text("ab*", max_size=6)


def matches(pattern: str, tag: str) -> bool:
    return re.fullmatch(pattern.replace("*", "[abc]*"), tag) is not None


def filled(pattern: str, parts: list[str]) -> str:
    """A pattern with its wildcards replaced, one after the other."""
    for part in parts:
        pattern = pattern.replace("*", part.replace("*", "\0"), 1)
    return pattern.replace("*", "").replace("\0", "*")


@given(words, st.lists(words, max_size=6), st.lists(st.text("abc", max_size=3), max_size=9))
def test_what_a_pattern_becomes_when_its_wildcards_are_narrowed_it_covers(
    wide: str, parts: list[str], ends: list[str]
) -> None:
    narrow = filled(wide, parts)
    assert covers(wide, narrow)
    assert matches(wide, filled(narrow, ends))


@given(words, words)
def test_what_is_not_covered_has_a_tag_to_show_it(wide: str, narrow: str) -> None:
    assume(not covers(wide, narrow))
    witness = narrow.replace("*", "c")  # a letter that stands in neither pattern
    assert matches(narrow, witness)
    assert not matches(wide, witness)


def test_a_pattern_of_many_wildcards_is_answered_at_once() -> None:
    assert not covers("*a" * 10_000 + "b", "a" * 20_000)
    assert covers("*a" * 10_000, "a" * 20_000)
