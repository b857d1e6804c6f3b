"""The Access stack: who may do what, once per account."""

from __future__ import annotations

from constructs import Construct
from constructs.audit_policy import AuditPolicy
from constructs.creation_role import CreationRole
from constructs.oidc_provider import OidcProvider
from constructs.pod_identity_association import PodIdentityAssociation
from constructs.principal_access import PrincipalAccess

from registry import naming
from registry.access.creation_role import needs_creation_role
from registry.access.policies import role_policies
from registry.access.trust import associations, made_providers
from registry.locations import Location
from registry.model import ExistingRole, MadeRole, Registry
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
        policies = {
            principal: documents
            for principal, documents in role_policies(registry, account).items()
            if isinstance(principal, MadeRole | ExistingRole)
        }
        made = PrincipalAccess(self, "Default", registry=registry, policies=policies, providers=providers)
        for pods in associations(registry) if account == registry.account else ():
            construct_id = naming.logical_id(pods.name, "Association")
            PodIdentityAssociation(self, construct_id, principal=pods, role=made.roles[pods.name])

    def _providers(self, registry: Registry) -> dict[str, OidcProvider]:
        """A provider for each issuer of a principal with a grant that no other owns, by issuer."""
        return {
            issuer: OidcProvider(self, naming.logical_id(issuer, "Provider"), issuer=issuer, audiences=audiences)
            for issuer, audiences in made_providers(registry).items()
        }
