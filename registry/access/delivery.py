"""What the roles of a pipeline do besides ECR, which is in their grants: hand on the source, build, write logs, deploy.

Names in the ARNs come from the file alone (registry/naming.py), so that no policy needs a wildcard but those said here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from registry import naming
from registry.access.purposes import LAMBDA_PULL
from registry.model import PipelinePart, PipelineRole, Registry
from registry.shape import PipelineShape

Statement = dict[str, Any]
#: https://docs.aws.amazon.com/codepipeline/latest/userguide/how-to-custom-role.html, of the actions that it has
_ARTIFACTS: Final = ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject")
_BUCKET: Final = ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning")
_BUILDS: Final = ("codebuild:BatchGetBuilds", "codebuild:StartBuild")
#: https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html; the group is made by the stack
_LOGS: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
#: A connection has one of two names, and IAM asks for the action of the same one.
#: https://docs.aws.amazon.com/dtconsole/latest/userguide/rename.html
_CONNECTIONS: Final = ("codeconnections:UseConnection", "codestar-connections:UseConnection")
#: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html
_ECS_SERVICE: Final = ("ecs:DescribeServices", "ecs:UpdateService")
#: Of these the first three are asked of task definitions and tasks, which are new each time; the page says `*`.
_ECS_TASKS: Final = ("ecs:DescribeTaskDefinition", "ecs:DescribeTasks", "ecs:ListTasks", "ecs:RegisterTaskDefinition")
_ECS_TAGS: Final = ("ecs:TagResource",)
#: https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
_FUNCTION: Final = ("lambda:GetFunctionConfiguration", "lambda:UpdateAlias", "lambda:UpdateFunctionCode")


def project(registry: Registry, repository: str, name: str) -> str:
    """Name of a project of CodeBuild of a repository's pipeline."""
    return f"{pipeline(registry, repository)}-{name}"


def pipeline(registry: Registry, repository: str) -> str:
    """Name of a repository's pipeline: that of its stack."""
    return naming.stack_name(registry.name, naming.delivery_unit(repository))


def log_group(registry: Registry, repository: str) -> str:
    """Name of the log group of all projects of a pipeline."""
    return f"/ecr-registry/{pipeline(registry, repository)}"


def bucket(registry: Registry, repository: str) -> str:
    """Name of the bucket in which a pipeline hands on its source."""
    unit = naming.delivery_unit(repository)
    return naming.artifact_bucket(registry.name, registry.account, registry.region, unit)


def projects(shape: PipelineShape) -> dict[str, PipelinePart]:
    """The projects of a pipeline, by name, each with the part whose role it has."""
    found: dict[str, PipelinePart] = {"Test": "test"} if shape.test else {}
    for platform in shape.platforms:
        found[build_project(platform)] = "build"
    found["Publish"] = "promote"
    if shape.promote_to:
        found["Promote"] = "promote"
    if any(it.lambda_function for it in shape.deploy.values()):
        found["Deploy"] = "deploy"
    return found


def build_project(platform: str) -> str:
    """The project that builds for a platform: BuildAmd64."""
    return f"Build{platform.rpartition('/')[2].capitalize()}"


def project_arn(registry: Registry, name: str) -> str:
    """ARN of a project of CodeBuild."""
    return _arn(registry, "codebuild", f"project/{name}")


def delivery_statements(registry: Registry, role: PipelineRole) -> Iterator[Statement]:
    """What a role of a pipeline may do besides its grants."""
    shape = registry.pipelines[role.repository]
    artifacts = f"arn:{_partition(registry)}:s3:::{bucket(registry, role.repository)}"
    yield _allow("Artifacts", _ARTIFACTS if role.part == "pipeline" else _ARTIFACTS[:2], [f"{artifacts}/*"])
    yield _allow("Bucket", _BUCKET if role.part == "pipeline" else _BUCKET[:2], [artifacts])
    if role.part == "pipeline":
        yield from _of_pipeline(registry, role.repository, shape)
        return
    if role.part == "promote" and any(it.ecs_service for it in shape.deploy.values()):
        yield _allow("Definitions", _ARTIFACTS[2:], [f"{artifacts}/*"])  # which image ECS is to run
    group = _arn(registry, "logs", f"log-group:{log_group(registry, role.repository)}:*")
    yield _allow("Logs", _LOGS, [group])
    if role.part == "deploy":
        functions = sorted({it.lambda_function.function for it in shape.deploy.values() if it.lambda_function})
        names = [f"function:{name}" for name in functions]
        yield _allow("Functions", _FUNCTION, [_arn(registry, "lambda", each) for each in _and_versions(names)])
        image = naming.repository_arn(registry.home, role.repository)
        # Lambda looks whether who names an image may pull it:
        # https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-permissions
        yield _allow("Image", LAMBDA_PULL.on_repositories, [image])


def _and_versions(names: list[str]) -> Iterator[str]:
    """A function, and its versions and aliases, which IAM asks for where one of them is meant."""
    for name in names:
        yield name
        yield f"{name}:*"


def _of_pipeline(registry: Registry, repository: str, shape: PipelineShape) -> Iterator[Statement]:
    own = [project_arn(registry, project(registry, repository, name)) for name in projects(shape)]
    yield _allow("Builds", _BUILDS, own)
    # A connection reaches every repository that it was given: this one alone is meant.
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeconnections.html
    prefix = shape.connection.split(":")[2]
    yield {
        **_allow("Source", [it for it in _CONNECTIONS if it.startswith(prefix)], [shape.connection]),
        "Condition": {"ForAllValues:StringEquals": {f"{prefix}:FullRepositoryId": shape.source}},
    }
    services = [it.ecs_service for it in shape.deploy.values() if it.ecs_service]
    if services:
        named = sorted({f"service/{it.cluster}/{it.service}" for it in services})
        yield _allow("Services", _ECS_SERVICE, [_arn(registry, "ecs", name) for name in named])
        yield _allow("Tasks", _ECS_TASKS, ["*"])
        yield {
            **_allow("TaskDefinitions", _ECS_TAGS, [_arn(registry, "ecs", "task-definition/*:*")]),
            "Condition": {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}},
        }
        yield {
            **_allow("TaskRoles", ["iam:PassRole"], sorted({role for it in services for role in it.roles})),
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        }


def _allow(sid: str, actions: Any, resources: list[str]) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resources}


def _arn(registry: Registry, service: str, resource: str) -> str:
    return f"arn:{_partition(registry)}:{service}:{registry.region}:{registry.account}:{resource}"


def _partition(registry: Registry) -> str:
    return naming.partition(registry.region)
