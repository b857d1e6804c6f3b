"""What watches and what builds: how it is read, what of it is drift, and what puts it back.

Three cases of others are kept: a rule whose dead-letter queue and parameters were drift when nobody had touched them
(cloudformation-coverage-roadmap #2006, #1716), and a subscription that CloudFormation did not make again (#2455).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ops.drift import kinds
from ops.drift.compare import Drift, State, against_deployed, against_file
from ops.drift.deployed import Deployed
from ops.drift.fix import Known, Step, plan, put_back
from ops.drift.kinds import DELIVERY, MONITORING
from ops.drift.reading import Keys, Live, ResourceKey, declared, live
from ops.drift.repository_settings import Settings
from ops.drift.template import resolved
from ops.output import drift as shown
from registry.locations import Location
from registry.model import Registry
from tests.ops.stubs import ACCOUNT, HOME, Cloud, stubbed
from tests.synth import SMALL
from tests.synth import declared as registry_of

AT = Location(ACCOUNT, HOME)
KINDS = (*MONITORING, *DELIVERY)
BY_NOUN = {kind.noun: kind for kind in KINDS}
TOPIC_ARN = f"arn:aws:sns:{HOME}:{ACCOUNT}:acme-ecr-monitoring"
QUEUE = f"arn:aws:sqs:{HOME}:{ACCOUNT}:ops"
EVIL = f"arn:aws:sqs:{HOME}:{ACCOUNT}:evil"
DEAD = f"arn:aws:sqs:{HOME}:{ACCOUNT}:acme-ecr-monitoring-undelivered"
KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
FILE = f"""{SMALL}
repositories: {{web/api: {{moving_tags: [prod]}}}}
monitoring:
  events: [scans]
  email: [ops@example.com]
  sqs: ["{QUEUE}"]
  slack: [{{workspace: T0123ABCD, channel: C0123ABCD}}]
  alarms: {{watch: [delivery, images]}}
  dashboards: [web]
pipelines:
  web/api:
    connection: arn:aws:codeconnections:{HOME}:{ACCOUNT}:connection/12345678-90ab-cdef-1234-567890abcdef
    source: acme/web
    scan_gate: NONE
"""


def thing(noun: str, name: str) -> ResourceKey:
    return ResourceKey(AT, noun, name)


RULE, TOPIC, POLICY, TOPIC_KEY, DEAD_LETTERS = (
    thing("event rule", "acme-ecr-scans"),
    thing("topic", "acme-ecr-monitoring"),
    thing("topic policy", "acme-ecr-monitoring"),
    thing("topic key", "alias/acme-ecr-monitoring"),
    thing("queue", "acme-ecr-monitoring-undelivered"),
)
MAIL = thing("subscription", "acme-ecr-monitoring email ops@example.com")
HEARS = thing("subscription", f"acme-ecr-monitoring sqs {QUEUE}")
LISTENS = thing("subscription", f"acme-ecr-monitoring sqs {EVIL}")
ALARM, DASHBOARD = thing("alarm", "acme-ecr-images"), thing("dashboard", "acme-ECR-web")
CHANNEL = thing("Slack channel", "acme-ecr-chat-T0123ABCD-C0123ABCD")
PROJECT, PIPELINE = (
    thing("build project", "acme-Delivery-webSapi-Publish"),
    thing("pipeline", "acme-Delivery-webSapi"),
)


class KnownKeys(Keys):
    def arn(self, at: Location, key: str | None) -> str | None:
        return KEY


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)  # a stub answers in one order
    with stubbed(monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def registry() -> Registry:
    return registry_of(FILE)


def as_declared(registry: Registry) -> dict[ResourceKey, Settings]:
    return declared(registry, [AT], KINDS)


def changed(registry: Registry, of: ResourceKey, **settings: Any) -> dict[ResourceKey, Settings]:
    """AWS as the file declares it, but for some settings of one thing."""
    found = as_declared(registry)
    for each in found.values():
        if "kmsKey" in each:
            each["kmsKey"] = KEY
    return {**found, of: {**found[of], **settings}}


def without(registry: Registry, *gone: ResourceKey) -> dict[ResourceKey, Settings]:
    return {key: each for key, each in changed(registry, RULE).items() if key not in gone}


def rows(registry: Registry, found: dict[ResourceKey, Settings], *others: ResourceKey) -> list[Drift]:
    known = Live(there=frozenset((*found, *others)), settings=found)
    return list(against_file(registry, BY_NOUN, as_declared(registry), known, KnownKeys()))


def steps(registry: Registry, found: dict[ResourceKey, Settings], *others: ResourceKey) -> list[Step]:
    wanted = as_declared(registry)
    known = Known(
        registry=registry,
        kinds=BY_NOUN,
        wanted=wanted,
        live=Live(there=frozenset((*found, *others)), settings=found),
        last=Deployed(settings=wanted, registries=frozenset()),
        keys=KnownKeys(),
    )
    return plan(known, rows(registry, found, *others))


def read(registry: Registry, *nouns: str) -> Live:
    return live(registry, [AT], [BY_NOUN[noun] for noun in nouns], None)


# Read


def test_a_rule_as_aws_answers_it_is_the_rule_of_the_file(cloud: Cloud, registry: Registry) -> None:
    said = as_declared(registry)[RULE]
    assert said["targets"].keys() == {"Topic", "Chat"}
    assert said["targets"]["Topic"]["DeadLetterConfig"] == {"Arn": DEAD}
    row = {"Name": RULE.name, "State": "ENABLED", "Description": said["description"]}
    row["EventPattern"] = json.dumps(said["eventPattern"], indent=1)
    targets = [{"Id": key, **it} for key, it in reversed(said["targets"].items())]
    cloud.expect("list_rules", {"Rules": [row]}, {"NamePrefix": "acme-ecr-"})
    cloud.expect("list_targets_by_rule", {"Targets": targets}, {"Rule": RULE.name})
    assert read(registry, "event rule").settings == {RULE: said}


def test_a_topic_is_read_with_the_key_that_cloudformation_told_it(cloud: Cloud, registry: Registry) -> None:
    for key, name in ((KEY.rpartition("/")[2], ""), ("", "__chat")):
        attributes = {"TopicArn": TOPIC_ARN + name, **({"KmsMasterKeyId": key} if key else {})}
        cloud.expect("get_topic_attributes", {"Attributes": attributes}, {"TopicArn": TOPIC_ARN + name})
    found = read(registry, "topic").settings
    assert found[TOPIC] == {"encrypted": True, "kmsKey": KEY}
    silent = {**without(registry), thing("topic", "acme-ecr-monitoring__chat"): {"encrypted": False, "kmsKey": None}}
    assert [(row.thing.name, row.setting) for row in rows(registry, silent)] == [
        ("acme-ecr-monitoring__chat", "encrypted")
    ]


def test_every_subscription_is_read_and_one_that_nobody_confirmed_hears_nothing(
    cloud: Cloud, registry: Registry
) -> None:
    arn = f"{TOPIC_ARN}:12345678"
    same = {"Owner": ACCOUNT, "TopicArn": TOPIC_ARN}
    hears = [
        {**same, "Protocol": "email", "Endpoint": "ops@example.com", "SubscriptionArn": "PendingConfirmation"},
        {**same, "Protocol": "sqs", "Endpoint": QUEUE, "SubscriptionArn": arn},
        {**same, "Protocol": "sqs", "Endpoint": EVIL, "SubscriptionArn": f"{arn}9"},
    ]
    chat = {"Protocol": "https", "Endpoint": "https://global.sns-api.chatbot.amazonaws.com", "SubscriptionArn": arn}
    cloud.expect("list_subscriptions_by_topic", {"Subscriptions": hears}, {"TopicArn": TOPIC_ARN})
    cloud.expect("list_subscriptions_by_topic", {"Subscriptions": [{**same, **chat}]})
    attributes = {"RawMessageDelivery": "true", "RedrivePolicy": json.dumps({"deadLetterTargetArn": DEAD})}
    cloud.expect("get_subscription_attributes", {"Attributes": attributes}, {"SubscriptionArn": arn})
    filtered = {**attributes, "FilterPolicy": '{"a": ["b"]}'}
    cloud.expect("get_subscription_attributes", {"Attributes": filtered}, {"SubscriptionArn": f"{arn}9"})
    cloud.expect("get_subscription_attributes", {"Attributes": {}}, {"SubscriptionArn": arn})
    found = read(registry, "subscription")
    assert found.settings[HEARS] == as_declared(registry)[HEARS]
    assert found.settings[LISTENS]["filterPolicy"] == {"a": ["b"]}
    wanted = {key: each for key, each in as_declared(registry).items() if key.noun == "subscription"}
    told = list(against_file(registry, BY_NOUN, wanted, found, Keys()))
    assert [(row.thing, row.state, row.setting) for row in told] == [
        (MAIL, State.DIFFERS, "confirmed"),
        (LISTENS, State.LEFT_OVER, ""),
    ]


def test_drift_looks_at_everything_that_is_watched_here(registry: Registry) -> None:
    assert as_declared(registry).keys() <= declared(registry, [AT], kinds.KINDS).keys()


def test_the_queue_and_the_key_are_read(cloud: Cloud, registry: Registry) -> None:
    url = {"QueueUrl": "https://queue"}
    attributes = {"MessageRetentionPeriod": "1209600", "SqsManagedSseEnabled": "true"}
    cloud.expect("get_queue_url", url, {"QueueName": DEAD_LETTERS.name})
    cloud.expect("get_queue_attributes", {"Attributes": attributes})
    assert read(registry, "queue").settings == {DEAD_LETTERS: as_declared(registry)[DEAD_LETTERS]}
    policy = as_declared(registry)[TOPIC_KEY]["policyDocument"]
    key = {"KeyId": "k", "Arn": KEY, "KeyState": "PendingDeletion"}
    cloud.expect("describe_key", {"KeyMetadata": key}, {"KeyId": TOPIC_KEY.name})
    cloud.expect("get_key_policy", {"Policy": json.dumps(policy)}, {"KeyId": KEY})
    found = read(registry, "topic key").settings
    assert found == {TOPIC_KEY: {"keyState": "PendingDeletion", "policyDocument": policy}}


def test_an_alarm_that_queries_is_read_without_what_cloudwatch_adds(cloud: Cloud, registry: Registry) -> None:
    said = as_declared(registry)[ALARM]
    (query,) = said["measured"]["Metrics"]
    row = {
        "AlarmName": ALARM.name,
        "AlarmDescription": said["alarmDescription"],
        "ActionsEnabled": True,
        "OKActions": said["okActions"],
        "AlarmActions": list(reversed(said["alarmActions"])),
        "InsufficientDataActions": [],
        "StateValue": "OK",
        "Dimensions": [],
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 3,
        "Threshold": said["threshold"],
        "ComparisonOperator": said["comparisonOperator"],
        "TreatMissingData": said["treatMissingData"],
        "Metrics": [{**query, "Label": "watched"}],
    }
    cloud.expect(
        "describe_alarms", {"MetricAlarms": [row]}, {"AlarmNamePrefix": "acme-ecr-", "AlarmTypes": ["MetricAlarm"]}
    )
    assert len(said["alarmActions"]) == 2
    assert read(registry, "alarm").settings == {ALARM: said}


def test_a_dashboard_that_is_gone_is_missing(cloud: Cloud, registry: Registry) -> None:
    cloud.refuse("get_dashboard", "ResourceNotFound")
    body = as_declared(registry)[DASHBOARD]["dashboardBody"]
    cloud.expect("get_dashboard", {"DashboardBody": json.dumps(body)}, {"DashboardName": DASHBOARD.name})
    found = read(registry, "dashboard")
    assert found.settings == {DASHBOARD: {"dashboardBody": body}}
    assert thing("dashboard", "acme-ECR") not in found.there


def test_a_channel_is_asked_where_its_api_is_and_its_guardrail_counts(cloud: Cloud, registry: Registry) -> None:
    said = as_declared(registry)[CHANNEL]
    row = {
        "SlackTeamName": "acme",
        "SlackTeamId": "T0123ABCD",
        "SlackChannelId": "C0123ABCD",
        "SlackChannelName": "ops",
        "ChatConfigurationArn": f"arn:aws:chatbot::{ACCOUNT}:chat-configuration/slack-channel/{CHANNEL.name}",
        "IamRoleArn": said["iamRoleArn"],
        "SnsTopicArns": said["snsTopicArns"],
        "ConfigurationName": CHANNEL.name,
        "LoggingLevel": "ERROR",
        "GuardrailPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
    }
    others = {**row, "ConfigurationName": "of-somebody"}
    cloud.expect(
        "describe_slack_channel_configurations", {"SlackChannelConfigurations": [others, row]}, {}, at="us-east-2"
    )
    found = read(registry, "Slack channel").settings
    assert found.keys() == {CHANNEL}
    assert [row.setting for row in rows(registry, {**without(registry), **found})] == ["guardrailPolicyArns"]


def test_a_pipeline_as_aws_answers_it_is_that_of_the_file_and_a_stopped_stage_is_not(
    cloud: Cloud, registry: Registry
) -> None:
    said = as_declared(registry)[PIPELINE]
    stages = json.loads(json.dumps(said["stages"]))
    for stage in stages:
        for action in stage["actions"]:  # what AWS adds
            action.update({"region": HOME, "outputArtifacts": action.get("outputArtifacts", [])})
            action.setdefault("inputArtifacts", [])
    answer = {"name": PIPELINE.name, "version": 3, **{key: said[key] for key in ("roleArn", "artifactStore")}}
    answer |= {"stages": stages, "pipelineType": "V2", "executionMode": "SUPERSEDED"}
    states = [{"stageName": "Build", "inboundTransitionState": {"enabled": False}}, {"stageName": "Publish"}]
    cloud.expect("get_pipeline", {"pipeline": answer}, {"name": PIPELINE.name})
    cloud.expect("get_pipeline_state", {"stageStates": states}, {"name": PIPELINE.name})
    assert read(registry, "pipeline").settings == {PIPELINE: {**said, "stoppedStages": ["Build"]}}


def test_a_project_is_read_in_what_decides_who_runs_what(cloud: Cloud, registry: Registry) -> None:
    said = as_declared(registry)[PROJECT]
    assert said["environment"]["privilegedMode"] is False
    variables = [{"name": key, "value": value} for key, (_, value) in said["environmentVariables"].items()]
    row = {
        "name": PROJECT.name,
        "serviceRole": said["serviceRole"],
        "environment": {
            **said["environment"],
            "environmentVariables": variables,
            "imagePullCredentialsType": "CODEBUILD",
        },
        "source": {"type": "CODEPIPELINE", "buildspec": said["buildspec"], "insecureSsl": False},
        "artifacts": {"type": "CODEPIPELINE", "packaging": "NONE"},
        "encryptionKey": said["encryptionKey"],
        "logsConfig": {"cloudWatchLogs": said["logs"], "s3Logs": {"status": "DISABLED"}},
        "timeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
    }
    cloud.expect("batch_get_projects", {"projects": [row]})
    assert read(registry, "build project").settings == {PROJECT: said}


@pytest.mark.parametrize("code", ["AuthorizationError", "UnknownOperationException"])
def test_who_may_not_read_it_compares_the_rest(cloud: Cloud, registry: Registry, code: str) -> None:
    """A deploy role of an earlier release has no such permission, and goes on deploying."""
    cloud.refuse("list_subscriptions_by_topic", code)
    cloud.expect("describe_alarms", {"MetricAlarms": []})
    found = read(registry, "subscription", "alarm")
    (refused,) = found.refused.values()
    assert refused == "sns:ListSubscriptionsByTopic"
    assert "these credentials may not call" in shown.refused_text(
        [Drift(thing=thing("subscription", ""), state=State.NOT_COMPARED, refused=refused)], "acme"
    )


def test_a_registry_that_watches_nothing_is_asked_nothing(cloud: Cloud) -> None:
    small = registry_of(f"{SMALL}repositories: {{web/api: }}")
    assert live(small, [AT], KINDS, None).there == frozenset()


# Compared


SEEN: list[tuple[ResourceKey, dict[str, Any]]] = [
    (RULE, {"state": "DISABLED"}),
    (RULE, {"eventPattern": {"source": ["none"]}}),
    (RULE, {"targets": {}}),
    (TOPIC, {"encrypted": False, "kmsKey": None}),
    (TOPIC, {"kmsKey": KEY.replace("1234", "9999")}),
    (POLICY, {"policyDocument": {"Version": "2012-10-17", "Statement": []}}),
    (TOPIC_KEY, {"keyState": "Disabled"}),
    (HEARS, {"filterPolicy": {"nothing": ["passes"]}}),
    (HEARS, {"deadLetterTargetArn": None}),
    (DEAD_LETTERS, {"messageRetentionPeriod": 60}),
    (ALARM, {"actionsEnabled": False}),
    (ALARM, {"threshold": 10.0**9}),
    (ALARM, {"alarmActions": []}),
    (CHANNEL, {"snsTopicArns": []}),
    (CHANNEL, {"state": "DISABLED"}),
    (PROJECT, {"serviceRole": f"arn:aws:iam::{ACCOUNT}:role/admin"}),
    (PROJECT, {"buildspec": "{}"}),
    (PROJECT, {"projectVisibility": "PUBLIC_READ"}),
    (PIPELINE, {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/admin"}),
    (PIPELINE, {"stages": []}),
    (PIPELINE, {"triggers": [{"providerType": "CodeStarSourceConnection"}]}),
]


@pytest.mark.parametrize(("of", "settings"), SEEN, ids=[f"{of.noun}-{next(iter(it))}" for of, it in SEEN])
def test_a_hand_that_silences_or_builds_otherwise_is_seen(
    registry: Registry, of: ResourceKey, settings: dict[str, Any]
) -> None:
    found = rows(registry, changed(registry, of, **settings))
    assert {(row.thing, row.setting) for row in found} <= {(of, name) for name in settings}
    assert found


def test_nothing_is_drift_where_nobody_touched_anything(registry: Registry) -> None:
    assert rows(registry, without(registry)) == []


def test_before_a_deploy_a_confirmation_and_other_subscriptions_do_not_count(registry: Registry) -> None:
    live_now = Live(there=frozenset([LISTENS]), settings=changed(registry, MAIL, confirmed=False))
    said = {key: dict(each) for key, each in as_declared(registry).items()}
    del said[MAIL]["confirmed"]
    last = Deployed(settings=said, registries=frozenset())
    assert list(against_deployed(BY_NOUN, as_declared(registry), last, live_now, KnownKeys())) == []


def test_what_a_template_takes_from_its_own_resources_is_known_but_for_keys() -> None:
    resources = {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "acme-ecr-monitoring"}},
        "Other": {"Type": "AWS::SNS::Topic", "Properties": {}},
    }
    said = {"a": {"Ref": "Key"}, "b": [{"Ref": "Topic"}], "c": {"Ref": "Other"}, "d": {"Ref": "AWS::Region"}}
    assert resolved(said, resources, AT) == {**said, "b": [TOPIC_ARN]}


# Put back


def put_calls(cloud: Cloud, *calls: tuple[str, dict[str, Any]]) -> None:
    for operation, parameters in calls:
        cloud.expect(operation, {}, parameters)


def test_a_rule_is_switched_on_and_loses_what_was_added(cloud: Cloud, registry: Registry) -> None:
    said = as_declared(registry)[RULE]
    targets = {**said["targets"], "Copy": {"Arn": EVIL}}
    whole = {"Name": RULE.name, "State": "ENABLED", "Description": said["description"]}
    whole["EventPattern"] = json.dumps(said["eventPattern"], separators=(",", ":"))
    cloud.expect("put_rule", {}, whole)
    failed = {"FailedEntryCount": 0, "FailedEntries": []}
    cloud.expect("remove_targets", failed, {"Rule": RULE.name, "Ids": ["Copy"]})
    cloud.expect("put_targets", failed)
    found = steps(registry, changed(registry, RULE, state="DISABLED", targets=targets))
    assert put_back(found, lambda step: True) == 2


def test_who_listens_besides_is_unsubscribed_and_who_shall_hear_hears_again(cloud: Cloud, registry: Registry) -> None:
    """CloudFormation does not make a subscription again: aws-cloudformation/cloudformation-coverage-roadmap #2455."""
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": DEAD})}
    wanted = {"TopicArn": TOPIC_ARN, "Protocol": "sqs", "Endpoint": QUEUE}
    cloud.expect("subscribe", {}, {**wanted, "Attributes": {"RawMessageDelivery": "true", **redrive}})
    row = {"SubscriptionArn": f"{TOPIC_ARN}:9", "Protocol": "sqs", "Endpoint": EVIL}
    cloud.expect("list_subscriptions_by_topic", {"Subscriptions": [row]}, {"TopicArn": TOPIC_ARN})
    cloud.expect("unsubscribe", {}, {"SubscriptionArn": f"{TOPIC_ARN}:9"})
    found = steps(registry, without(registry, HEARS), LISTENS)
    assert [shown.step_text(step, AT).partition(": ")[2] for step in found] == [
        "create it again as the file declares it",
        "take it away, the file does not declare it",
    ]
    assert put_back(found, lambda step: True) == 2


def test_topics_queue_alarms_and_dashboards_are_written_whole(cloud: Cloud, registry: Registry) -> None:
    said = as_declared(registry)
    policy = {"TopicArn": TOPIC_ARN, "AttributeName": "Policy"}
    cloud.expect("set_topic_attributes", {}, {"TopicArn": TOPIC_ARN, "AttributeName": "KmsMasterKeyId",
                                              "AttributeValue": KEY})  # fmt: skip
    document = json.dumps(said[POLICY]["policyDocument"], separators=(",", ":"))
    cloud.expect("set_topic_attributes", {}, {**policy, "AttributeValue": document})
    cloud.expect("get_queue_url", {"QueueUrl": "https://queue"}, {"QueueName": DEAD_LETTERS.name})
    kept = {"MessageRetentionPeriod": "1209600", "SqsManagedSseEnabled": "true"}
    cloud.expect("set_queue_attributes", {}, {"QueueUrl": "https://queue", "Attributes": kept})
    alarm = said[ALARM]
    cloud.expect("put_metric_alarm", {}, {
        "AlarmName": ALARM.name, "AlarmDescription": alarm["alarmDescription"], "ActionsEnabled": True,
        "AlarmActions": alarm["alarmActions"], "OKActions": alarm["okActions"], "InsufficientDataActions": [],
        "Threshold": alarm["threshold"], "ComparisonOperator": alarm["comparisonOperator"], "EvaluationPeriods": 3,
        "DatapointsToAlarm": 3, "TreatMissingData": alarm["treatMissingData"], **alarm["measured"],
    })  # fmt: skip
    cloud.expect("put_dashboard", {})
    found = {
        **without(registry, DASHBOARD),
        TOPIC: {"encrypted": False, "kmsKey": None},
        POLICY: {"policyDocument": {}},
        DEAD_LETTERS: {**said[DEAD_LETTERS], "messageRetentionPeriod": 60},
        ALARM: {**alarm, "actionsEnabled": False, "threshold": 1.0},
    }
    assert put_back(steps(registry, found), lambda step: True) >= 6


def test_a_filter_is_taken_away(cloud: Cloud, registry: Registry) -> None:
    row = {"SubscriptionArn": f"{TOPIC_ARN}:1", "Protocol": "sqs", "Endpoint": QUEUE}
    cloud.expect("list_subscriptions_by_topic", {"Subscriptions": [row]})
    written = {"SubscriptionArn": f"{TOPIC_ARN}:1", "AttributeName": "FilterPolicy", "AttributeValue": "{}"}
    cloud.expect("set_subscription_attributes", {}, written)
    assert put_back(steps(registry, changed(registry, HEARS, filterPolicy={"a": ["b"]})), lambda step: True) == 1


NOT_WRITTEN = [
    (PROJECT, {"buildspec": "{}"}, "iam:PassRole"),
    (PIPELINE, {"stoppedStages": ["Build"]}, "--revert-drift"),
    (CHANNEL, {"state": "DISABLED"}, "iam:PassRole"),
    (TOPIC_KEY, {"keyState": "Disabled"}, "aws kms enable-key"),
    (MAIL, {"confirmed": False}, "confirms it by the link"),
]


@pytest.mark.parametrize(("of", "settings", "why"), NOT_WRITTEN, ids=[of.noun for of, _, _ in NOT_WRITTEN])
def test_what_is_not_written_says_why(registry: Registry, of: ResourceKey, settings: dict[str, Any], why: str) -> None:
    (step,) = steps(registry, changed(registry, of, **settings))
    assert why in step.reason
    assert step.change is None


def test_what_hung_on_a_topic_waits_for_it(registry: Registry) -> None:
    reasons = {
        step.thing: step.reason
        for step in steps(registry, without(registry, TOPIC, POLICY, HEARS, MAIL, TOPIC_KEY, PIPELINE))
    }
    assert "--revert-drift" in reasons[TOPIC]
    assert all("the topic acme-ecr-monitoring is gone, too" in reasons[each] for each in (POLICY, HEARS, MAIL))
    assert "aws kms" in reasons[TOPIC_KEY]
    assert "--revert-drift" in reasons[PIPELINE]
