"""The Access stack: who may do what, once per account."""

from __future__ import annotations

from constructs import Construct
from constructs.audit_policy import AuditPolicy

from registry.model import Registry
from stacks.unit import Unit


class AccessStack(Unit):
    """IAM is global, so this stack stands in the home region only."""

    def __init__(self, scope: Construct, *, registry: Registry) -> None:
        """Declare the access to `registry`."""
        super().__init__(scope, "Access", registry=registry, region=registry.region, holds="access")
        self.audit = AuditPolicy(
            self, "Audit", registry_name=registry.name, account=registry.account, regions=registry.regions
        )
