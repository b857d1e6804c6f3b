"""The Delivery stack: one per repository that has a pipeline."""

from __future__ import annotations

from constructs import Construct
from constructs.artifact_bucket import ArtifactBucket
from constructs.build_logs import BuildLogs
from constructs.build_project import BuildProject
from constructs.pipeline import Pipeline
from constructs.pipeline_role import PipelineRole

from registry.access import delivery
from registry.access.delivery_roles import delivery_roles, role_id
from registry.delivery.projects import projects_of
from registry.model import DeliveryStackPlan, Registry
from stacks.base import BaseStack


class DeliveryStack(BaseStack):
    """A pipeline with its bucket, its logs, its projects and a role for each part of it."""

    def __init__(self, scope: Construct, *, registry: Registry, unit: DeliveryStackPlan) -> None:
        """Declare the pipeline of `unit`; `scope` is the region within its account."""
        name, shape, at = unit.repository, unit.pipeline, unit.location
        super().__init__(scope, unit.construct_id, registry=registry, at=at, holds=f"pipeline of {name}")
        bucket = ArtifactBucket(self, "Bucket", name=delivery.bucket(registry, name))
        logs = BuildLogs(self, "Logs", name=delivery.log_group(registry, name), days=shape.log_retention_in_days)
        roles = {
            role.part: PipelineRole(self, role_id(role), registry=registry, role=role, documents=documents)
            for role, documents in delivery_roles(registry).items()
            if role.repository == name
        }
        names: dict[str, str] = {}
        for project, declared in projects_of(registry, name).items():
            # Its role by its ARN: for a role with a path, CloudFormation's rules take Fn::GetAtt for Ref (E3050).
            made = BuildProject(self, project, project=declared, at=at, log_group=logs.ref)
            made.add_resource_dependency(roles[declared.part].role)
            names[project] = made.ref
        pipeline = Pipeline(
            self,
            "Pipeline",
            name=delivery.pipeline(registry, name),
            shape=shape,
            role_arn=roles["pipeline"].role.attr_arn,
            bucket=bucket.bucket.ref,
            names=names,
        )
        # It starts as soon as it is there, and then its roles must have what they need.
        for needed in (bucket.policy, *(policy for role in roles.values() for policy in role.policies)):
            pipeline.add_resource_dependency(needed)
