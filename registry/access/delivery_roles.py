"""The roles of all pipelines: their policies, whom they trust, and what CloudFormation calls them."""

from __future__ import annotations

from typing import Any

from registry import naming
from registry.access.delivery import delivery_statements, project, project_arn, projects
from registry.access.policies import VERSION, packed, role_policies
from registry.model import PipelinePart, PipelineRole, Registry
from registry.model.once import once

Document = dict[str, Any]


@once
def delivery_roles(registry: Registry) -> dict[PipelineRole, tuple[Document, ...]]:
    """Each role of each pipeline with its managed policies; those with grants as `ecrctl access` knows them."""
    granted = role_policies(registry, registry.account)
    found: dict[PipelineRole, tuple[Document, ...]] = {}
    for repository, shape in registry.pipelines.items():
        parts: list[PipelinePart] = ["pipeline", *projects(shape).values()]
        for part in dict.fromkeys(parts):
            role = role_of(registry, repository, part)
            found[role] = granted[role] if role in granted else packed(delivery_statements(registry, role))
    return found


def role_of(registry: Registry, repository: str, part: PipelinePart) -> PipelineRole:
    """The role of a part of a pipeline."""
    name = naming.pipeline_principal(registry.name, repository, part)
    role = naming.role_name(registry.name, name)
    arn = naming.role_arn(registry.account, registry.region, registry.roles.path, role)
    return PipelineRole(name=name, arn=arn, repository=repository, part=part)


def delivery_trust(registry: Registry, role: PipelineRole) -> Document:
    """Who assumes a role: CodePipeline, or CodeBuild for the projects that have it.

    CodePipeline's page has no condition for its own, and one that it does not send would stop every pipeline; who may
    pass the role is bounded. https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-create-service-role-cli.html
    https://docs.aws.amazon.com/codebuild/latest/userguide/cross-service-confused-deputy-prevention.html
    """
    pipeline = role.part == "pipeline"
    statement: Document = {
        "Effect": "Allow",
        "Principal": {"Service": f"{'codepipeline' if pipeline else 'codebuild'}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    if not pipeline:
        names = [name for name, part in projects(registry.pipelines[role.repository]).items() if part == role.part]
        own = [project_arn(registry, project(registry, role.repository, name)) for name in names]
        statement["Condition"] = {"ArnEquals": {"aws:SourceArn": own}}
    return {"Version": VERSION, "Statement": [statement]}


def role_id(role: PipelineRole) -> str:
    """Logical id of a role in the stack of its pipeline."""
    return f"{role.part.capitalize()}Role"


def policy_id(role: PipelineRole, number: int) -> str:
    """Logical id of a managed policy of it; they are numbered from 1."""
    return f"{role.part.capitalize()}Policy{number}"
