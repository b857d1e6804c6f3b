"""What being watched costs: alarms by their metrics, dashboards, and the key of the topics."""

from __future__ import annotations

from registry.cost import monitored
from registry.cost.bill import bill
from registry.cost.money import amount_text
from registry.cost.price_file import shipped
from registry.cost.prices import Item
from tests.registry.cost.worked import registry_of
from tests.registry.plan.planned import planned

PLAIN = """registry: {name: acme, account: "123456789012", region: us-east-1}
repositories: {web/shop: , web/api: , tool: }
"""
HEARD = "email: [platform@example.com], events: [pull_through_cache]"
WATCHED = f"{PLAIN}monitoring: {{{HEARD}}}\n"


def used(text: str) -> dict[str, str]:
    found = bill(shipped(), monitored.used(registry_of(text)))
    return {it.item: f"{it.used.counted}: {amount_text(it.monthly)}" for it in found.lines if it.monthly}


def test_without_monitoring_nothing_is_billed() -> None:
    assert used(PLAIN) == {}


def test_a_key_is_made_for_the_topics_unless_one_is_named() -> None:
    assert used(WATCHED) == {Item.KEY: "1 version, 3 after two rotations: 1.00 to 3.00"}
    assert used(WATCHED.replace("{email", "{kms_key: alias/messages, email")) == {}


def test_the_alarm_of_images_is_billed_for_every_repository_that_it_looks_at() -> None:
    text = WATCHED.replace(HEARD, f"{HEARD}, alarms: {{watch: [images, repositories]}}")
    assert used(text)[Item.ALARM] == "2 alarms on 4 metrics: 0.40"


def test_each_repository_that_has_to_be_pulled_is_an_alarm() -> None:
    text = WATCHED.replace(
        HEARD, f"{HEARD}, alarms: {{watch: [], pulls_stop: [{{repositories: ['web/*'], hours: 6}}]}}"
    )
    assert used(text)[Item.ALARM] == "2 alarms on 2 metrics: 0.20"


def test_dashboards_are_billed_each() -> None:
    text = WATCHED.replace(HEARD, f"{HEARD}, dashboards: [web]")
    assert used(text)[Item.DASHBOARD] == "2 dashboards: 6.00"


def told(old: str, new: str, kind: str) -> list[str]:
    (change,) = [it for it in planned(old, new) if it.kind.id == kind]
    return [str(it) for it in change.bill]


def test_a_plan_says_what_being_watched_costs() -> None:
    alarms = WATCHED.replace(HEARD, f"{HEARD}, alarms: {{watch: [images]}}")
    boards = WATCHED.replace(HEARD, f"{HEARD}, dashboards: [web]")
    assert told(PLAIN, WATCHED, "monitoring-added") == ["+1.00 to +3.00 USD a month (KMS keys in us-east-1)"]
    assert told(WATCHED, alarms, "alarm-added") == ["+0.30 USD a month (CloudWatch alarms in us-east-1)"]
    assert told(alarms, WATCHED, "alarm-removed") == ["-0.30 USD a month (CloudWatch alarms in us-east-1)"]
    assert told(WATCHED, boards, "dashboard-added") == ["+6.00 USD a month (CloudWatch dashboards in us-east-1)"]
    assert told(boards, WATCHED, "dashboard-removed") == ["-6.00 USD a month (CloudWatch dashboards in us-east-1)"]
