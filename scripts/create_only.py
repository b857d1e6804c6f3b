"""Writes registry/replacements/create_only.json: what CloudFormation can only replace, of the types our stacks make.

Read from CloudFormation's own schemas, which cfn-lint brings along. Run by `make docs`.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import cfnlint

SCHEMAS: Final = Path(cfnlint.__file__).parent / "data" / "schemas" / "resources"
TABLE: Final = Path(__file__).resolve().parent.parent / "registry" / "replacements" / "create_only.json"
#: tests/registry/replacements/test_create_only.py asks that every type of every golden template is here.
TYPES: Final = (
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration",
    "AWS::Chatbot::SlackChannelConfiguration",
    "AWS::CodeBuild::Project",
    "AWS::CodePipeline::Pipeline",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::ECR::PublicRepository",
    "AWS::ECR::PullThroughCacheRule",
    "AWS::ECR::PullTimeUpdateExclusion",
    "AWS::ECR::RegistryPolicy",
    "AWS::ECR::RegistryScanningConfiguration",
    "AWS::ECR::ReplicationConfiguration",
    "AWS::ECR::Repository",
    "AWS::ECR::RepositoryCreationTemplate",
    "AWS::ECR::SigningConfiguration",
    "AWS::EKS::PodIdentityAssociation",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::OIDCProvider",
    "AWS::IAM::Role",
    "AWS::InspectorV2::Filter",
    "AWS::KMS::Alias",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SecretsManager::Secret",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Signer::ProfilePermission",
    "AWS::Signer::SigningProfile",
)


def table() -> str:
    """The file's text: by type its identifier, whether AWS gives it, and its create-only properties as `A/B`."""
    found: dict[str, dict[str, Any]] = {}
    for file in SCHEMAS.glob("*.json"):
        schema = json.loads(file.read_text(encoding="utf-8"))
        if schema["typeName"] in TYPES:
            identifier = schema["primaryIdentifier"][0]  # of a permission of a profile two, the other is the profile
            found[schema["typeName"]] = {
                "identifier": _path(identifier),
                "given_by_aws": identifier in schema.get("readOnlyProperties", ()),
                "create_only": sorted(map(_path, schema.get("createOnlyProperties", ()))),
            }
    return json.dumps({name: found[name] for name in TYPES}, indent=2) + "\n"


def _path(pointer: str) -> str:
    """`/properties/A/B` as `A/B`."""
    return pointer.removeprefix("/properties/")


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
    print(f"wrote {TABLE.relative_to(TABLE.parent.parent)}")
