"""The role in which ECR creates repositories from templates."""

from __future__ import annotations

from functools import partial

from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.ecr_role import EcrRole

from registry import naming
from registry.access.creation_role import creation_role_policies
from registry.model import Registry


class CreationRole(EcrRole):
    """ECR alone may assume it, and it creates nothing but what the templates of the account say.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create-iam.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, registry: Registry, account: str) -> None:
        """Declare the role of `account`, one of the registry's."""
        super().__init__(
            scope,
            construct_id,
            registry=registry,
            account=account,
            kind="Creation",
            name=naming.creation_role_name(registry.name),
            description=f"ECR creates repositories of the registry {registry.name} in it",
            assumed_by=iam.ServicePrincipal("ecr.amazonaws.com"),
            documents=creation_role_policies(registry, account),
            policy_name=partial(naming.creation_policy_name, registry.name),
            policy_description=naming.creation_policy_description(registry.name),
            wide_because="A template is for every name below its prefix, and a key made here is known by its alias.",
        )
