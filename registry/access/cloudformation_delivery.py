"""What CloudFormation may do for pipelines: a part of cloudformation.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from registry import naming
from registry.access.cloudformation_networks import Deployed
from registry.locations import Location
from registry.model import Registry

Statement = dict[str, Any]
_SERVICES: Final = ("codebuild", "codepipeline")
#: AWS::CodePipeline::Pipeline, whose runs no deploy starts and whose stages none stops
PIPELINES: Final = (
    "codepipeline:CreatePipeline",
    "codepipeline:DeletePipeline",
    "codepipeline:GetPipeline",
    "codepipeline:GetPipelineState",
    "codepipeline:ListTagsForResource",
    "codepipeline:TagResource",
    "codepipeline:UntagResource",
    "codepipeline:UpdatePipeline",
)
#: AWS::CodeBuild::Project, of which there is no schema with handlers
PROJECTS: Final = (
    "codebuild:BatchGetProjects",
    "codebuild:CreateProject",
    "codebuild:DeleteProject",
    "codebuild:UpdateProject",
)
#: AWS::Logs::LogGroup
LOG_GROUPS: Final = (
    "logs:CreateLogGroup",
    "logs:DeleteLogGroup",
    "logs:DeleteRetentionPolicy",
    "logs:ListTagsForResource",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "logs:UntagResource",
)
READING_OF_LOG_GROUPS: Final = (
    "logs:DescribeIndexPolicies",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetDataProtectionPolicy",
)
#: AWS::S3::Bucket and its policy: what is in a bucket is no deploy's business
BUCKETS: Final = (
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:GetAccelerateConfiguration",
    "s3:GetAnalyticsConfiguration",
    "s3:GetBucket*",
    "s3:GetEncryptionConfiguration",
    "s3:GetIntelligentTieringConfiguration",
    "s3:GetInventoryConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetMetricsConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListTagsForResource",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:TagResource",
    "s3:UntagResource",
)


def deliveries(registry: Registry, account: str, deployed: Deployed) -> Iterator[Statement]:
    """Pipelines, projects, logs and buckets by the names of their stacks, of those that are there as well.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodepipeline.html
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodebuild.html
    """
    made = {(each.location, each.construct_id) for each in registry.deliveries if each.location.account == account}
    found = sorted(made | {(at, unit) for at, unit in deployed if unit.startswith(naming.DELIVERY)})
    if not found:
        return
    names = [(at, naming.stack_name(registry.name, unit)) for at, unit in found]
    buckets = [
        f"arn:{naming.partition(at.region)}:s3:::{naming.artifact_bucket(registry.name, at.account, at.region, unit)}"
        for at, unit in found
    ]
    yield {
        "Sid": "Pipelines",
        "Action": sorted((*PIPELINES, *PROJECTS)),
        "Resource": [
            *(_arn("codepipeline", at, name) for at, name in names),
            *(_arn("codebuild", at, f"project/{name}-*") for at, name in names),
        ],
    }
    yield {
        "Sid": "Logs",
        "Action": list(LOG_GROUPS),
        "Resource": [_arn("logs", at, f"log-group:/ecr-registry/{name}{more}") for at, name in names for more in _LOGS],
    }
    yield {
        "Sid": "ReadLogs",
        "Action": list(READING_OF_LOG_GROUPS),
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": sorted({at.region for at, _ in found})}},
    }
    yield {"Sid": "Artifacts", "Action": list(BUCKETS), "Resource": buckets}
    if made:
        yield from _making(registry, account)


#: IAM asks for a group without, and with what is in it.
_LOGS: Final = ("", ":*")


def _making(registry: Registry, account: str) -> Iterator[Statement]:
    """What is handed to a pipeline when it is made: connections, and the roles of its parts to their services."""
    for prefix in ("codeconnections", "codestar-connections"):
        own = sorted({it.connection for it in registry.pipelines.values() if it.connection.split(":")[2] == prefix})
        if own:
            yield {
                "Sid": f"Connections{'' if prefix == 'codeconnections' else 'OfCodeStar'}",
                "Action": [f"{each}:PassConnection" for each in dict.fromkeys((prefix, "codestar-connections"))],
                "Resource": own,
            }
    path, name = naming.iam_path("/", registry.name), registry.name
    for service in _SERVICES:
        parts = ("pipeline",) if service == "codepipeline" else ("build", "deploy", "promote", "test")
        roles = [f"{way}{name}-*@{part}" for way in (path, f"/*{path}") for part in parts]
        yield {
            "Sid": f"Pass{service.capitalize()}Roles",
            "Action": ["iam:PassRole"],
            "Resource": [naming.role_arn(account, registry.region, "", each) for each in roles],
            "Condition": {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}},
        }


def _arn(service: str, at: Location, resource: str) -> str:
    return f"arn:{naming.partition(at.region)}:{service}:{at.region}:{at.account}:{resource}"
