"""The Registry stack: what AWS keeps once per account and region."""

from __future__ import annotations

from constructs import Construct
from constructs.replication_configuration import ReplicationConfiguration
from constructs.scanning_configuration import ScanningConfiguration

from registry.model import Registry
from registry.replication import replication_rules
from stacks.unit import Unit


class RegistryStack(Unit):
    """Scanning in every region, replication at home. Always there, so that what leaves the file leaves AWS."""

    def __init__(self, scope: Construct, *, registry: Registry, region: str) -> None:
        """Declare the registry-wide settings of `registry` in `region`."""
        super().__init__(scope, "Registry", registry=registry, region=region, holds="registry-wide settings")
        ScanningConfiguration(self, "Scanning", scanning=registry.scanning)
        rules = replication_rules(registry) if region == registry.region else ()
        if rules:
            ReplicationConfiguration(self, "Replication", rules=rules, account=registry.account)
