"""Event rules as data: which there are, that names are read once, and that nothing of them is too long for AWS."""

from __future__ import annotations

import json
import re
from typing import get_args

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.limits import EVENT_PATTERN_LENGTH, EVENT_RULE_NAME_LENGTH
from registry.model import Registry
from registry.monitoring.event_rules import EventRule, event_rules, length, message
from registry.monitoring.events import DELETIONS, ENHANCED_SCANS, POLICIES, SETTINGS, WATCHED, Watched
from registry.monitoring.names import event_rule_name, subscription_id, topic_name
from registry.shape import EventKind
from tests.synth import SMALL, declared

TRAIL = "trail: 'arn:aws:cloudtrail:ap-northeast-2:123456789012:trail/all'"
KINDS: tuple[EventKind, ...] = get_args(EventKind)


def watched(monitoring: str, rest: str = "repositories: {web/api: }\n") -> tuple[Registry, tuple[EventRule, ...]]:
    registry = declared(f"{SMALL}{rest}monitoring: {{email: [a@example.com], {monitoring}}}\n")
    return registry, event_rules(registry, registry.home)


def told(monitoring: str, rest: str = "repositories: {web/api: }\n") -> list[str]:
    return [rule.name.removeprefix("acme-ecr-") for rule in watched(monitoring, rest)[1]]


def test_without_a_trail_nobody_hears_of_what_people_do() -> None:
    assert told("severity: LOW") == ["scans"]
    assert told(TRAIL) == ["scans", "deletions", "policies", "settings"]


def test_lifecycles_are_told_only_where_they_are_asked_for() -> None:
    assert told(f"{TRAIL}, events: [lifecycles]") == ["lifecycles"]


def test_what_cannot_happen_is_not_told() -> None:
    rest = "repositories: {web/api: {tags_must_match: [v*]}}\nreplicas: {us-west-2: }\n"
    assert told("severity: LOW", rest) == ["scans", "replication", "tags"]
    enhanced = "scanning: {scan_type: ENHANCED}\nrepositories: {web/api: {tags_must_match: ['*']}}\n"
    assert told("severity: LOW", enhanced) == ["scans", "findings"]


def test_a_file_that_leaves_scanning_to_another_hears_of_both_types_of_scans() -> None:
    rest = "manage: [repositories]\nrepositories: {web/api: }\n"
    assert told("events: [scans, findings]", rest) == ["scans", "scans.2", "findings"]


def test_an_owner_is_read_as_whole_namespaces_where_all_of_one_are_its() -> None:
    rest = "repositories: {web/a: {owner: ops}, web/b: {owner: ops}, data/a: {owner: ops}, data/b: {owner: x}}\n"
    _, rules = watched("events: [scans], teams: {ops: {owner: ops, email: [b@example.com]}}", rest)
    (rule,) = [it for it in rules if it.team]
    assert rule.pattern["detail"]["repository-name"] == [{"prefix": "web/"}, "data/a"]


def test_many_repositories_are_split_and_each_is_heard_of_once() -> None:
    names = [f"web/{'x' * 100}{n:03}" for n in range(100)]
    rest = f"repositories: {{web/y: , {', '.join(f'{name}: {{owner: ops}}' for name in names)}}}\n"
    _, rules = watched("events: [scans], teams: {ops: {owner: ops, email: [b@example.com]}}", rest)
    parts = [it for it in rules if it.team]
    assert [it.name for it in parts[:3]] == ["acme-ecr-scans_ops", "acme-ecr-scans_ops.2", "acme-ecr-scans_ops.3"]
    assert [it.logical_id for it in parts[:2]] == ["ScansRuleops", "ScansRuleopsN2"]
    assert [name for it in parts for name in it.pattern["detail"]["repository-name"]] == sorted(names)
    assert all(length(it.pattern) <= EVENT_PATTERN_LENGTH for it in parts)
    assert len(parts) < 10


def test_wildcards_that_follow_each_other_are_one_as_eventbridge_wants_it() -> None:
    _, rules = watched("events: [tags]", "repositories: {web/api: {tags_must_match: ['v**x', main]}}\n")
    assert rules[0].pattern["detail"]["image-tag"] == [{"anything-but": {"wildcard": ["main", "v*x", ""]}}]


@pytest.mark.parametrize("event", [*WATCHED.values(), ENHANCED_SCANS], ids=lambda it: it.detail_type)
def test_a_message_tells_what_it_has_values_for_and_no_free_text(event: Watched) -> None:
    placeholders = set(re.findall("<([^>]*)>", "\n".join(event.told)))
    values = {**event.values, **event.where}
    assert placeholders <= set(values)
    assert all(re.fullmatch("[a-z]+", name) for name in values)
    for free in ("title", "description", "userAgent", "errorMessage", "failure-reason", "policyText"):
        assert not any(path.endswith(free) for path in values.values())
    assert event.link.startswith("https://docs.aws.amazon.com/")


@pytest.mark.parametrize("event", [*WATCHED.values(), ENHANCED_SCANS], ids=lambda it: it.detail_type)
def test_a_message_is_lines_of_json_texts(event: Watched) -> None:
    lines = message("acme", event).split("\n")
    assert [json.loads(line) for line in lines] == [f"acme: {event.told[0]}", *event.told[1:]]
    assert len(message("acme", event)) < 8192


#: Calls that change something and are told by other events, or are too many, or change nothing that is declared.
NOT_TOLD = {
    "PutImage": "pushes: the kind tags, and the event of ECR itself",
    "InitiateLayerUpload": "part of a push",
    "UploadLayerPart": "part of a push",
    "CompleteLayerUpload": "part of a push",
    "UpdateImageStorageClass": "nothing is lost: an archived image can be restored",
    "StartImageScan": "changes nothing",
    "StartLifecyclePolicyPreview": "changes nothing",
    "StartReplicationBackfill": "copies what would have been copied",
    "StopReplicationBackfill": "copies what would have been copied",
    "ValidatePullThroughCacheRule": "changes nothing",
}
READING = ("BatchCheck", "BatchGet", "Describe", "Get", "List")


def test_every_call_that_changes_a_registry_is_told_or_said_not_to_be() -> None:
    client = boto3.client("ecr", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    changing = {it for it in client.meta.service_model.operation_names if not it.startswith(READING)}
    told_of = [*DELETIONS, *POLICIES, *SETTINGS]
    assert len(told_of) == len(set(told_of))
    assert set(told_of) | set(NOT_TOLD) == changing
    assert not set(told_of) & set(NOT_TOLD)


teams = st.none() | st.sampled_from(["web", "web-ops", "ecr-monitoring", "team-" + "x" * 26])
Named = tuple[str, EventKind, str | None, int]
named = st.tuples(st.sampled_from(["acme", "a" * 32]), st.sampled_from(KINDS), teams, st.integers(1, 300))


@given(named, named)
def test_no_two_rules_have_one_name_and_none_is_too_long(one: Named, other: Named) -> None:
    names = [event_rule_name(*it) for it in (one, other)]
    assert (names[0] == names[1]) == (one == other)
    for it, name in zip((one, other), names, strict=True):
        assert len(name) <= EVENT_RULE_NAME_LENGTH
        assert re.fullmatch(r"[.\-_A-Za-z0-9]+", name)
        assert name.startswith(f"{it[0]}-ecr-")


registries = st.sampled_from(["acme", "acme-ecr", "acme-ecr-monitoring", "acme-web", "web"])


@given(registries, teams, registries, teams)
def test_no_two_topics_of_one_account_have_one_name(one: str, a: str | None, other: str, b: str | None) -> None:
    assert (topic_name(one, a) == topic_name(other, b)) == ((one, a) == (other, b))


ENDPOINTS = st.tuples(
    st.sampled_from(["Topic", "Topicweb"]),
    st.sampled_from(["email", "https"]),
    st.text("aD.@-+/X4", min_size=1, max_size=12),
)


@given(ENDPOINTS, ENDPOINTS)
def test_no_two_subscriptions_have_one_id(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    ids = [subscription_id(*it) for it in (one, other)]
    assert (ids[0] == ids[1]) == (one == other)
    assert all(re.fullmatch("[A-Za-z0-9]+", it) for it in ids)
