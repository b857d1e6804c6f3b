"""Budgets: certain, possible, and none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.cost.budgets import findings, spent
from registry.load import check_sources
from registry.reading.sources import Sources
from registry.reading.yaml_reader import parse
from registry.usage.totals import Bytes
from tests.registry.cost.worked import TEXT, billed, holdings, registry_of


@pytest.mark.parametrize(
    ("budgets", "said"),
    [
        ("{team-web: 53}", []),
        ("{team-web: 52}", ["registry.yaml:21:21: error: team-web costs more than its budget"]),
        (
            "{team-web: 1, team-data: 1}",
            [
                "registry.yaml:21:21: error: team-web costs more than its budget",
                "registry.yaml:21:35: error: team-data costs more than its budget",
            ],
        ),
    ],
)
def test_an_owner_that_costs_more_than_its_budget_is_a_finding(budgets: str, said: list[str]) -> None:
    text = f"{TEXT}budgets: {budgets}\n"
    registry, sources = registry_of(text), Sources(parse(text.encode(), "registry.yaml"))
    found = [
        str(it).partition("[")[0].strip() for it in findings(billed(registry, holdings(registry)), registry, sources)
    ]
    assert sorted(found) == sorted(said)


def test_what_only_the_high_end_exceeds_is_a_warning() -> None:
    text = f"{TEXT}budgets: {{team-web: 60}}\n"
    registry, sources = registry_of(text), Sources(parse(text.encode(), "registry.yaml"))
    home = holdings(registry)
    home[0] = replace(home[0], standard=Bytes(home[0].standard.low, home[0].standard.high * 2))
    (found,) = findings(billed(registry, home), registry, sources)
    assert str(found.severity) == "warning"
    assert found.given == "52.40 to 92.40 USD a month"
    assert found.allowed == "60.00 USD"


def test_every_owner_is_listed_and_what_is_shared_comes_first() -> None:
    text = f"{TEXT}budgets: {{team-data: 100}}\n"
    registry = registry_of(text)
    found = spent(billed(registry, holdings(registry)), registry)
    assert [(it.owner, it.budget, it.over) for it in found] == [
        ("", None, False),
        ("team-data", 100, False),
        ("team-web", None, False),
    ]


def test_a_budget_of_nobody_is_a_warning() -> None:
    outcome = check_sources(parse(f"{TEXT}budgets: {{team-wep: 5}}\n".encode(), "registry.yaml"))
    (found,) = [it for it in outcome.findings if it.rule == "budget-owner"]
    assert found.way_out == "did you mean team-web?"
