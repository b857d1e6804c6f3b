"""The Registry stack: what AWS keeps once per account and region."""

from __future__ import annotations

from constructs import Construct
from constructs.creation_template import CreationTemplate
from constructs.pull_through_cache_rule import PullThroughCacheRule
from constructs.replication_configuration import ReplicationConfiguration
from constructs.scanning_configuration import ScanningConfiguration
from constructs.signing_configuration import SigningConfiguration

from registry import naming
from registry.locations import Location
from registry.model import Registry
from registry.replication import replication_rules
from stacks.unit import Unit


class RegistryStack(Unit):
    """Scanning and creation templates in every region, the others at home.

    Always there, so that what leaves the file leaves AWS.
    """

    def __init__(self, scope: Construct, *, registry: Registry, at: Location) -> None:
        """Declare the registry-wide settings of `registry` at a location."""
        super().__init__(scope, "Registry", registry=registry, at=at, holds="registry-wide settings")
        ScanningConfiguration(self, "Scanning", scanning=registry.scanning)
        templates = Construct(self, "CreationTemplates")
        for template in registry.creation_templates:
            CreationTemplate(templates, naming.construct_id(template.prefix), template=template, at=at)
        if at == registry.home:
            self._at_home(registry)

    def _at_home(self, registry: Registry) -> None:
        """What is declared where images are pushed and pulled first."""
        rules = replication_rules(registry)
        if rules:
            ReplicationConfiguration(self, "Replication", rules=rules)
        cache = Construct(self, "PullThroughCacheRules")
        for rule in registry.pull_through_cache_rules:
            PullThroughCacheRule(cache, naming.construct_id(rule.prefix), rule=rule)
        if registry.signing:
            SigningConfiguration(self, "Signing", rules=registry.signing)
