"""A role of a part of a pipeline, with its managed policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct

from registry import naming
from registry.access.delivery_roles import delivery_trust, policy_id, role_id
from registry.model import PipelineRole as Role
from registry.model import Registry

#: Why a resource of a policy has a wildcard, by how it begins.
_WHY: Final = (
    ("arn:", ":s3:::", "The artifacts of the pipeline's own bucket, whose names CodePipeline makes up."),
    ("arn:", ":logs:", "The streams of the pipeline's own log group, one for each run."),
    ("arn:", ":lambda:", "Versions and aliases of the one function that is deployed."),
    ("arn:", ":ecs:", "Task definitions are new with each deployment, and get their tags while they are registered."),
    ("*", "", "ecr:GetAuthorizationToken, and task definitions of ECS, have no resource type."),
)


class PipelineRole(Construct):
    """Made below the registry's path, within the account's boundary; its policies are computed (registry/access/).

    Level 1, as in constructs/principal_access.py: the documents come from the one table.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        registry: Registry,
        role: Role,
        documents: Sequence[Mapping[str, Any]],
    ) -> None:
        """Declare a role of a pipeline of `registry`, and attach managed policies with these documents."""
        super().__init__(scope, construct_id)
        self.role = iam.CfnRole(
            self,
            "Role",
            role_name=naming.role_name(registry.name, role.name),
            path=registry.roles.path,
            description=f"{role.part} of the pipeline of {role.repository} in the registry {registry.name}",
            assume_role_policy_document=delivery_trust(registry, role),
            permissions_boundary=registry.roles.boundary_in(registry.account),
        )
        self.role.override_logical_id(role_id(role))
        self.policies = []
        for number, document in enumerate(documents, start=1):
            policy = iam.CfnManagedPolicy(
                self,
                f"Policy{number}",
                managed_policy_name=naming.access_policy_name(registry.name, role.name, number),
                path=registry.roles.path,
                description=naming.access_policy_description(registry.name, role.name),
                policy_document=document,
                roles=[self.role.ref],
            )
            policy.override_logical_id(policy_id(role, number))
            self.policies.append(policy)
        wildcards = sorted({each for it in documents for said in it["Statement"] for each in _many(said["Resource"])})
        Validations.of(self).acknowledge(
            *(
                Acknowledgment(id=f"AwsSolutions-IAM5[Resource::{each}]", reason=_why(each))
                for each in wildcards
                if each.endswith("*")
            )
        )


def _many(resources: str | Sequence[str]) -> Sequence[str]:
    return [resources] if isinstance(resources, str) else resources


def _why(resource: str) -> str:
    return next(why for begins, part, why in _WHY if resource.startswith(begins) and part in resource)
