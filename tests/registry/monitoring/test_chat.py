"""Chats: which channels an account tells, of what, and in which form.

Public cases: aws-cloudformation/cloudformation-coverage-roadmap #1155, DataChefHQ/aws-data-landing-zone #25 (a channel
can be in one configuration only), DataBiosphere/azul #5447 (a message that is not of the service's form is dropped).
"""

from __future__ import annotations

import json
import re

import pytest

from registry.locations import Location
from registry.model import Registry
from registry.monitoring.chat import chat_configurations_in, has_chats
from registry.monitoring.chat_messages import chat_message, chat_values
from registry.monitoring.event_rules import event_rules
from registry.monitoring.events import ENHANCED_SCANS, WATCHED, Watched
from registry.monitoring.watch import alarms_in
from tests.synth import SMALL, declared

SLACK = "slack: [{workspace: T1, channel: C1}]"
EVENTS = pytest.mark.parametrize("event", [*WATCHED.values(), ENHANCED_SCANS], ids=lambda it: it.detail_type)
#: Lists and maps in an event; all others are texts or numbers.
LISTS = ("image-tags", "imageTags", "finding-severity-counts", "imageIds", "lifecycleEventImageActions")


def watched(monitoring: str, rest: str = "") -> Registry:
    return declared(
        f"{SMALL}repositories: {{web/api: , data/x: }}\n{rest}monitoring: {{events: [scans], {monitoring}}}\n"
    )


@EVENTS
def test_a_message_is_a_custom_notification_whose_title_has_no_values(event: Watched) -> None:
    said = json.loads(chat_message("acme", event))
    assert (said["version"], said["source"], said["content"]["textType"]) == ("1.0", "custom", "client-markdown")
    assert said["content"]["title"] == f"acme: {event.about}"
    assert "<" not in said["content"]["title"]
    assert len(chat_message("acme", event)) < 8192


@EVENTS
def test_every_value_of_a_message_is_known_and_none_is_a_list(event: Watched) -> None:
    values = chat_values(event)
    assert values.keys() == set(re.findall("<([^>]*)>", chat_message("acme", event)))
    assert not any(path.endswith(LISTS) for path in values.values())
    assert all(re.fullmatch("[a-z]+", name) for name in values)


def test_only_rules_of_who_has_a_channel_have_a_message_for_it() -> None:
    registry = watched(f"email: [a@example.com], teams: {{web: {{namespaces: [web], {SLACK}}}}}")
    assert [(it.team, bool(it.chat), bool(it.chat_values)) for it in event_rules(registry, registry.home)] == [
        (None, False, False),
        ("web", True, True),
    ]


def test_a_channel_that_several_name_is_told_by_one_configuration() -> None:
    registry = watched(f"{SLACK}, teams: {{web: {{namespaces: [web], {SLACK}}}}}", "replicas: {us-west-2: }\n")
    (found,) = chat_configurations_in(registry, registry.home)
    there = Location("123456789012", "us-west-2")
    assert set(found.topics) == {(registry.home, None), (registry.home, "web"), (there, None), (there, "web")}
    assert chat_configurations_in(registry, there) == ()


def test_another_account_tells_the_channel_of_what_is_there() -> None:
    registry = watched(
        f"email: [a@example.com], teams: {{web: {{namespaces: [web], {SLACK}}}}}",
        "replicas: {210987654321/us-west-2: {namespaces: [data]}, 310987654321/us-west-2: {namespaces: [web]}}\n",
    )
    assert [has_chats(registry, it) for it in ("123456789012", "210987654321", "310987654321")] == [True, False, True]


def test_channels_of_the_same_id_in_two_workspaces_are_two() -> None:
    registry = watched("slack: [{workspace: T1, channel: C1}, {workspace: T2, channel: C1}]")
    found = chat_configurations_in(registry, registry.home)
    assert [it.name for it in found] == ["acme-ecr-chat-T1-C1", "acme-ecr-chat-T2-C1"]
    assert len({it.id for it in found}) == 2


def test_a_long_id_is_shortened_to_what_aws_takes_as_a_name() -> None:
    registry = watched(f"slack: [{{workspace: T{'1' * 200}, channel: C1}}]")
    (found,) = chat_configurations_in(registry, registry.home)
    assert re.fullmatch("[A-Za-z0-9-_]{1,128}", found.name)


def test_an_alarm_tells_the_chats_of_those_who_hear_of_it() -> None:
    alarms = "alarms: {watch: [delivery], pulls_stop: [{repositories: [web/api], hours: 6}]}"
    registry = watched(f"email: [a@example.com], {alarms}, teams: {{web: {{namespaces: [web], {SLACK}}}}}")
    assert {told.alarm.id: told.chats for told in alarms_in(registry, registry.home) if told.chats} == {
        "NoPullsAlarmwebSapi": ("web",)
    }
