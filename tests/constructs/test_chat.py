"""Chat channels in the Monitoring stack: what tells them, with which rights, and nothing of it without them.

Public cases: waveaccounting/terraform-aws-chatbot-slack-configuration #6 (without a guardrail AWS takes
AdministratorAccess), aws-cloudformation/cloudformation-coverage-roadmap #1155 (one configuration for a channel).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from stacks.build import build
from tests.constructs.test_monitoring import without_auditors
from tests.synth import SMALL, Templates, context, declared, resources, synthesized

SLACK = "slack: [{workspace: T1, channel: C1}]"
TEXT = f"""{SMALL}repositories: {{web/api: , data/x: }}
access: {{permissions_boundary: "arn:aws:iam::123456789012:policy/boundary"}}
replicas: {{us-west-2: {{namespaces: [web]}}}}
monitoring:
  events: [scans]
  email: [platform@example.com]
  alarms: {{watch: [delivery]}}
  {SLACK}
  teams: {{web: {{namespaces: [web], {SLACK}}}, data: {{namespaces: [data], email: [d@example.com]}}}}
"""
HOME, THERE = "123456789012/ap-northeast-2/Monitoring", "123456789012/us-west-2/Monitoring"
TYPE = "AWS::Chatbot::SlackChannelConfiguration"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return synthesized(declared(TEXT), tmp_path_factory.mktemp("chat"))[1]


def test_one_configuration_of_the_account_hears_of_the_chat_topics_of_all_its_regions(templates: Templates) -> None:
    (found,) = resources(templates[HOME], TYPE)
    there = "arn:aws:sns:us-west-2:123456789012:acme-ecr-monitoring_"
    topics = found["Properties"]["SnsTopicArns"]
    assert [it for it in topics if isinstance(it, str)] == [f"{there}_chat", f"{there}web_chat"]
    assert [it["Ref"] for it in topics if isinstance(it, dict)] == ["ChatTopic", "ChatTopicweb"]
    assert resources(templates[THERE], TYPE) == []
    names = {it["Properties"]["TopicName"] for it in resources(templates[THERE], "AWS::SNS::Topic")}
    assert {"acme-ecr-monitoring__chat", "acme-ecr-monitoring_web_chat"} <= names


def test_the_topics_are_there_before_what_subscribes_to_them() -> None:
    app = cdk.App(context=context(), builtin_cloud_formation_validation=False)
    build(app, declared(TEXT), packs=())
    stacks = {it.hierarchical_id: it for it in app.synth().stacks_recursively}
    assert stacks[THERE].id in {it.id for it in stacks[HOME].dependencies}


def test_nobody_in_a_channel_can_ask_aws_for_anything(templates: Templates) -> None:
    properties = resources(templates[HOME], TYPE)[0]["Properties"]
    assert properties["GuardrailPolicies"] == ["arn:aws:iam::aws:policy/AWSDenyAll"]
    assert properties["IamRoleArn"] == {"Fn::GetAtt": ["ChatRole", "Arn"]}
    role = templates[HOME]["Resources"]["ChatRole"]["Properties"]
    assert not {"Policies", "ManagedPolicyArns"} & role.keys()
    assert role["PermissionsBoundary"] == "arn:aws:iam::123456789012:policy/boundary"
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "chatbot.amazonaws.com"}
    attached = [it["Properties"].get("Roles", ()) for it in resources(templates[HOME], "AWS::IAM::ManagedPolicy")]
    assert attached == []


def test_a_rule_tells_words_to_people_and_json_to_chats(templates: Templates) -> None:
    rules = [it["Properties"] for it in resources(templates[HOME], "AWS::Events::Rule")]
    found = {it["Name"]: it["Targets"] for it in rules}
    assert [[it["Id"] for it in found[f"acme-ecr-scans{team}"]] for team in ("", "_data", "_web")] == [
        ["Topic", "Chat"],
        ["Topic"],
        ["Topic", "Chat"],
    ]
    chat = found["acme-ecr-scans_web"][1]
    assert chat["Arn"] == {"Ref": "ChatTopicweb"}
    assert chat["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}
    assert json.loads(chat["InputTransformer"]["InputTemplate"])["source"] == "custom"


def test_alarms_tell_the_chat_topic_too(templates: Templates) -> None:
    told: list[Any] = [it["Properties"]["AlarmActions"] for it in resources(templates[HOME], "AWS::CloudWatch::Alarm")]
    assert told
    assert all(each == [{"Ref": "Topic"}, {"Ref": "ChatTopic"}] for each in told)


def test_without_a_channel_every_template_is_as_before(templates: Templates, tmp_path: Path) -> None:
    text = TEXT.replace(f"  {SLACK}\n", "").replace(f", {SLACK}", "")
    assert "slack" not in text
    _, without = synthesized(declared(text), tmp_path)
    assert [it for it in ("Chat", "chat") if it in json.dumps(without)] == []
    others = [
        without_auditors({path: it for path, it in found.items() if path not in (HOME, THERE)})
        for found in (without, templates)
    ]
    assert others[0] == others[1]
