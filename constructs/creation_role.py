"""The role in which ECR creates repositories from templates."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.logical_ids import set_logical_id

from registry import naming
from registry.access.creation_role import creation_role_policies
from registry.model import Registry


class CreationRole(Construct):
    """ECR alone may assume it, and it creates nothing but what the templates of the account say.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create-iam.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, registry: Registry, account: str) -> None:
        """Declare the role of `account`, one of the registry's."""
        super().__init__(scope, construct_id)
        boundary = registry.roles.boundary_in(account)
        self.role = iam.Role(
            self,
            "Role",
            role_name=naming.creation_role_name(registry.name),
            description=f"ECR creates repositories of the registry {registry.name} in it",
            assumed_by=iam.ServicePrincipal("ecr.amazonaws.com"),
            permissions_boundary=iam.ManagedPolicy.from_managed_policy_arn(self, "Boundary", boundary)
            if boundary
            else None,
        )
        set_logical_id(self.role, "CreationRole")
        for number, document in enumerate(creation_role_policies(registry, account), start=1):
            policy = iam.ManagedPolicy(
                self,
                "Policy" if number == 1 else f"Policy{number}",
                managed_policy_name=naming.creation_policy_name(registry.name, number),
                path=registry.roles.path,
                description=naming.creation_policy_description(registry.name),
                document=iam.PolicyDocument.from_json(document),
                roles=[self.role],
            )
            set_logical_id(policy, f"CreationPolicy{'' if number == 1 else number}")
            Validations.of(policy).acknowledge(
                *(
                    Acknowledgment(
                        id=f"AwsSolutions-IAM5[Resource::{resource}]",
                        reason="A template is for every name below its prefix, and a key made here is known by its "
                        "alias.",
                    )
                    for statement in document["Statement"]
                    for resource in statement["Resource"]
                    if resource.endswith("*")
                )
            )
