"""The CloudFormation types of what a registry has once, each with one value that can differ."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.emulator.cloud import Cloud

PROFILE = "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases"


@dataclass(frozen=True)
class Kind:
    """One type: its properties, what is live of it, and how to set it by hand.

    The value is a filter on repositories' names, or for the policy the end of the ARN it speaks of.
    """

    type: str
    properties: Callable[[str], Any]
    live: Callable[[Cloud], list[str]]
    put: Callable[[Cloud, str], Any]
    path: str
    """Where drift detection sees the value."""

    def resource(self, value: str) -> dict[str, Any]:
        return {"Type": self.type, "Properties": self.properties(value)}

    def resources(self, value: str) -> dict[str, Any]:
        return {"Setting": self.resource(value)}


def _scanning_rules(value: str) -> Any:
    return [
        {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": value, "filterType": "WILDCARD"}]},
    ]


def _replication_rules(value: str) -> Any:
    return [
        {
            "destinations": [{"region": "us-west-2", "registryId": "123456789012"}],
            "repositoryFilters": [{"filter": value, "filterType": "PREFIX_MATCH"}],
        }
    ]


def _signing_rules(value: str) -> Any:
    return [
        {"signingProfileArn": PROFILE, "repositoryFilters": [{"filter": value, "filterType": "WILDCARD_MATCH"}]},
    ]


def policy(value: str) -> Any:
    statement = {
        "Sid": "Replication",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::999999999999:root"},
        "Action": ["ecr:ReplicateImage", "ecr:CreateRepository"],
        "Resource": f"arn:aws:ecr:us-west-2:123456789012:repository/{value}",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _templated(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _templated(each) for key, each in value.items()}
    return [_templated(each) for each in value] if isinstance(value, list) else value


def _filters(rules: Any) -> list[str]:
    return [each["filter"] for rule in rules for each in rule["repositoryFilters"]]


def _live_policy(cloud: Cloud) -> list[str]:
    try:
        text = cloud.ecr.get_registry_policy()["policyText"]
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "RegistryPolicyNotFoundException":
            raise
        return []
    return [each["Resource"].partition("repository/")[2] for each in json.loads(text)["Statement"]]


def _live_signing(cloud: Cloud) -> list[str]:
    try:
        return _filters(cloud.ecr.get_signing_configuration()["signingConfiguration"]["rules"])
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "SigningConfigurationNotFoundException":
            raise
        return []


SCANNING = Kind(
    type="AWS::ECR::RegistryScanningConfiguration",
    properties=lambda value: {"ScanType": "BASIC", "Rules": _templated(_scanning_rules(value))},
    live=lambda cloud: _filters(
        cloud.ecr.get_registry_scanning_configuration()["scanningConfiguration"]["rules"],
    ),
    put=lambda cloud, value: cloud.ecr.put_registry_scanning_configuration(
        scanType="BASIC", rules=_scanning_rules(value)
    ),
    path="/Rules/0/RepositoryFilters/0/Filter",
)
REPLICATION = Kind(
    type="AWS::ECR::ReplicationConfiguration",
    properties=lambda value: {"ReplicationConfiguration": {"Rules": _templated(_replication_rules(value))}},
    live=lambda cloud: _filters(cloud.ecr.describe_registry()["replicationConfiguration"]["rules"]),
    put=lambda cloud, value: cloud.ecr.put_replication_configuration(
        replicationConfiguration={"rules": _replication_rules(value)}
    ),
    path="/ReplicationConfiguration/Rules/0/RepositoryFilters/0/Filter",
)
POLICY = Kind(
    type="AWS::ECR::RegistryPolicy",
    properties=lambda value: {"PolicyText": policy(value)},
    live=_live_policy,
    put=lambda cloud, value: cloud.ecr.put_registry_policy(policyText=json.dumps(policy(value))),
    path="/PolicyText/Statement/0/Resource",
)
SIGNING = Kind(
    type="AWS::ECR::SigningConfiguration",
    properties=lambda value: {"Rules": _templated(_signing_rules(value))},
    live=_live_signing,
    put=lambda cloud, value: cloud.ecr.put_signing_configuration(signingConfiguration={"rules": _signing_rules(value)}),
    path="/Rules/0/RepositoryFilters/0/Filter",
)
ALL = (SCANNING, REPLICATION, POLICY, SIGNING)
