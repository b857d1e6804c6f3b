"""The managed policy for those who may look at everything and change nothing."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.logical_ids import set_logical_id

from registry import naming
from registry.access.purposes import AUDIT
from registry.locations import Location
from registry.model import Registry


class AuditPolicy(Construct):
    """A customer managed policy that reads settings, inventories and scan findings, but no image content.

    It covers every repository of an account in the registry's regions: what was made outside the file is what
    an auditor looks for.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, registry: Registry, locations: Sequence[Location]
    ) -> None:
        """Declare the policy of a registry for the repositories in `locations`, all of one account."""
        super().__init__(scope, construct_id)
        repositories = [naming.repository_arn(location, "*") for location in locations]
        self.managed_policy = iam.ManagedPolicy(
            self,
            "Policy",
            managed_policy_name=naming.audit_policy_name(registry.name),
            path=registry.roles.path,
            description=naming.audit_policy_description(registry.name),
            statements=[
                iam.PolicyStatement(
                    sid="AuditRepositories", actions=list(AUDIT.on_repositories), resources=repositories
                ),
                iam.PolicyStatement(sid="AuditRegistry", actions=list(AUDIT.on_registry), resources=["*"]),
            ],
        )
        set_logical_id(self.managed_policy, "AuditPolicy")
        Validations.of(self).acknowledge(
            Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]",
                reason="ECR's registry-wide read actions have no resource type.",
            ),
            *(
                Acknowledgment(
                    id=f"AwsSolutions-IAM5[Resource::{arn}]",
                    reason="An auditor must see repositories that were made outside the file.",
                )
                for arn in repositories
            ),
        )
