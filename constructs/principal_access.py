"""What a principal of this account gets: a role of its own where it comes from CI, and managed policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aws_cdk import Acknowledgment, Duration, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.logical_ids import set_logical_id

from registry import naming
from registry.access.trust import provider_arn, trust_conditions
from registry.model import ExistingRole, Federated, Registry


class PrincipalAccess(Construct):
    """The managed policies that grants come to, attached to the role made here or to the one that exists."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        registry: Registry,
        principal: Federated | ExistingRole,
        policies: Sequence[Mapping[str, Any]],
    ) -> None:
        """Declare the managed policies of `principal`."""
        super().__init__(scope, construct_id)
        self.role = _role(self, registry, principal)
        for number, document in enumerate(policies, start=1):
            policy = iam.ManagedPolicy(
                self,
                f"Policy{number}",
                managed_policy_name=naming.access_policy_name(registry.name, principal.name, number),
                path=registry.roles.path,
                description=naming.access_policy_description(registry.name, principal.name),
                document=iam.PolicyDocument.from_json(document),
                roles=[self.role],
            )
            set_logical_id(policy, naming.logical_id(f"{principal.name}-{number}", "Policy"))
            Validations.of(policy).acknowledge(*_acknowledgments(document))


def _role(scope: Construct, registry: Registry, principal: Federated | ExistingRole) -> iam.IRole:
    if isinstance(principal, ExistingRole):
        return iam.Role.from_role_arn(scope, "Role", principal.arn)
    provider = provider_arn(registry.account, registry.region, principal.issuer)
    boundary = registry.roles.boundary_in(registry.account)
    role = iam.Role(
        scope,
        "Role",
        role_name=naming.role_name(registry.name, principal.name),
        path=registry.roles.path,
        description=f"{principal.name} of the registry {registry.name}",
        assumed_by=iam.WebIdentityPrincipal(provider, trust_conditions(principal)),
        max_session_duration=Duration.seconds(registry.roles.max_session_duration),
        permissions_boundary=iam.ManagedPolicy.from_managed_policy_arn(scope, "Boundary", boundary)
        if boundary
        else None,
    )
    set_logical_id(role, naming.logical_id(principal.name, "Role"))
    return role


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
