"""What unquoted scalars mean, and that none is read as text which some version of YAML takes for more."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from registry.reading.scalars import Ambiguous, describe, read_scalar

NUMBER, TRUTH = "a number", "true or false"


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_nothing_is_nothing(text: str) -> None:
    assert read_scalar(text) is None


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("true", True), ("True", True), ("TRUE", True), ("false", False), ("False", False), ("FALSE", False)],
)
def test_true_and_false_are_the_only_truth_values(text: str, meaning: bool) -> None:
    assert read_scalar(text) is meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("0", 0), ("7", 7), ("-7", -7), ("+7", 7), ("-0", 0), ("123456789012", 123456789012), ("9" * 18, int("9" * 18))],
)
def test_whole_numbers_are_whole_numbers(text: str, meaning: int) -> None:
    assert read_scalar(text) == meaning
    assert type(read_scalar(text)) is int


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("1.5", 1.5), ("1.10", 1.1), (".5", 0.5), ("1.", 1.0), ("-1.5", -1.5), ("1e3", 1000.0), ("1.5E-3", 0.0015)],
)
def test_decimals_are_decimals(text: str, meaning: float) -> None:
    assert read_scalar(text) == meaning
    assert type(read_scalar(text)) is float


@pytest.mark.parametrize(
    ("text", "reads_as"),
    [
        *((word, TRUTH) for word in ("yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF")),
        *((word, NUMBER) for word in ("012345678901", "0123", "08", "00", "0_", "-017")),
        *((word, NUMBER) for word in ("0x1F", "0o17", "0b101", "-0x1f")),
        *(
            (word, NUMBER)
            for word in ("1_000", "1_000.5", "1.1_0", ".5_", "1_0e+3", "12:30:45", "1:30", "190:20:30.15")
        ),
        *((word, NUMBER) for word in (".inf", "-.INF", "+.Inf", ".nan", ".NaN")),
        *((word, NUMBER) for word in ("9" * 19, "-" + "9" * 18, "1" * 5_000, "0." + "1" * 5_000, "1" * 5_000 + "e9")),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_versions_of_yaml_or_writer_and_reader_take_differently_is_ambiguous(text: str, reads_as: str) -> None:
    found = read_scalar(text)
    assert isinstance(found, Ambiguous)
    assert found == Ambiguous(text, reads_as)
    assert describe(found) == reads_as


@pytest.mark.parametrize(
    "text",
    [
        *("acme", "my-app", "v*.x", "1.2.3", "v1", "1a", "a1", "-", "+", ".", "..", "1-2", "2026-11-24", "x86_64"),
        *("truee", "tru", "TrUe", "yess", "y", "n", "Y", "N", "nO", "oN", "none", "nil", "nULL"),
        *("0xg", "0o8", "0b2", "1:60", "1:2:", "1,000", "1e", "e3", "1.2e", ".e3", "_1", "-_", ".inff", "+-1", "١٢"),
        *("arn:aws:iam::123456789012:role/x", "@x", "~x", "=", "prod/web", "한국어"),
    ],
)  # fmt: skip
def test_everything_else_is_text(text: str) -> None:
    assert read_scalar(text) == text


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "nothing"), (True, "true or false"), (7, "the number 7"), (1.1, "the number 1.1")],
)
def test_what_was_read_can_be_said_in_words(value: object, words: str) -> None:
    assert describe(value) == words


# Adversarial tails: a pattern that tries every way to split such a text would take minutes.
@pytest.mark.parametrize("part", ["_", ":1", "0", "1", ".", "-", "e1"])
def test_a_long_scalar_that_is_almost_a_number_is_text_at_once(part: str) -> None:
    text = "1" + part * 100_000 + "x"
    assert read_scalar(text) == text


CORE_1_2 = re.compile(
    r"null|Null|NULL|~||true|True|TRUE|false|False|FALSE|[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)  # https://yaml.org/spec/1.2.2/#1032-tag-resolution
RESOLVER_1_1: Any = yaml.SafeLoader("")
TEXT_TO_1_1 = {"tag:yaml.org,2002:" + name for name in ("str", "timestamp", "merge", "value")}


@given(st.text("0123456789._:+-eExobnaifNyYtrueslTRU~", max_size=9))
@example("1_0.5e+3")
@example("1:30.5_")
@example("._5")
def test_what_is_read_as_text_is_text_to_both_versions_of_yaml_dates_excepted(text: str) -> None:
    if isinstance(read_scalar(text), str):
        assert not CORE_1_2.fullmatch(text)
        assert RESOLVER_1_1.resolve(yaml.ScalarNode, text, (True, False)) in TEXT_TO_1_1


@given(st.text("0123456789._:+-eEx", max_size=7))
def test_a_number_is_the_same_number_to_both_versions_of_yaml(text: str) -> None:
    meaning = read_scalar(text)
    if isinstance(meaning, int | float):
        read = yaml.safe_load(f"[{text}]")[0]
        assert read == meaning or isinstance(read, str)  # YAML 1.1 wants a dot and a sign in 1.0e+3
