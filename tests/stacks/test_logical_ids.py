"""Every logical id is the name of its thing, so none changes when another thing comes or goes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.monitoring.names import subscription_id
from registry.naming import logical_id
from tests.synth import ROOT, SMALL, declared, synthesized

GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.json"))
Properties = dict[str, Any]

#: What is there once in a stack.
SINGLE = {
    "AWS::ECR::RegistryScanningConfiguration": "Scanning",
    "AWS::ECR::ReplicationConfiguration": "Replication",
    "AWS::ECR::RegistryPolicy": "RegistryPolicy",
    "AWS::ECR::SigningConfiguration": "Signing",
    "AWS::EC2::SecurityGroup": "SecurityGroup",
    "AWS::EC2::VPC": "Vpc",
    "AWS::EC2::RouteTable": "RouteTable",
    "AWS::CodePipeline::Pipeline": "Pipeline",
    "AWS::Logs::LogGroup": "Logs",
    "AWS::S3::Bucket": "Artifacts",
    "AWS::S3::BucketPolicy": "ArtifactsPolicy",
    "AWS::SQS::Queue": "DeadLetters",
    "AWS::SQS::QueuePolicy": "DeadLettersPolicy",
}


def of_role(it: Properties) -> str:
    principal = it["RoleName"].removeprefix("acme-")
    if "@" in principal:  # of a pipeline, which has a stack of its own
        return f"{principal.partition('@')[2].capitalize()}Role"
    of_ecr = {"ecr-creation": "CreationRole", "ecr-cache": "UpstreamRole"}
    return of_ecr.get(principal) or logical_id(principal, "Role")


def of_permission(it: Properties) -> str:
    return logical_id(f"{it['Principal']}-{it['ProfileName']}", "SigningPermission")


def of_policy(it: Properties) -> str:
    policy = it["ManagedPolicyName"].removeprefix("acme-")
    if "@" in policy:
        return str(policy.partition("@")[2]).capitalize().replace("-ecr-", "Policy")
    single = {"ecr-audit": "AuditPolicy", "ecr-creation-templates": "CreationPolicy",
              "ecr-cache-upstreams": "UpstreamPolicy"}  # fmt: skip
    return single.get(policy) or logical_id(policy.replace("-ecr-", "-"), "Policy")


def of_endpoint(it: Properties) -> str:
    words = it["ServiceName"].replace("-fips", "").split(".")
    service = ".".join(words[-2:]) if "ecr" in words else words[-1]
    return "LayerGateway" if it["VpcEndpointType"] == "Gateway" else logical_id(service, "Endpoint")


def of_alias(it: Properties) -> str:
    alias = it["AliasName"].removeprefix("alias/")
    return "KeyAlias" if alias == "acme-ecr-monitoring" else logical_id(alias, "Alias")


def of_key(it: Properties) -> str:
    """The only place where the template of a key says its alias is the description."""
    _, named, alias = it["Description"].rpartition("alias/")
    return logical_id(alias, "Key") if named else "Key"


def of_topic(it: Properties) -> str:
    team, chat, _ = it["TopicName"].partition("_")[2].partition("_chat")
    return logical_id(team, "ChatTopic" if chat else "Topic")


def of_rule(it: Properties) -> str:
    kind, _, team = it["Name"].removeprefix("acme-ecr-").partition("_")
    return logical_id(team, f"{kind.capitalize()}Rule")


def of_alarm(it: Properties) -> str:
    name = it["AlarmName"].removeprefix("acme-ecr-")
    about = {"no-pulls": "NoPullsAlarm", "notifications-failed": "NotificationsAlarm"}
    for kind, word in about.items():
        if name == kind or name.startswith(f"{kind}-"):
            return logical_id(name.removeprefix(kind).removeprefix("-"), word)
    return f"{name.capitalize()}Alarm"


#: What has a name, and the logical id that this name comes to.
NAMED: dict[str, Callable[[Properties], str]] = {
    "AWS::ECR::Repository": lambda it: logical_id(it["RepositoryName"]),
    "AWS::ECR::PublicRepository": lambda it: logical_id(it["RepositoryName"]),
    "AWS::ECR::RepositoryCreationTemplate": lambda it: logical_id(it["Prefix"], "Template"),
    "AWS::ECR::PullThroughCacheRule": lambda it: logical_id(it["EcrRepositoryPrefix"], "Cache"),
    "AWS::SecretsManager::Secret": lambda it: logical_id(it["Name"], "Secret"),
    "AWS::KMS::Alias": of_alias,
    "AWS::KMS::Key": of_key,
    "AWS::SNS::Topic": of_topic,
    "AWS::Chatbot::SlackChannelConfiguration": lambda it: logical_id(
        f"{it['SlackWorkspaceId']}-{it['SlackChannelId']}", "Slack"
    ),
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": lambda it: logical_id(
        it["ConfigurationName"].removeprefix("acme-ecr-chat-"), "MicrosoftTeams"
    ),
    "AWS::SNS::TopicPolicy": lambda it: f"{it['Topics'][0]['Ref']}Policy",
    "AWS::SNS::Subscription": lambda it: subscription_id(it["TopicArn"]["Ref"], it["Protocol"], it["Endpoint"]),
    "AWS::Events::Rule": of_rule,
    "AWS::CloudWatch::Alarm": of_alarm,
    "AWS::CloudWatch::Dashboard": lambda it: logical_id(it["DashboardName"][len("acme-ECR-") :], "Dashboard"),
    "AWS::IAM::OIDCProvider": lambda it: logical_id(it["Url"].removeprefix("https://"), "Provider"),
    "AWS::EKS::PodIdentityAssociation": lambda it: it["RoleArn"]["Fn::GetAtt"][0].replace("Role", "Association", 1),
    "AWS::IAM::Role": of_role,
    "AWS::IAM::ManagedPolicy": of_policy,
    "AWS::EC2::VPCEndpoint": of_endpoint,
    "AWS::ECR::PullTimeUpdateExclusion": lambda it: logical_id(
        it["PrincipalArn"][len("arn:aws:iam::") :], "PullExclusion"
    ),
    "AWS::InspectorV2::Filter": lambda it: logical_id(it["Name"].removeprefix("acme-"), "SuppressionFilter"),
    "AWS::Signer::SigningProfile": lambda it: logical_id(it["ProfileName"], "SigningProfile"),
    "AWS::Signer::ProfilePermission": of_permission,
    "AWS::CodeBuild::Project": lambda it: it["Name"].rpartition("-")[2],
    "AWS::EC2::Subnet": lambda it: f"Subnet{it['AvailabilityZone']['Fn::Select'][0] + 1}",
    "AWS::EC2::SubnetRouteTableAssociation": lambda it: it["SubnetId"]["Ref"].replace("Subnet", "Association"),
}


def resources(golden: Path) -> list[tuple[str, dict[str, Any]]]:
    templates = [each for each in json.loads(golden.read_text()).values() if isinstance(each, dict)]
    return [pair for template in templates for pair in template["Resources"].items()]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_a_logical_id_is_what_the_name_comes_to(golden: Path) -> None:
    found = resources(golden)
    assert found
    assert [name for name, _ in found] == [
        SINGLE.get(resource["Type"]) or NAMED[resource["Type"]](resource["Properties"]) for _, resource in found
    ]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_no_logical_id_ends_in_a_hash(golden: Path) -> None:
    hashed = re.compile(r".*(?:[0-9A-F]{8}|H[0-9a-f]{16})")  # the CDK's, and ours of names near 255 characters
    assert [name for name, _ in resources(golden) if hashed.fullmatch(name)] == []


def test_the_golden_templates_hold_every_kind_of_resource() -> None:
    kinds = {resource["Type"] for golden in GOLDEN for _, resource in resources(golden)}
    assert kinds == SINGLE.keys() | NAMED.keys()


def test_only_a_name_too_long_for_cloudformation_is_shortened(tmp_path: Path) -> None:
    names = ["web/" + "a" * 250 + end for end in ("", "b", "bb", "bc")]
    assert max(map(len, names)) == 256
    _, templates = synthesized(declared(SMALL + f"repositories: {{{': , '.join(names)}: }}"), tmp_path)
    made = templates["123456789012/ap-northeast-2/Repositories-web"]["Resources"]
    assert {name: it["Properties"]["RepositoryName"] for name, it in made.items()} == {
        logical_id(name): name for name in names
    }
    assert ["H" in logical_id(name) for name in names] == [False, False, True, True]
