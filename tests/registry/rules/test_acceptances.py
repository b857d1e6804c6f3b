"""Accepted warnings: how long, for which files, and what is said of those that do nothing."""

from __future__ import annotations

from datetime import date

import pytest

from registry.load import check_sources
from registry.reading.yaml_reader import parse
from tests.synth import SMALL

WARNS = "namespaces: {wob: }\nrepositories: {web/api: }\n"
TODAY = date(2026, 11, 24)


def rules(text: str, today: date = TODAY) -> list[str]:
    return [finding.rule for finding in check_sources(parse((SMALL + text).encode(), "f.yaml"), today=today).findings]


def accepting(rule: str = "namespace-unused", more: str = "") -> str:
    return f"acceptances: [{{rule: {rule}, reason: It comes in spring.{more}}}]\n"


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2026-11-24", []),
        ("2026-11-25", []),
        ("2026-11-23", ["namespace-unused", "acceptance-lapsed"]),
        *((each, ["acceptance-until"]) for each in ("tomorrow", "2027-W26-3", "'20270630'", "2027W263")),
    ],
)
def test_an_acceptance_lasts_until_the_end_of_its_last_day(until: str, said: list[str]) -> None:
    found = rules(WARNS + accepting(more=f", until: {until}"))
    assert sorted(found) == sorted(said)


def test_without_a_last_day_it_lasts() -> None:
    assert rules(WARNS + accepting(), date(2999, 1, 1)) == []


def test_an_acceptance_of_what_does_not_warn_is_reported() -> None:
    assert rules("repositories: {web/api: }\n" + accepting()) == ["acceptance-unused"]


def test_nothing_is_said_of_unused_acceptances_while_errors_may_hide_the_warning() -> None:
    assert rules("repositories: {web/API: }\n" + accepting()) == ["repository-name"]


def test_a_damaged_acceptance_still_silences_its_warning() -> None:
    assert rules(WARNS + "acceptances: [{rule: namespace-unused}]\n") == ["missing-key"]


def test_one_acceptance_too_many_hides_nothing_else() -> None:
    assert rules(WARNS + accepting("lifecycle-unused")) == ["namespace-unused", "acceptance-unused"]
