"""The Registry stack: what AWS keeps once per account and region."""

from __future__ import annotations

from constructs import Construct
from constructs.creation_template import CreationTemplate
from constructs.kms_key import KmsKey
from constructs.pull_through_cache_rule import PullThroughCacheRule
from constructs.pull_time_update_exclusion import PullTimeUpdateExclusion
from constructs.registry_policy import RegistryPolicy
from constructs.replication_configuration import ReplicationConfiguration
from constructs.scanning_configuration import ScanningConfiguration
from constructs.signing_configuration import SigningConfiguration
from constructs.signing_permissions import permit
from constructs.signing_profile import SigningProfile
from constructs.suppression_filter import SuppressionFilter

from registry import naming
from registry.access.cache_role import role_of_cache
from registry.access.creation_role import role_of
from registry.access.profiles import named_in, permissions_in
from registry.access.registry_policy import registry_policy
from registry.access.signers import profiles_in, rules_in
from registry.locations import Location, value_at
from registry.model import Registry
from registry.model.accepted_findings import filters_in
from registry.model.recorded_pulls import exclusion_id
from registry.model.replication import replication_rules
from stacks.base import BaseStack


class RegistryStack(BaseStack):
    """Scanning, registry policy, KMS keys, templates, caches and signing in every location, the others at home.

    Always there, so that what leaves the file leaves AWS; of a file that manages repositories alone only for its keys.
    """

    def __init__(self, scope: Construct, *, registry: Registry, at: Location) -> None:
        """Declare the registry-wide settings of `registry` at a location."""
        super().__init__(scope, naming.REGISTRY_UNIT, registry=registry, at=at, holds="registry-wide settings")
        if registry.manages_registry:
            ScanningConfiguration(self, "Scanning", scanning=registry.scanning)
        if policy := registry_policy(registry, at):
            written = registry.registry_policies.get(at)
            RegistryPolicy(
                self, "RegistryPolicy", document=policy, opened_because=written.opened_because if written else None
            )
        keys = {
            alias: KmsKey(self, alias.replace("/", ":"), alias=alias, key=key, registry_name=registry.name, at=at).key
            for alias, key in registry.keys_in(at).items()
        }
        arns = {alias: key.key_arn for alias, key in keys.items()}
        for template in registry.templates_in(at):
            key = registry.template_key_in(template, at)
            CreationTemplate(
                self,
                naming.logical_id(template.prefix, "Template"),
                template=template,
                at=at,
                role_arn=role_of(registry, template, at),
                kms_key=arns.get(key, key) if key is not None else None,
            )
        if registry.manages_registry:
            rules = replication_rules(registry) if at == registry.home else ()
            if rules:
                ReplicationConfiguration(self, "Replication", rules=rules)
            self._caches(registry, at)
        self._signing(registry, at)
        if registry.manages_registry:
            self._findings_and_pulls(registry, at)

    def _caches(self, registry: Registry, at: Location) -> None:
        """The pull-through cache rules of a location, with the secrets that are made for them."""
        secrets = self._secrets(registry, at) if registry.secrets_in(at) else {}
        for prefix, rule in registry.caches_in(at).items():
            PullThroughCacheRule(
                self,
                naming.logical_id(prefix, "Cache"),
                prefix=prefix,
                rule=rule,
                credential_arn=secrets[rule.secret] if rule.secret else value_at(rule.credential_arn, at),
                role_arn=role_of_cache(registry, rule, at),
            )

    def _secrets(self, registry: Registry, at: Location) -> dict[str, str]:
        """The ARNs of the secrets that are made, by name."""
        from constructs.cache_secret import CacheSecret  # its service's classes bring those of EC2 along

        return {
            name: CacheSecret(self, naming.logical_id(name, "Secret"), name=name).attr_id
            for name in registry.secrets_in(at)
        }

    def _signing(self, registry: Registry, at: Location) -> None:
        """What is signed where it is pushed: at home, and at replicas with `failover_push`; and who else may sign."""
        rules, permissions = rules_in(registry, at), list(permissions_in(registry, at))
        profiles = [
            SigningProfile(
                self,
                naming.logical_id(name, "SigningProfile"),
                name=name,
                profile=registry.signing_profiles[name],
                accounts=[account for profile, account in permissions if profile == name],
            )
            for name in profiles_in(registry, at)
        ]
        for name in named_in(registry, at):
            scope = Construct(self, naming.logical_id(name, "NamedSigningProfile"))
            permit(scope, name, [account for profile, account in permissions if profile == name])
        if rules:
            configuration = SigningConfiguration(self, "Signing", rules=rules)
            for made in profiles:
                configuration.add_dependency(made.profile)

    def _findings_and_pulls(self, registry: Registry, at: Location) -> None:
        """Whose pulls are not recorded, and which findings Amazon Inspector hides."""
        for arn in registry.pull_time_update_exclusions:
            PullTimeUpdateExclusion(self, exclusion_id(arn), arn=arn)
        for vulnerability, accepted in filters_in(registry, at).items():
            SuppressionFilter(
                self,
                naming.logical_id(vulnerability, "SuppressionFilter"),
                registry_name=registry.name,
                vulnerability=vulnerability,
                accepted=accepted,
                account=at.account,
            )
