"""Alarms against a CloudWatch in memory: each speaks when it should, is silent when it should, and says what to do."""

from __future__ import annotations

import re

import pytest

from registry.limits import CALLS_A_SECOND
from registry.locations import Location
from registry.model import Registry
from registry.monitoring.alarms import DESCRIPTION_LENGTH, Alarm
from registry.monitoring.metrics import Metric
from registry.monitoring.watch import alarms_in, topic_teams
from tests.cloudwatch import CloudWatch
from tests.synth import SMALL, declared

WATCHED = """\
replicas: {us-west-2: , 210987654321/eu-west-1: {namespaces: [web]}}
monitoring:
  email: [platform@example.com]
  teams:
    shop: {namespaces: [web], email: [shop@example.com]}
    tools: {owner: team-tools, email: [tools@example.com]}
  alarms: %s
repositories: {web/shop: , web/cart: {owner: team-tools}, data/raw: , tool: }
"""
PULLS = '{pulls_stop: [{repositories: ["web/*"], hours: 6}, {repositories: [web/shop], hours: 2}]}'
HOME = Location("123456789012", "ap-northeast-2")
OREGON = Location("123456789012", "us-west-2")
IRELAND = Location("210987654321", "eu-west-1")


def registry(alarms: str = "") -> Registry:
    return declared(SMALL + WATCHED % alarms)


def alarms(said: str = "", at: Location = HOME) -> dict[str, Alarm]:
    return {told.alarm.id: told.alarm for told in alarms_in(registry(said), at)}


def counted(images: dict[str, list[float | None]], **more: str) -> CloudWatch:
    """ECR counts images in repositories every five minutes."""
    found = CloudWatch()
    for name, values in images.items():
        resource = {"Service": "ECR", "Type": "RESOURCE", "Resource": "ImagesPerRepositoryCount", **more}
        found.put("AWS/Usage", "ResourceCount", values, ResourceId=f"repository/{name}", **resource)
    return found


@pytest.mark.parametrize("more", [{}, {"Class": "None"}], ids=["as ECR's page says", "with the dimension Class"])
def test_a_repository_that_fills_up_is_named_before_pushes_are_refused(more: dict[str, str]) -> None:
    """aws/containers-roadmap #578 and vllm-project/vllm #48065: pushes failed at 100,000, and nobody knew before."""
    world = counted({"web/shop": [80_001] * 3, "web/cart": [80_000] * 3, "cache/library/nginx": [99_000] * 3}, **more)
    found = world.in_alarm(alarms()["ImagesAlarm"])
    assert found == ["repository/cache/library/nginx", "repository/web/shop"]


def test_a_quota_that_aws_has_raised_counts_and_so_does_an_older_lower_one() -> None:
    """kubernetes-sigs/aws-ebs-csi-driver #1998 met the quota of its day, 10,000."""
    lower = alarms("{quota_percent: 50, quotas: {images_per_repository: 10000}}")["ImagesAlarm"]
    assert lower.threshold == 5_000
    assert counted({"ebs": [5_001] * 3}).in_alarm(lower) == ["repository/ebs"]
    assert counted({"ebs": [5_001, 4_000, 5_001]}).in_alarm(lower) == []


def test_a_gap_in_what_ecr_counts_says_nothing() -> None:
    assert counted({"web/shop": [90_000, None, 90_000]}).in_alarm(alarms()["ImagesAlarm"]) == []


def test_repositories_of_other_services_and_other_counts_are_no_repositories_of_ecr() -> None:
    world = CloudWatch()
    world.put("AWS/Usage", "ResourceCount", [99_999] * 3, Service="EC2", Type="RESOURCE", Resource="RepositoryCount")
    world.put("AWS/Usage", "ResourceCount", [79_999] * 3, Service="ECR", Type="RESOURCE", Resource="RepositoryCount")
    alarm = alarms()["RepositoriesAlarm"]
    assert world.in_alarm(alarm) == []
    world = CloudWatch()
    world.put("AWS/Usage", "ResourceCount", [80_001] * 3, Service="ECR", Type="RESOURCE", Resource="RepositoryCount")
    assert world.in_alarm(alarm) == [""]


@pytest.mark.parametrize(("action", "rate"), CALLS_A_SECOND.items())
def test_calls_near_their_rate_for_three_of_five_minutes_are_told(action: str, rate: int) -> None:
    """aws/amazon-ecs-agent #498 and awsdocs/amazon-ecr-user-guide #11: throttled, and nobody said by which call."""
    many, few = rate * 60 * 0.81, rate * 60 * 0.79
    alarm = alarms()[f"Calls{action}Alarm"]
    for values, told in (([many] * 3 + [few] * 2, True), ([many] * 2 + [few] * 3, False), ([None] * 5, False)):
        world = CloudWatch()
        world.put("AWS/Usage", "CallCount", values, Service="ECR", Type="API", Resource=action, Class="None")
        assert bool(world.in_alarm(alarm)) is told


def test_a_dead_letter_is_told_and_an_idle_queue_is_no_unknown_state() -> None:
    """getlift/lift #337: without data the alarm was neither well nor not."""
    alarm = alarms()["UndeliveredAlarm"]
    assert CloudWatch().in_alarm(alarm) == []
    world = CloudWatch()
    queue = "acme-ecr-monitoring-undelivered"
    world.put("AWS/SQS", "ApproximateNumberOfMessagesVisible", [1], QueueName=queue)
    assert world.in_alarm(alarm) == [""]


def test_each_topic_says_when_a_subscriber_is_not_reached() -> None:
    found = {id: it for id, it in alarms().items() if id.startswith("NotificationsAlarm")}
    assert {it.measured.dimensions for it in found.values() if isinstance(it.measured, Metric)} == {
        (("TopicName", "acme-ecr-monitoring"),),
        (("TopicName", "acme-ecr-monitoring_shop"),),
        (("TopicName", "acme-ecr-monitoring_tools"),),
    }


def test_pulls_that_stop_are_told_after_the_hours_and_one_pull_is_enough() -> None:
    world = CloudWatch()
    world.put("AWS/ECR", "RepositoryPullCount", [9, None, None], RepositoryName="web/shop")
    world.put("AWS/ECR", "RepositoryPullCount", [None, None, None, None, None, 1], RepositoryName="web/cart")
    found = alarms(PULLS)
    assert world.in_alarm(found["NoPullsAlarmwebSshop"]) == [""]
    assert world.in_alarm(found["NoPullsAlarmwebScart"]) == []
    assert CloudWatch().in_alarm(found["NoPullsAlarmwebScart"]) == [""]  # nobody ever pulled: CloudWatch has no value


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_entries_about_a_repository_the_fewest_hours_count(turned: bool) -> None:
    entries = ['{repositories: ["web/*"], hours: 6}', "{repositories: [web/shop], hours: 2}"]
    found = alarms(f"{{pulls_stop: [{', '.join(entries[::-1] if turned else entries)}]}}")
    assert (found["NoPullsAlarmwebSshop"].periods, found["NoPullsAlarmwebScart"].periods) == (2, 6)


def test_pulls_are_watched_at_home_unless_an_entry_names_other_locations() -> None:
    said = '{pulls_stop: [{repositories: ["*"], hours: 1, locations: [us-west-2, 210987654321/eu-west-1]}]}'
    names = {at: [it.repository for it in alarms(said, at).values() if it.repository] for at in (HOME, OREGON, IRELAND)}
    assert names == {
        HOME: [],
        OREGON: ["data/raw", "tool", "web/cart", "web/shop"],
        IRELAND: ["web/cart", "web/shop"],
    }


def test_a_team_hears_of_its_own_repositories_by_namespace_or_owner_and_nobody_else_does() -> None:
    told = {it.alarm.repository: it.teams for it in alarms_in(registry(PULLS), HOME) if it.alarm.repository}
    assert told == {"web/cart": ("shop", "tools"), "web/shop": ("shop",)}
    assert {it.teams for it in alarms_in(registry(), HOME)} == {()}


def test_a_team_has_a_topic_where_only_an_alarm_is_about_its_own() -> None:
    said = WATCHED % PULLS
    only = said.replace(
        "  email: [platform@example.com]\n", "  email: [p@example.com]\n  events: [pull_through_cache]\n"
    )
    found = declared(SMALL + only)
    assert [team.name for team in topic_teams(found, HOME)] == ["shop", "tools"]
    assert topic_teams(found, OREGON) == ()


def test_nothing_is_watched_without_the_key_and_only_what_it_names() -> None:
    assert alarms_in(declared(SMALL + "monitoring: {email: [p@example.com]}\nrepositories: {a/b: }\n"), HOME) == ()
    assert set(alarms("{watch: [repositories]}")) == {"RepositoriesAlarm"}
    assert set(alarms("{watch: []}")) == set()


def test_a_file_that_leaves_the_registry_to_another_one_leaves_it_its_alarms_too() -> None:
    found = declared(SMALL + "manage: [repositories]\n" + (WATCHED % PULLS).split("\n", 1)[1])
    kinds = {re.sub(r"Alarm.*", "", it.alarm.id) for it in alarms_in(found, HOME)}
    assert kinds == {"Undelivered", "Notifications", "NoPulls"}


def test_every_alarm_says_what_to_do_within_the_words_that_cloudwatch_takes() -> None:
    long = "web/" + "a" * 252
    found = declared(
        SMALL
        + "monitoring: {email: [p@example.com], alarms: {pulls_stop: [{repositories: ['*'], hours: 168}]}}\n"
        + f"repositories: {{{long}: , {long[:-1]}: }}\n"
    )
    every = [it.alarm for it in alarms_in(found, HOME)]
    assert [it.name for it in every if "What to do:" not in it.description] == []
    assert max(len(it.description) for it in every) <= DESCRIPTION_LENGTH
    assert max(len(it.name) for it in every) <= 255
    assert len({it.name for it in every}) == len(every)
    assert {it.name.startswith("acme-ecr-") for it in every} == {True}  # which the topics' policy asks for


def test_no_alarm_looks_back_further_than_cloudwatch_does() -> None:
    """PutMetricAlarm: a day, or seven where a period has an hour; a query looks at three hours."""
    said = '{pulls_stop: [{repositories: ["*"], hours: 168}]}'
    for it in alarms(said).values():
        span = it.period * it.periods
        assert span <= (604_800 if it.period >= 3_600 else 86_400)
        assert isinstance(it.measured, Metric) or span <= 3 * 3_600


def test_every_metric_has_the_page_that_knows_it() -> None:
    assert {it.measured.page.partition("/latest/")[0] for it in alarms(PULLS).values()} == {
        "https://docs.aws.amazon.com/AmazonECR",
        "https://docs.aws.amazon.com/AWSSimpleQueueService",
        "https://docs.aws.amazon.com/sns",
    }
