"""The managed policy for those who may look at everything and change nothing."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.logical_ids import set_logical_id

from registry import naming
from registry.access.audit import audit_policy
from registry.model import Registry


class AuditPolicy(Construct):
    """A customer managed policy that reads settings, inventories and scan findings, but no image content."""

    def __init__(self, scope: Construct, construct_id: str, *, registry: Registry, account: str) -> None:
        """Declare the policy of a registry in `account`, one of the registry's."""
        super().__init__(scope, construct_id)
        document = audit_policy(registry, account)
        self.managed_policy = iam.ManagedPolicy(
            self,
            "Policy",
            managed_policy_name=naming.audit_policy_name(registry.name),
            path=registry.roles.path,
            description=naming.audit_policy_description(registry.name),
            document=iam.PolicyDocument.from_json(document),
        )
        set_logical_id(self.managed_policy, "AuditPolicy")
        Validations.of(self).acknowledge(
            *(
                Acknowledgment(
                    id=f"AwsSolutions-IAM5[Resource::{resource}]",
                    reason="Some read actions have no resource type, and an auditor must see what was made outside the "
                    "file.",
                )
                for statement in document["Statement"]
                for resource in statement["Resource"]
                if "*" in resource
            )
        )
