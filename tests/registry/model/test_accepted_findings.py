"""Accepted findings: where, until which day, and what Amazon Inspector is told of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from registry.delivery.accepted import accepted_in
from registry.delivery.steps.findings import acceptance
from registry.load import check_sources, load
from registry.model.accepted_findings import criteria, filters_in
from registry.reading.yaml_reader import parse
from tests.synth import ROOT, SMALL, declared

TEXT = f"""{SMALL}accepted_findings:
  CVE-2026-1: {{repositories: [web/api, "data/*"], reason: It is never called., until: 2027-06-30}}
repositories: {{web/api: , web/ui: , data/x: }}
"""
LAST, NEXT = date(2027, 6, 30), date(2027, 7, 1)


@pytest.mark.parametrize(
    ("repository", "vulnerability", "today", "accepted"),
    [
        ("web/api", "CVE-2026-1", LAST, True), ("data/new", "CVE-2026-1", LAST, True),
        ("web/ui", "CVE-2026-1", LAST, False), ("web/apis", "CVE-2026-1", LAST, False),
        ("web/api", "CVE-2026-11", LAST, False), ("web/api", "CVE-2026-1", NEXT, False),
    ],
)  # fmt: skip
def test_a_finding_is_accepted_in_its_repositories_until_the_end_of_its_last_day(
    repository: str, vulnerability: str, today: date, accepted: bool
) -> None:
    held = acceptance(accepted_in(declared(TEXT), repository), vulnerability, today)
    assert (held is not None) is accepted


@pytest.mark.parametrize(("today", "warned"), [(LAST, []), (NEXT, ["accepted-finding-lapsed"])])
def test_validate_warns_from_the_day_after(today: date, warned: list[str]) -> None:
    outcome = check_sources(parse(TEXT.encode(), "registry.yaml"), today=today)
    assert [finding.rule for finding in outcome.findings] == warned


def test_the_filter_of_inspector_is_of_these_repositories_and_this_account_and_ends_by_itself() -> None:
    accepted = declared(TEXT).accepted_findings["CVE-2026-1"]
    said = criteria(accepted, "CVE-2026-1", "123456789012")
    assert said["ecrImageRepositoryName"] == [
        {"comparison": "EQUALS", "value": "web/api"},
        {"comparison": "PREFIX", "value": "data/"},
    ]
    assert said["awsAccountId"] == [{"comparison": "EQUALS", "value": "123456789012"}]
    assert said["vulnerabilityId"] == [{"comparison": "EQUALS", "value": "CVE-2026-1"}]
    end = datetime.fromtimestamp(said["lastObservedAt"][0]["endInclusive"], UTC)
    assert end == datetime(2027, 6, 30, 23, 59, 59, tzinfo=UTC)


def test_inspector_has_filters_only_where_the_file_asks_for_them() -> None:
    found = declared(TEXT)
    assert filters_in(found, found.home) == {}
    golden, _ = load(ROOT / "tests" / "golden" / "findings.yaml")
    assert [list(filters_in(golden, at)) for at in golden.locations] == [["CVE-2026-12345"]] * 2
