"""Both sides of what rules say of alarms and dashboards."""

from __future__ import annotations

from typing import Any

import pytest

from registry.load import check_sources
from registry.reading.yaml_reader import parse
from tests.synth import SMALL

API = "repositories: {web/api: , tool: }\n"


def told(text: str) -> dict[str, Any]:
    """The findings by rule: of several the last."""
    return {each.rule: each for each in check_sources(parse((SMALL + text).encode(), "f.yaml")).findings}


def watched(said: str, rest: str = API) -> str:
    return f"replicas: {{us-west-2: {{namespaces: [web]}}}}\nmonitoring: {{email: [p@example.com], {said}}}\n{rest}"


def pulls(entry: str, rest: str = API) -> str:
    return watched(f"alarms: {{pulls_stop: [{{hours: 6, {entry}}}]}}", rest)


def many(number: int, namespaces: int = 1) -> str:
    return f"repositories: {{{', '.join(f'n{n % namespaces}/r{n}: ' for n in range(number))}}}\n"


def heard_by(teams: int) -> str:
    names = ", ".join(f"team-{n}: {{namespaces: [web], email: [t{n}@example.com]}}" for n in range(teams))
    return watched(f"teams: {{{names}}}, alarms: {{pulls_stop: [{{repositories: [web/api], hours: 6}}]}}")


@pytest.mark.parametrize(
    ("rule", "legal", "refused"),
    [
        ("alarm-location", pulls("repositories: [web/api], locations: [us-west-2, ap-northeast-2]"),
         pulls("repositories: [web/api], locations: [us-west-1]")),
        ("alarm-unmatched", pulls('repositories: ["web/*", tool]'), pulls('repositories: ["web/*", tools]')),
        ("alarm-unmatched", pulls("repositories: [web/api], locations: [us-west-2]"),
         pulls("repositories: [tool], locations: [us-west-2]")),
        ("alarm-count", pulls('repositories: ["n0/*"]', many(200)), pulls('repositories: ["n0/*"]', many(201))),
        ("alarm-teams", heard_by(4), heard_by(5)),
        ("alarm-images-cost", watched("alarms: {}", many(1_000)), watched("alarms: {}", many(1_001))),
        ("alarm-images-cost", watched("alarms: {watch: [repositories]}", many(1_001)),
         watched("alarms: {watch: [images]}", many(1_001))),
        ("dashboard-namespace", watched("dashboards: [web, _]"), watched("dashboards: [web, tool]")),
        ("dashboard-namespace", watched('dashboards: ["*"]'), watched("dashboards: [webs]")),
        ("dashboard-count", watched('dashboards: ["*"]', many(9, 9)), watched('dashboards: ["*"]', many(10, 10))),
        ("dashboard-size", watched('dashboards: ["*"]', many(1_000, 9)), watched('dashboards: ["*"]', many(4_000, 9))),
        ("alarm-quota-percent", watched("alarms: {quota_percent: 99}"), watched("alarms: {quota_percent: 100}")),
        ("alarm-hours", pulls("repositories: [tool]").replace("hours: 6", "hours: 168"),
         pulls("repositories: [tool]").replace("hours: 6", "hours: 169")),
        ("alarm-quota", watched("alarms: {quotas: {images_per_repository: 1}}"),
         watched("alarms: {quotas: {images_per_repository: 0}}")),
        ("alarm-repository", pulls('repositories: ["*"]'), pulls("repositories: [Tool]")),
        ("alarm-repositories", pulls("repositories: [tool]"), pulls("repositories: []")),
    ],
)  # fmt: skip
def test_what_is_legal_and_what_is_told(rule: str, legal: str, refused: str) -> None:
    assert rule not in told(legal)
    assert rule in told(refused)


def test_alarms_with_nothing_behind_them_are_the_defaults() -> None:
    assert told("monitoring: {email: [p@example.com], events: [scans], alarms: }\n" + API) == {}


def test_what_is_billed_is_said_and_where_its_price_is() -> None:
    cost = told(watched("alarms: {}", many(11_000)))["alarm-images-cost"]
    assert "11,000 repositories, each billed as an alarm" in cost.given
    assert "`ecrctl cost`" in cost.way_out
    assert "10,000" in cost.given
    assert "`ecrctl cost`" in told(watched('dashboards: ["*"]', many(10, 10)))["dashboard-count"].way_out


CHAT = "slack: [{workspace: T1, channel: C1}]"


@pytest.mark.parametrize(("everybody", "refused"), [("email: [a@example.com]", False), (CHAT, True)])
def test_topics_of_chats_count_among_those_that_an_alarm_tells(everybody: str, refused: bool) -> None:
    teams = ", ".join(f"team-{n}: {{namespaces: [web], {CHAT}}}" for n in range(2))
    text = (
        f"{API}monitoring:\n  events: [scans]\n  {everybody}\n  teams: {{{teams}}}\n"
        "  alarms: {pulls_stop: [{repositories: [web/api], hours: 6}]}\n"
    )
    assert ("alarm-teams" in told(text)) is refused
