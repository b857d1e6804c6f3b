"""Alarms and dashboards in the templates: whom an alarm tells, what it measures, and where dashboards are."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from registry.locations import Location
from registry.naming import alarm_arn
from tests.synth import SMALL, Templates, declared, resources, synthesized

WATCHED = """\
replicas: {us-west-2: , 210987654321/eu-west-1: }
monitoring:
  email: [platform@example.com]
  events: [scans]
  teams: {shop: {namespaces: [web], email: [shop@example.com]}}%s
repositories: {web/shop: , tool: }
"""
ALL = '\n  alarms: {pulls_stop: [{repositories: ["*"], hours: 6}]}\n  dashboards: ["*"]'
HOME, OREGON, IRELAND = "123456789012/ap-northeast-2", "123456789012/us-west-2", "210987654321/eu-west-1"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return synthesized(declared(SMALL + WATCHED % ALL), tmp_path_factory.mktemp("alarms"))[1]


def alarms(templates: Templates, at: str = HOME) -> dict[str, dict[str, Any]]:
    found = resources(templates[f"{at}/Monitoring"], "AWS::CloudWatch::Alarm")
    return {it["Properties"]["AlarmName"].removeprefix("acme-ecr-"): it["Properties"] for it in found}


def test_an_alarm_tells_everybody_and_the_team_whose_repository_it_is_about(templates: Templates) -> None:
    told = {name: [action["Ref"] for action in it["AlarmActions"]] for name, it in alarms(templates).items()}
    assert told["no-pulls-web/shop"] == ["Topic", "Topicshop"]
    assert {name for name, topics in told.items() if topics != ["Topic"]} == {"no-pulls-web/shop"}


def test_it_is_also_told_when_it_is_over(templates: Templates) -> None:
    assert [name for name, it in alarms(templates).items() if it["OKActions"] != it["AlarmActions"]] == []


def test_the_topic_lets_cloudwatch_publish_for_each_of_these_alarms_and_for_no_others(templates: Templates) -> None:
    for at in (HOME, IRELAND):
        for policy in resources(templates[f"{at}/Monitoring"], "AWS::SNS::TopicPolicy"):
            (statement,) = (
                it for it in policy["Properties"]["PolicyDocument"]["Statement"]
                if it["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
            )  # fmt: skip
            allowed = statement["Condition"]["ArnLike"]["aws:SourceArn"]
            place = Location(*at.split("/"))
            assert all(fnmatchcase(alarm_arn(place, it["AlarmName"]), allowed) for it in alarms(templates, at).values())
            assert not fnmatchcase(alarm_arn(place, "other-ecr-images"), allowed)
            assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": place.account}


def test_an_alarm_measures_one_metric_or_one_query(templates: Templates) -> None:
    for it in alarms(templates).values():
        if "Metrics" in it:
            (query,) = it["Metrics"]
            assert query["ReturnData"] is True
            assert query["Expression"].startswith("SELECT ")
            assert "MetricName" not in it
        else:
            assert {"Namespace", "MetricName", "Dimensions", "Statistic", "Period"} <= it.keys()


def test_dashboards_are_in_one_stack_of_each_account(templates: Templates) -> None:
    found = {
        at: [
            it["Properties"]["DashboardName"]
            for it in resources(templates[f"{at}/Monitoring"], "AWS::CloudWatch::Dashboard")
        ]
        for at in (HOME, OREGON, IRELAND)
    }
    assert found == {
        HOME: ["acme-ECR", "acme-ECR-_", "acme-ECR-web"],
        OREGON: [],
        IRELAND: ["acme-ECR-IN-eu-west-1", "acme-ECR-_-IN-eu-west-1", "acme-ECR-web-IN-eu-west-1"],
    }


def test_a_dashboard_shows_the_alarms_that_are_there(templates: Templates) -> None:
    made = {alarm_arn(Location(*at.split("/")), it["AlarmName"])
            for at in (HOME, OREGON) for it in alarms(templates, at).values()}  # fmt: skip
    for it in resources(templates[f"{HOME}/Monitoring"], "AWS::CloudWatch::Dashboard"):
        widgets = json.loads(it["Properties"]["DashboardBody"])["widgets"]
        (shown,) = (each["properties"]["alarms"] for each in widgets if each["type"] == "alarm")
        assert set(shown) <= made
        assert shown


def test_without_the_keys_nothing_of_cloudwatch_is_made(tmp_path: Path) -> None:
    _, plain = synthesized(declared(SMALL + WATCHED % ""), tmp_path)
    kinds = {it["Type"] for template in plain.values() for it in template["Resources"].values()}
    assert {kind for kind in kinds if kind.startswith("AWS::CloudWatch")} == set()
