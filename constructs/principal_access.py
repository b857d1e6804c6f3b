"""What the principals of this account get: a role of their own where they come from CI, and managed policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.oidc_provider import OidcProvider

from registry import naming
from registry.access.trust import trust_policy
from registry.model import ExistingRole, Federated, MadeRole, Registry

Policies = Sequence[Mapping[str, Any]]

_LOGIN: Final = "ecr:GetAuthorizationToken has no resource type."
_NAMESPACE: Final = "A grant on a namespace covers the repositories that come later."


class PrincipalAccess(Construct):
    """The managed policies that grants come to, attached to the roles made here or to those that exist.

    Level 1 inside, and one acknowledgement for all: level 2 makes 17 calls into the CDK's JavaScript for a principal,
    each of which takes its time (docs/decisions/0003-level-1-for-ecr.md). The CDK leaves the id `Default` out of
    logical ids: under it they are what registry/naming.py says.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        registry: Registry,
        policies: Mapping[MadeRole | ExistingRole, Policies],
        providers: Mapping[str, OidcProvider],
    ) -> None:
        """Declare the policies of each principal; `providers` are those made beside it, by issuer."""
        super().__init__(scope, construct_id)
        #: The roles made here, by the principal's name.
        self.roles: dict[str, iam.CfnRole] = {}
        for principal, documents in policies.items():
            if isinstance(principal, ExistingRole):
                self._attach(registry, principal, documents, principal.role_name)
                continue
            role = self.roles[principal.name] = self._role(registry, principal)
            made = [role, *self._attach(registry, principal, documents, role.ref)]
            if isinstance(principal, Federated) and (provider := providers.get(principal.issuer)):
                for resource in made:
                    resource.add_resource_dependency(provider.provider)
        wildcards = {each: why for documents in policies.values() for each, why in _wildcards(documents)}
        if wildcards:
            Validations.of(self).acknowledge(
                *(
                    Acknowledgment(id=f"AwsSolutions-IAM5[Resource::{each}]", reason=why)
                    for each, why in wildcards.items()
                )
            )

    def _role(self, registry: Registry, principal: MadeRole) -> iam.CfnRole:
        """The role that jobs of a CI system assume, or pods."""
        return iam.CfnRole(
            self,
            naming.logical_id(principal.name, "Role"),
            role_name=naming.role_name(registry.name, principal.name),
            path=registry.roles.path,
            description=f"{principal.name} of the registry {registry.name}",
            assume_role_policy_document=trust_policy(principal, registry.account, registry.region),
            max_session_duration=registry.roles.max_session_duration,
            permissions_boundary=registry.roles.boundary_in(registry.account),
        )

    def _attach(
        self, registry: Registry, principal: MadeRole | ExistingRole, documents: Policies, role: str
    ) -> list[iam.CfnManagedPolicy]:
        """The managed policies of a principal, attached to a role by its name."""
        return [
            iam.CfnManagedPolicy(
                self,
                naming.logical_id(f"{principal.name}-{number}", "Policy"),
                managed_policy_name=naming.access_policy_name(registry.name, principal.name, number),
                path=registry.roles.path,
                description=naming.access_policy_description(registry.name, principal.name),
                policy_document={**document, "Statement": [_shortened(each) for each in document["Statement"]]},
                roles=[role],
            )
            for number, document in enumerate(documents, start=1)
        ]


def _shortened(statement: Mapping[str, Any]) -> dict[str, Any]:
    """A statement as level 2 writes it: one action or resource stands without a list."""
    return {key: each[0] if isinstance(each, list) and len(each) == 1 else each for key, each in statement.items()}


def _wildcards(documents: Policies) -> Iterator[tuple[str, str]]:
    """Each resource with a wildcard, and why it is there: cdk-nag names every one of them."""
    for document in documents:
        for statement in document["Statement"]:
            if statement["Resource"] == "*":
                yield "*", _LOGIN
            else:
                yield from ((each, _NAMESPACE) for each in statement["Resource"] if each.endswith("*"))
