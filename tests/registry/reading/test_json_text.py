"""JSON with places: what the standard library reads is read, what it refuses is refused, and places are right."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.reading.json_text import Lines, NotJson, decoded, document, parsed

characters = st.characters(exclude_categories=["Cs"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**16), 10**16)
    | st.integers(0, 10**6).map(lambda number: number / 8)
    | st.text(characters),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(characters), inner, max_size=4),
    max_leaves=12,
)


@given(values, st.sampled_from([None, 0, 3, "\t"]), st.booleans())
def test_what_is_json_is_read_as_the_standard_library_reads_it(value: Any, indent: Any, plain: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=plain)
    found = document(text, "t.json", "it")
    assert found.findings == []
    assert found.root.value == value == parsed(text, "t.json", "it")


@given(st.text(st.sampled_from('{}[],:"\\\\ntrue-019.e \n\t\x00')))
def test_what_the_standard_library_refuses_is_refused(text: str) -> None:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        assert document(text, "t.json", "it").findings
        with pytest.raises(NotJson):
            parsed(text, "t.json", "it")
    else:
        numbers = [finding for finding in document(text, "t.json", "it").findings if "too long" not in finding.message]
        assert all(finding.rule == "duplicate-key" for finding in numbers)


def test_places_are_those_of_an_editor() -> None:
    found = document('{\n\t"a": [1,\n  {"b": "x"}]\n}', "t.json", "it")
    assert [str(found.position(path)) for path in [("a", 0), ("a", 1, "b")]] == ["t.json:2:8", "t.json:3:9"]
    assert str(found.position(("a", 1, "b"), key=True)) == "t.json:3:4"
    lines = Lines("ab\n\ncd", "t")
    assert [str(lines.at(at)) for at in range(6)] == ["t:1:1", "t:1:2", "t:1:3", "t:2:1", "t:3:1", "t:3:2"]


def test_a_byte_that_is_no_text_has_a_place() -> None:
    with pytest.raises(NotJson) as problem:
        decoded(b'{\n "a": "\xed\xa0\x80"}', "t.json", "it")
    assert str(problem.value.finding.position) == "t.json:2:8"


def test_every_key_that_stands_twice_is_found_and_reading_goes_on() -> None:
    found = document('{"a": 1, "a": 2, "b": {"c": 1, "c": 1}}', "t.json", "it")
    assert [(str(each.position), each.rule) for each in found.findings] == [
        ("t.json:1:10", "duplicate-key"), ("t.json:1:32", "duplicate-key"),
    ]  # fmt: skip
    assert found.root.value == {"a": 1, "b": {"c": 1}}
