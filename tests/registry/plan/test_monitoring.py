"""A change of who hears of what, as a reviewer reads it."""

from __future__ import annotations

import pytest

from tests.registry.plan.planned import told

TRAIL = "trail: 'arn:aws:cloudtrail:ap-northeast-2:123456789012:trail/all'"
REST = "repositories: {web/api: {owner: ops}, data/x: }\n"


def with_(monitoring: str, rest: str = REST) -> str:
    return f"{rest}monitoring: {{{monitoring}}}\n"


MAIL = "email: [a@example.com]"
TEAM = "teams: {web: {namespaces: [web], email: [w@example.com]}}"
CHAT = "slack: [{workspace: T1, channel: C1}]"
CHATTING = TEAM.replace("email: [w@example.com]", CHAT)
#: They read what watches, where something does.
AUDITORS = "safe audit-policy the policy of auditors: follow the rest"
CASES: dict[str, tuple[str, str, list[str]]] = {
    "it comes": (
        REST,
        with_(f"{TRAIL}, {MAIL}"),
        [
            "opens monitoring-target-added everybody: messages go to another e-mail address",
            "costs monitoring-added monitoring: every location is watched",
            AUDITORS,
        ],
    ),
    "it goes": (
        with_(f"{TRAIL}, {MAIL}"),
        REST,
        ["breaks monitoring-removed monitoring: nothing is watched any more", AUDITORS],
    ),
    "an address more": (
        with_(f"{TRAIL}, {MAIL}"),
        with_(f"{TRAIL}, email: [a@example.com, spy@example.org]"),
        ["opens monitoring-target-added everybody: messages go to another e-mail address"],
    ),
    "an address less": (
        with_(f"{TRAIL}, email: [a@example.com, b@example.com]"),
        with_(f"{TRAIL}, {MAIL}"),
        ["breaks monitoring-less everybody: e-mail address: one no longer hears of it"],
    ),
    "a chat hears as well": (
        with_(f"{TRAIL}, {MAIL}, alarms: {{watch: [delivery]}}"),
        with_(f"{TRAIL}, {MAIL}, alarms: {{watch: [delivery]}}, slack: [{{workspace: T1, channel: C1}}]"),
        [
            "opens monitoring-target-added everybody: messages go to another Slack channel",
            "safe alarms-follow alarms and dashboards: follow the rest",
            "safe audit-policy the policy of auditors: follow the rest",
        ],
    ),
    "a team leaves a channel that stays": (
        with_(f"{TRAIL}, {CHAT}, {CHATTING}"),
        with_(f"{TRAIL}, {CHAT}, {TEAM}"),
        [
            "opens monitoring-target-added team web: messages go to another e-mail address",
            "breaks monitoring-less team web: Slack channel: one no longer hears of it",
        ],
    ),
    "a channel comes with the first repository of its owner": (
        with_(f"{TRAIL}, {MAIL}, teams: {{new: {{owner: new, {CHAT}}}}}"),
        with_(f"{TRAIL}, {MAIL}, teams: {{new: {{owner: new, {CHAT}}}}}", REST.replace("x: ", "x: {owner: new}")),
        [
            "safe owner data/x: gets another owner",
            "safe audit-policy the policy of auditors: follow the rest",
            "safe event-rules event rules: follow the rest",
        ],
    ),
    "the trail goes": (
        with_(f"{TRAIL}, {MAIL}"),
        with_(MAIL),
        ["breaks monitoring-less monitoring: fewer events are told"],
    ),
    "deletions are no longer told": (
        with_(f"{TRAIL}, {MAIL}, events: [scans, deletions]"),
        with_(f"{TRAIL}, {MAIL}, events: [scans]"),
        ["breaks monitoring-less monitoring: fewer events are told"],
    ),
    "only worse findings": (
        with_(f"{TRAIL}, {MAIL}"),
        with_(f"{TRAIL}, {MAIL}, severity: CRITICAL"),
        ["breaks monitoring-less everybody: only of worse findings is told"],
    ),
    "less severe ones, too": (
        with_(f"{TRAIL}, {MAIL}"),
        with_(f"{TRAIL}, {MAIL}, severity: LOW"),
        ["safe monitoring-more everybody: less severe findings are told, too"],
    ),
    "another key": (
        with_(f"{TRAIL}, {MAIL}"),
        with_(f"{TRAIL}, {MAIL}, kms_key: alias/messages"),
        ["breaks monitoring-topic-key monitoring: the topics are encrypted with another key"],
    ),
    "a team comes": (
        with_(f"{TRAIL}, {MAIL}"),
        with_(f"{TRAIL}, {MAIL}, {TEAM}"),
        [
            "opens monitoring-target-added team web: messages go to another e-mail address",
            "safe monitoring-more team web: hears of its own repositories",
        ],
    ),
    "a team goes": (
        with_(f"{TRAIL}, {MAIL}, {TEAM}"),
        with_(f"{TRAIL}, {MAIL}"),
        ["breaks monitoring-less team web: no longer hears of anything"],
    ),
    "a team hears of another namespace": (
        with_(f"{TRAIL}, {MAIL}, {TEAM}"),
        with_(f"{TRAIL}, {MAIL}, {TEAM.replace('[web]', '[data]')}"),
        ["breaks monitoring-less team web: hears of other repositories"],
    ),
    "nothing changes": (with_(f"{TRAIL}, {MAIL}, {TEAM}"), with_(f"{TEAM}, {MAIL}, {TRAIL}"), []),
}


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_told_with_its_risk(case: str) -> None:
    old, new, lines = CASES[case]
    assert told(old, new) == lines


def test_rules_that_follow_an_owner_are_told_as_safe() -> None:
    teams = f"{TRAIL}, {MAIL}, teams: {{ops: {{owner: ops, email: [o@example.com]}}}}"
    new = with_(teams, REST.replace("data/x:", "data/x: {owner: ops}"))
    assert [it for it in told(with_(teams), new) if "event-rules" in it] == [
        "safe event-rules event rules: follow the rest"
    ]
