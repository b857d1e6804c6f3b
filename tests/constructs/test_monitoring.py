"""The Monitoring stack: who may publish and use the key, where messages go, and that nothing is there without the key.

Three public cases, each of which delivered nothing and said so nowhere:
github.com/awslabs/landing-zone-accelerator-on-aws issue 407 and github.com/awslabs/aws-deployment-framework issue 769
(a condition on the key's statement for EventBridge), github.com/cloudposse/terraform-aws-guardduty issue 10 (a topic
under AWS's own key).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from registry.load import check_sources
from registry.reading.yaml_reader import parse
from tests.judge.engine import Case, judged
from tests.synth import SMALL, Templates, declared, resources, synthesized

TRAIL = "trail: 'arn:aws:cloudtrail:ap-northeast-2:123456789012:trail/all'"
TEXT = f"""{SMALL}repositories: {{web/api: , data/x: }}
replicas: {{us-west-2: {{namespaces: [web]}}, 210987654321/eu-west-1: {{namespaces: [web]}}}}
monitoring:
  {TRAIL}
  email: [platform@example.com]
  teams:
    web: {{namespaces: [web], sqs: ["arn:aws:sqs:us-west-2:123456789012:web"], https: ["https://hooks.example.com/x"]}}
    data: {{namespaces: [data], email: [data@example.com]}}
"""
HOME = "123456789012/ap-northeast-2/Monitoring"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return synthesized(declared(TEXT), tmp_path_factory.mktemp("monitoring"))[1]


def only(template: Mapping[str, Any], resource_type: str) -> dict[str, Any]:
    (found,) = resources(dict(template), resource_type)
    return dict(found["Properties"])


def test_every_location_of_the_registry_is_watched_and_no_other(templates: Templates) -> None:
    assert {path for path in templates if path.endswith("/Monitoring")} == {
        HOME,
        "123456789012/us-west-2/Monitoring",
        "210987654321/eu-west-1/Monitoring",
    }


def without_auditors(templates: Templates) -> Templates:
    """Their policy reads what watches, where something does."""
    return {
        path: {**it, "Resources": {key: each for key, each in it["Resources"].items() if key != "AuditPolicy"}}
        for path, it in templates.items()
    }


def test_without_the_key_there_is_no_resource_and_every_template_is_as_before(
    templates: Templates, tmp_path: Path
) -> None:
    _, without = synthesized(declared(TEXT.partition("monitoring:")[0]), tmp_path)
    watched = [path for path in templates if path.endswith("/Monitoring")]
    assert without_auditors(without) == without_auditors(
        {path: template for path, template in templates.items() if path not in watched}
    )
    text = json.dumps(without)
    assert [it for it in ("AWS::SNS", "AWS::SQS", "AWS::Events") if it in text] == []


def test_a_team_has_a_topic_only_where_something_of_it_is(templates: Templates) -> None:
    topics = {
        path: [it["Properties"]["TopicName"] for it in resources(template, "AWS::SNS::Topic")]
        for path, template in templates.items()
        if path.endswith("/Monitoring")
    }
    everywhere = ["acme-ecr-monitoring", "acme-ecr-monitoring_web"]
    assert topics.pop(HOME) == ["acme-ecr-monitoring", "acme-ecr-monitoring_data", "acme-ecr-monitoring_web"]
    assert list(topics.values()) == [everywhere, everywhere]


def test_messages_go_where_the_file_says_and_to_the_queue_of_letters_where_they_are_not_taken(
    templates: Templates,
) -> None:
    found = [it["Properties"] for it in resources(templates[HOME], "AWS::SNS::Subscription")]
    letters = {"deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}
    assert sorted((it["TopicArn"]["Ref"], it["Protocol"], it["Endpoint"], it.get("RedrivePolicy")) for it in found) == [
        ("Topic", "email", "platform@example.com", None),
        ("Topicdata", "email", "data@example.com", None),
        ("Topicweb", "https", "https://hooks.example.com/x", letters),
        ("Topicweb", "sqs", "arn:aws:sqs:us-west-2:123456789012:web", letters),
    ]
    (queue,) = [it for it in found if it["Protocol"] == "sqs"]
    assert queue["RawMessageDelivery"] is True


def test_every_rule_has_one_target_retries_and_a_queue_for_what_is_not_taken(templates: Templates) -> None:
    rules = resources(templates[HOME], "AWS::Events::Rule")
    assert len(rules) > 10
    for rule in rules:
        (target,) = rule["Properties"]["Targets"]
        team = rule["Properties"]["Name"].partition("_")[2]
        assert target["Arn"] == {"Ref": f"Topic{team}"}
        assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
        assert "RoleArn" not in target


def test_what_is_not_delivered_does_not_depend_on_the_key_of_the_topics(templates: Templates) -> None:
    queue = only(templates[HOME], "AWS::SQS::Queue")
    assert queue["SqsManagedSseEnabled"] is True
    assert "KmsMasterKeyId" not in queue
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_the_key_lets_eventbridge_use_it_without_a_condition_that_it_never_meets(templates: Templates) -> None:
    """landing-zone-accelerator-on-aws issue 407, aws-deployment-framework issue 769."""
    statements = {it["Sid"]: it for it in only(templates[HOME], "AWS::KMS::Key")["KeyPolicy"]["Statement"]}
    publishes = statements["EventBridgePublishes"]
    assert publishes["Principal"] == {"Service": "events.amazonaws.com"}
    assert publishes["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert "Condition" not in publishes
    account = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert statements["CloudWatchPublishes"]["Condition"] == account
    assert {it["Ref"] for it in _keys(templates[HOME])} == {"Key"}


def _keys(template: Mapping[str, Any]) -> list[Any]:
    return [it["Properties"]["KmsMasterKeyId"] for it in resources(dict(template), "AWS::SNS::Topic")]


def test_a_key_that_exists_is_used_and_none_is_made(tmp_path: Path) -> None:
    text = TEXT.replace("monitoring:\n", "monitoring:\n  kms_key: {us-west-2: alias/messages}\n")
    _, found = synthesized(declared(text), tmp_path)
    there = found["123456789012/us-west-2/Monitoring"]
    assert resources(there, "AWS::KMS::Key") == resources(there, "AWS::KMS::Alias") == []
    assert _keys(there) == ["alias/messages"] * 2
    assert len(resources(found[HOME], "AWS::KMS::Key")) == 1


def test_awss_own_key_is_refused() -> None:
    """cloudposse/terraform-aws-guardduty issue 10."""
    text = TEXT.replace("monitoring:\n", "monitoring:\n  kms_key: alias/aws/sns\n")
    assert "monitoring-key" in {it.rule for it in check_sources(parse(text.encode(), "registry.yaml")).findings}


RULE = "arn:aws:events:ap-northeast-2:123456789012:rule/acme-ecr-scans"
ALARM = "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:acme-ecr-images"
TOPIC = "arn:aws:sns:ap-northeast-2:123456789012:acme-ecr-monitoring_web"
LETTERS = "arn:aws:sqs:ap-northeast-2:123456789012:acme-ecr-monitoring-undelivered"
STRANGER = "999999999999"
THEIR_RULE = RULE.replace("123456789012", STRANGER)


def from_service(source: str, account: str = "123456789012") -> dict[str, Any]:
    return {"aws:SourceArn": source, "aws:SourceAccount": account, "aws:SecureTransport": "true"}


#: Who asks, for what, from where; and whether it is allowed.
PUBLISHING = [
    ("events.amazonaws.com", "sns:Publish", TOPIC, from_service(RULE), True),
    ("cloudwatch.amazonaws.com", "sns:Publish", TOPIC, from_service(ALARM), True),
    ("events.amazonaws.com", "sns:Publish", TOPIC, from_service(RULE.replace("acme-ecr-", "other-")), False),
    ("events.amazonaws.com", "sns:Publish", TOPIC, from_service(THEIR_RULE, STRANGER), False),
    ("events.amazonaws.com", "sns:Publish", TOPIC, from_service(RULE, STRANGER), False),
    ("events.amazonaws.com", "sns:Publish", TOPIC, {"aws:SecureTransport": "true"}, False),
    ("events.amazonaws.com", "sns:Publish", TOPIC, {**from_service(RULE), "aws:SecureTransport": "false"}, False),
    ("s3.amazonaws.com", "sns:Publish", TOPIC, from_service(RULE), False),
    ("events.amazonaws.com", "sns:Subscribe", TOPIC, from_service(RULE), False),
    ("events.amazonaws.com", "sqs:SendMessage", LETTERS, from_service(RULE), True),
    ("sns.amazonaws.com", "sqs:SendMessage", LETTERS, from_service(TOPIC), True),
    ("sns.amazonaws.com", "sqs:SendMessage", LETTERS, from_service(TOPIC.replace("acme-", "x-")), False),
    ("sns.amazonaws.com", "sqs:SendMessage", LETTERS, from_service(TOPIC, STRANGER), False),
    ("sns.amazonaws.com", "sqs:ReceiveMessage", LETTERS, from_service(TOPIC), False),
]  # fmt: skip


@pytest.mark.parametrize(("service", "action", "resource", "context", "allowed"), PUBLISHING)
def test_only_rules_and_alarms_of_this_registry_publish(
    templates: Templates, service: str, action: str, resource: str, context: dict[str, Any], allowed: bool
) -> None:
    logical_id = "DeadLettersPolicy" if resource == LETTERS else "TopicwebPolicy"
    policy = templates[HOME]["Resources"][logical_id]["Properties"]["PolicyDocument"]
    case = Case(id="one", principal=service, action=action, resource=resource, account="123456789012", identity=[],
                resource_policy=policy, context=context)  # fmt: skip
    assert judged([case])["one"] is allowed


@pytest.mark.parametrize("action", ["sns:Subscribe", "sns:Publish", "sns:SetTopicAttributes"])
def test_nobody_of_another_account_subscribes_or_publishes(templates: Templates, action: str) -> None:
    policy = templates[HOME]["Resources"]["TopicwebPolicy"]["Properties"]["PolicyDocument"]
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    case = Case(id="one", principal=f"arn:aws:iam::{STRANGER}:role/x", action=action, resource=TOPIC,
                account="123456789012", identity=[everything], resource_policy=policy,
                context={"aws:SecureTransport": "true"})  # fmt: skip
    assert judged([case])["one"] is False
