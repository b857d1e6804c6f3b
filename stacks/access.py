"""The Access stack: who may do what, once per account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import CfnResource
from constructs import Construct
from constructs.audit_policy import AuditPolicy
from constructs.creation_role import CreationRole
from constructs.oidc_provider import OidcProvider
from constructs.principal_access import PrincipalPolicy, PrincipalRole

from registry import naming
from registry.access.creation_role import needs_creation_role
from registry.access.policies import role_policies
from registry.access.trust import made_providers
from registry.locations import Location
from registry.model import ExistingRole, Federated, Registry
from stacks.base import BaseStack


class AccessStack(BaseStack):
    """IAM is global, so this stack stands in one region, in every account that of the home.

    A principal without a grant gets nothing.
    """

    def __init__(self, scope: Construct, *, registry: Registry, account: str) -> None:
        """Declare the access to `registry` that IAM of `account`, one of the registry's, speaks for."""
        at = Location(account, registry.region)
        super().__init__(scope, naming.ACCESS_UNIT, registry=registry, at=at, holds="access")
        self.audit = AuditPolicy(self, "Audit", registry=registry, account=account)
        providers = self._providers(registry) if account == registry.account else {}
        if needs_creation_role(registry, account):
            CreationRole(self, "Creation", registry=registry, account=account)
        for principal, documents in role_policies(registry, account).items():
            if isinstance(principal, Federated | ExistingRole):
                self._principal(registry, principal, documents, providers)

    def _principal(
        self,
        registry: Registry,
        principal: Federated | ExistingRole,
        documents: Sequence[Mapping[str, Any]],
        providers: Mapping[str, OidcProvider],
    ) -> None:
        """The managed policies of a principal, and the role where none exists, after the provider that it trusts."""
        made: list[CfnResource] = []
        if isinstance(principal, ExistingRole):
            attached = principal.role_name
        else:
            role = PrincipalRole(
                self, naming.logical_id(principal.name, "Role"), registry=registry, principal=principal
            )
            made, attached = [role], role.ref
        made += [
            PrincipalPolicy(
                self,
                naming.logical_id(f"{principal.name}-{number}", "Policy"),
                registry=registry,
                principal=principal,
                number=number,
                document=document,
                role=attached,
            )
            for number, document in enumerate(documents, start=1)
        ]
        if isinstance(principal, Federated) and principal.issuer in providers:
            for resource in made:
                resource.add_resource_dependency(providers[principal.issuer].provider)

    def _providers(self, registry: Registry) -> dict[str, OidcProvider]:
        """A provider for each issuer of a principal with a grant that no other owns, by issuer."""
        return {
            issuer: OidcProvider(self, naming.logical_id(issuer, "Provider"), issuer=issuer, audiences=audiences)
            for issuer, audiences in made_providers(registry).items()
        }
