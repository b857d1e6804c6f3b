"""Excluded principals, suppression filters and Inspector's settings: as declared, as AWS answers, and put back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.aws import cloud as ops_cloud
from ops.drift.findings_and_pulls import (
    EXCLUSION,
    FINDING_WRITERS,
    INSPECTOR_SETTING,
    SUPPRESSION_FILTER,
    put_inspector_settings,
)
from ops.drift.kind import Kind
from ops.drift.kinds import KINDS
from ops.drift.repository_settings import Settings
from ops.drift.writer import Change
from registry.load import load
from registry.model import Registry
from registry.model.accepted_findings import criteria
from tests.ops.stubs import ACCOUNT, HOME, Cloud, stubbed
from tests.synth import ROOT

NAME = "acme-CVE-2026-12345"
ARN = f"arn:aws:inspector2:{HOME}:{ACCOUNT}:owner/{ACCOUNT}/filter/a1b2c3"
NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(ROOT / "tests" / "golden" / "findings.yaml")[0]


def read(kind: Kind, registry: Registry) -> dict[str, Settings]:
    found = kind.find(ops_cloud.client(kind.service, HOME), registry, registry.home)
    return {name: settings for name, reader in found.items() if (settings := reader()) is not None}


def row(registry: Registry, **changed: Any) -> dict[str, Any]:
    """A filter as Inspector answers with it: dates as times, in an order of its own."""
    said = criteria(registry.accepted_findings["CVE-2026-12345"], "CVE-2026-12345", ACCOUNT)
    end = datetime.fromtimestamp(said["lastObservedAt"][0]["endInclusive"], UTC)
    shown = {**said, "ecrImageRepositoryName": said["ecrImageRepositoryName"][::-1]}
    return {
        "arn": ARN, "ownerId": ACCOUNT, "name": NAME, "action": "SUPPRESS", "createdAt": NOW, "updatedAt": NOW,
        "description": "The function is not called.", "criteria": {**shown, "lastObservedAt": [{"endInclusive": end}]},
        **changed,
    }  # fmt: skip


def test_excluded_principals_are_read_page_by_page(cloud: Cloud, registry: Registry) -> None:
    wanted = EXCLUSION.declared(registry, registry.home)
    first, second = sorted(wanted)
    cloud.expect("list_pull_time_update_exclusions", {"pullTimeUpdateExclusions": [first], "nextToken": "t"}, {})
    cloud.expect("list_pull_time_update_exclusions", {"pullTimeUpdateExclusions": [second]}, {"nextToken": "t"})
    assert read(EXCLUSION, registry) == wanted


def test_a_filter_that_inspector_answers_in_another_order_is_as_declared(cloud: Cloud, registry: Registry) -> None:
    others = row(registry, name="somebody-else", arn=f"{ARN}d")
    cloud.expect("list_filters", {"filters": [others], "nextToken": "t"}, {})
    cloud.expect("list_filters", {"filters": [row(registry)]}, {"nextToken": "t"})
    assert read(SUPPRESSION_FILTER, registry) == SUPPRESSION_FILTER.declared(registry, registry.home)


def test_a_filter_that_somebody_let_suppress_more_is_drift_and_is_put_back(cloud: Cloud, registry: Registry) -> None:
    wanted = SUPPRESSION_FILTER.declared(registry, registry.home)[NAME]
    wider = {key: it for key, it in row(registry)["criteria"].items() if key != "ecrImageRepositoryName"}
    cloud.expect("list_filters", {"filters": [row(registry, criteria=wider)]}, {})
    live = read(SUPPRESSION_FILTER, registry)[NAME]
    assert live != wanted
    cloud.expect("list_filters", {"filters": [row(registry, criteria=wider)]}, {})
    said = {"action": "SUPPRESS", "description": wanted["description"], "filterCriteria": wanted["criteria"]}
    cloud.expect("update_filter", {"arn": ARN}, {"filterArn": ARN, **said})
    change = changed(registry, SUPPRESSION_FILTER, NAME, live)
    FINDING_WRITERS[SUPPRESSION_FILTER.noun].update(ops_cloud.client("inspector2", HOME), change)
    cloud.expect("create_filter", {"arn": ARN}, {"name": NAME, **said})
    FINDING_WRITERS[SUPPRESSION_FILTER.noun].create(ops_cloud.client("inspector2", HOME), change)


def changed(registry: Registry, kind: Kind, name: str, live: Settings | None) -> Change:
    wanted = kind.declared(registry, registry.home)[name]
    return Change(
        registry=registry, region=HOME, service=kind.service, at=registry.home, name=name, wanted=wanted, live=live,
        settings=frozenset(wanted),
    )  # fmt: skip


def test_an_exclusion_that_was_taken_away_is_put_back(cloud: Cloud, registry: Registry) -> None:
    arn = "arn:aws:iam::210987654321:role/audit"
    cloud.expect("register_pull_time_update_exclusion", {"principalArn": arn}, {"principalArn": arn})
    FINDING_WRITERS[EXCLUSION.noun].create(ops_cloud.ecr(HOME), changed(registry, EXCLUSION, arn, None))


def test_what_the_file_says_is_looked_at_in_every_run(registry: Registry) -> None:
    asked = {kind.noun for kind in KINDS if kind.where(registry, registry.home)}
    assert {EXCLUSION.noun, SUPPRESSION_FILTER.noun, INSPECTOR_SETTING.noun} <= asked


def configured(**more: str) -> dict[str, Any]:
    return {"ecrConfiguration": {"rescanDurationState": {"rescanDuration": "DAYS_14", "status": "SUCCESS", **more}}}


def test_one_setting_of_inspector_keeps_the_others(cloud: Cloud, registry: Registry) -> None:
    cloud.expect("get_configuration", configured(pullDateRescanDuration="DAYS_7"), {})
    assert read(INSPECTOR_SETTING, registry) == {
        "INSPECTOR_RESCAN_DURATION": {"value": "DAYS_14"},
        "INSPECTOR_PULL_DATE_RESCAN_DURATION": {"value": "DAYS_7"},
        "INSPECTOR_PULL_DATE_RESCAN_MODE": {"value": None},
    }
    cloud.expect("get_configuration", configured(pullDateRescanDuration="DAYS_7"), {})
    wanted = {
        "rescanDuration": "DAYS_14", "pullDateRescanDuration": "DAYS_7", "pullDateRescanMode": "LAST_PULL_DATE",
    }  # fmt: skip
    cloud.expect("update_configuration", {}, {"ecrConfiguration": wanted})
    put_inspector_settings(ops_cloud.client("inspector2", HOME), {"INSPECTOR_PULL_DATE_RESCAN_MODE": "LAST_PULL_DATE"})
