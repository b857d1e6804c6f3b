"""Access stacks: who may do what, in each account."""

from __future__ import annotations

from constructs import Construct
from constructs.audit_policy import AuditPolicy
from constructs.cache_role import CacheRole
from constructs.creation_role import CreationRole
from constructs.oidc_provider import OidcProvider
from constructs.pod_identity_association import PodIdentityAssociation
from constructs.principal_access import PrincipalAccess

from registry import naming
from registry.access.cache_role import needs_cache_role
from registry.access.creation_role import needs_creation_role
from registry.access.policies import role_policies
from registry.access.trust import associations, made_providers
from registry.model import AccessStackPlan, ExistingRole, MadeRole, Registry
from stacks.base import BaseStack


class AccessStack(BaseStack):
    """IAM is global, so these stacks stand in one region, in every account that of the home.

    A principal without a grant gets nothing.
    """

    def __init__(self, scope: Construct, *, registry: Registry, unit: AccessStackPlan) -> None:
        """Declare what the principals of a stack get in its account; in the stack without a name also what is there
        once.
        """
        holds = f"access of the principals of the stack {unit.name}" if unit.name else "access"
        super().__init__(scope, unit.construct_id, registry=registry, at=unit.location, holds=holds)
        account = unit.location.account
        providers = {} if unit.name else self._of_account(registry, account)
        policies = {
            principal: documents
            for principal, documents in role_policies(registry, account).items()
            if isinstance(principal, MadeRole | ExistingRole)
            and registry.access_unit_of(principal.name) == unit.construct_id
        }
        made = PrincipalAccess(self, "Default", registry=registry, policies=policies, providers=providers)
        for pods in associations(registry):
            if pods.name in made.roles:
                construct_id = naming.logical_id(pods.name, "Association")
                PodIdentityAssociation(self, construct_id, principal=pods, role=made.roles[pods.name])

    def _of_account(self, registry: Registry, account: str) -> dict[str, OidcProvider]:
        """Make what an account has once; the providers of it, by issuer."""
        AuditPolicy(self, "Audit", registry=registry, account=account)
        providers = self._providers(registry) if account == registry.account else {}
        if needs_creation_role(registry, account):
            CreationRole(self, "Creation", registry=registry, account=account)
        if needs_cache_role(registry, account):
            CacheRole(self, "Cache", registry=registry, account=account)
        return providers

    def _providers(self, registry: Registry) -> dict[str, OidcProvider]:
        """A provider for each issuer of a principal with a grant that no other owns, by issuer."""
        return {
            issuer: OidcProvider(self, naming.logical_id(issuer, "Provider"), issuer=issuer, audiences=audiences)
            for issuer, audiences in made_providers(registry).items()
        }
