"""What a principal of this account gets: a role of its own where it comes from CI, and managed policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct

from registry import naming
from registry.access.trust import trust_policy
from registry.model import ExistingRole, Federated, Registry


class PrincipalRole(iam.CfnRole):
    """The role that is made for a principal which comes from CI: whoever has its token may assume it.

    Level 1, as `PrincipalPolicy`: a principal takes 17 calls into the CDK's JavaScript at level 2, and there may be
    hundreds (docs/decisions/0003-level-1-for-ecr.md).
    """

    def __init__(self, scope: Construct, construct_id: str, *, registry: Registry, principal: Federated) -> None:
        """Declare the role of `principal`, without any permission."""
        super().__init__(
            scope,
            construct_id,
            role_name=naming.role_name(registry.name, principal.name),
            path=registry.roles.path,
            description=f"{principal.name} of the registry {registry.name}",
            assume_role_policy_document=trust_policy(principal, registry.account, registry.region),
            max_session_duration=registry.roles.max_session_duration,
            permissions_boundary=registry.roles.boundary_in(registry.account),
        )


class PrincipalPolicy(iam.CfnManagedPolicy):
    """One of the managed policies that the grants of a principal come to."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        registry: Registry,
        principal: Federated | ExistingRole,
        number: int,
        document: Mapping[str, Any],
        role: str,
    ) -> None:
        """Declare the policy of this number and attach it to a role, which is named by its name or its `ref`."""
        super().__init__(
            scope,
            construct_id,
            managed_policy_name=naming.access_policy_name(registry.name, principal.name, number),
            path=registry.roles.path,
            description=naming.access_policy_description(registry.name, principal.name),
            policy_document={**document, "Statement": [_shortened(each) for each in document["Statement"]]},
            roles=[role],
        )
        if found := list(_acknowledgments(document)):
            Validations.of(self).acknowledge(*found)


def _shortened(statement: Mapping[str, Any]) -> dict[str, Any]:
    """A statement as level 2 writes it, in which one action or resource stands without a list."""
    return {key: each[0] if isinstance(each, list) and len(each) == 1 else each for key, each in statement.items()}


def _acknowledgments(document: Mapping[str, Any]) -> Iterator[Acknowledgment]:
    """Why each wildcard is there: cdk-nag names every one of them."""
    for statement in document["Statement"]:
        if statement["Resource"] == "*":
            yield Acknowledgment(
                id="AwsSolutions-IAM5[Resource::*]", reason="ecr:GetAuthorizationToken has no resource type."
            )
            continue
        for resource in statement["Resource"]:
            if resource.endswith("*"):
                yield Acknowledgment(
                    id=f"AwsSolutions-IAM5[Resource::{resource}]",
                    reason="A grant on a namespace covers the repositories that come later.",
                )
