"""Everything one file declares, and where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry import naming
from registry.limits import PUBLIC_REGION
from registry.locations import Location, located
from registry.model.access import ExistingRole, Grant, MadeRole, Principal, RoleSettings
from registry.model.monitoring import Monitoring
from registry.model.network import Network
from registry.model.once import once
from registry.model.public import PublicRepository
from registry.model.registry_wide import CreationTemplate, Replica, WrittenPolicy
from registry.model.repository import Repository
from registry.model.stacks import (
    AccessStackPlan,
    DeliveryStackPlan,
    MonitoringStackPlan,
    PublicStackPlan,
    RegistryStackPlan,
    RepositoriesStackPlan,
    StackPlan,
    access_unit,
)
from registry.patterns import below
from registry.shape import (
    CACHED,
    AcceptedFindingShape,
    KmsKeyShape,
    PipelineShape,
    PullThroughCacheRuleShape,
    ScanningShape,
    SigningProfileShape,
    SigningRuleShape,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Everything one file declares.

    `manages_registry`: whether it owns what AWS keeps once in an account and region; otherwise another file does.
    What has no layers is as the file writes it, sorted: `kms_keys` by alias, `pull_through_cache_rules` by prefix,
    `pipelines` by repository, `signing_profiles` by name. What is signed where says registry/access/signers.py.
    `registry_policies` are those that are written, by location; registry/access/registry_policy.py has whole ones.
    `account_settings` are those that are written, by their keys in capitals: ECR's own names, and INSPECTOR_… ones.
    `access_stacks` are the stacks that principals name, by principal; `shared_stacks` those that namespaces name.
    `pull_time_update_exclusions` are ARNs, `accepted_findings` by vulnerability. `budgets` are by owner, for a month.
    """

    name: str
    account: str
    region: str
    manages_registry: bool
    replicas: tuple[Replica, ...]
    principals: tuple[Principal, ...]
    roles: RoleSettings
    grants: tuple[Grant, ...]
    scanning: ScanningShape
    creation_templates: tuple[CreationTemplate, ...]
    kms_keys: Mapping[str, KmsKeyShape]
    pull_through_cache_rules: Mapping[str, PullThroughCacheRuleShape]
    signing: tuple[SigningRuleShape, ...]
    signing_profiles: Mapping[str, SigningProfileShape]
    registry_policies: Mapping[Location, WrittenPolicy]
    networks: tuple[Network, ...]
    pipelines: Mapping[str, PipelineShape]
    monitoring: Monitoring | None
    account_settings: tuple[tuple[str, str], ...]
    pull_time_update_exclusions: tuple[str, ...]
    accepted_findings: Mapping[str, AcceptedFindingShape]
    repositories: tuple[Repository, ...]
    public_repositories: tuple[PublicRepository, ...]
    shards: Mapping[str, int]
    shared_stacks: Mapping[str, str]
    access_stacks: Mapping[str, str]
    budgets: Mapping[str, int]
    #: What follows from the rest (`once`).
    computed: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def repository(self, name: str) -> Repository | None:
        """The declared repository of a name."""
        return _by_name(self).get(name)

    @property
    def home(self) -> Location:
        """Where images are pushed."""
        return Location(self.account, self.region)

    @property
    def locations(self) -> tuple[Location, ...]:
        """The home, then the replicas: those of the same account, then others."""
        return (self.home, *(replica.location for replica in self.replicas))

    @property
    def stack_locations(self) -> tuple[Location, ...]:
        """Wherever it has stacks: its locations, the region of each account's Access stack, that of what is published,
        and those of networks.
        """
        access = (Location(account, self.region) for account in self.accounts)
        published = (it.location for it in self.published)
        networks = (network.location for network in self.networks if network.makes_something)
        return tuple(dict.fromkeys((*self.locations, *access, *published, *networks)))

    def stack_locations_in(self, account: str) -> tuple[Location, ...]:
        """Those of one account."""
        return tuple(at for at in self.stack_locations if at.account == account)

    @property
    def deployed_accounts(self) -> tuple[str, ...]:
        """The accounts it has stacks in: its own, and those of networks."""
        return tuple(dict.fromkeys(at.account for at in self.stack_locations))

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts this registry is in, the home's first."""
        return tuple(dict.fromkeys(location.account for location in self.locations))

    def templates_in(self, location: Location) -> tuple[CreationTemplate, ...]:
        """The creation templates of a location: at home those of the file.

        At a replica replication creates repositories, and caches that are there: the file's templates for either, and
        one per namespace.
        """
        if not self.manages_registry:
            return ()
        if location == self.home:
            return self.creation_templates
        served = [
            template
            for template in self.creation_templates
            if "REPLICATION" in template.applied_for or self.cached_below(template, location)
        ]
        replica = self.replica_at(location)
        replicated = replica.templates if replica else ()
        return tuple(sorted((*served, *replicated), key=lambda template: template.prefix))

    def cached_below(self, template: CreationTemplate, location: Location) -> tuple[str, ...]:
        """The prefixes below which caches of a location create by a template: theirs, or its own where one is wider."""
        if CACHED not in template.applied_for:
            return ()
        caches = self.caches_in(location)
        if any(below(prefix, template.prefix) for prefix in caches):
            return (template.prefix,)
        return tuple(prefix for prefix in caches if below(template.prefix, prefix))

    def cache_locations(self, rule: PullThroughCacheRuleShape) -> tuple[Location, ...]:
        """Where a pull-through cache rule is: at home unless it says otherwise."""
        return tuple(dict.fromkeys(located(it, self.account) for it in rule.locations)) or (self.home,)

    def caches_in(self, location: Location) -> Mapping[str, PullThroughCacheRuleShape]:
        """The pull-through cache rules of a location, by prefix."""
        return {
            prefix: rule
            for prefix, rule in self.pull_through_cache_rules.items()
            if location in self.cache_locations(rule)
        }

    def secrets_in(self, location: Location) -> tuple[str, ...]:
        """The names of the secrets to make in a location, for its caches; rules may share one."""
        rules = self.caches_in(location).values() if self.manages_registry else ()
        return tuple(sorted({rule.secret for rule in rules if rule.secret}))

    def template_key_in(self, template: CreationTemplate, location: Location) -> str | None:
        """The key of a template in a location: its ARN, or the alias of one made there; a template takes no other.

        None is AES256 or the key AWS manages.
        """
        key = template.encryption.key_in(location)
        return key if key in self.kms_keys else template.encryption.key_arn_in(location)

    def keys_in(self, location: Location) -> dict[str, KmsKeyShape]:
        """The KMS keys to make in a location: those that a repository or a template there is encrypted with."""
        used = {each.encryption.key_in(location) for each in self.repositories_in(location)}
        used |= {each.encryption.key_in(location) for each in self.templates_in(location)}
        return {alias: key for alias, key in self.kms_keys.items() if alias in used}

    def encrypts_in(self, location: Location) -> bool:
        """Whether a repository or a template of a location is encrypted with KMS."""
        encryptions = [each.encryption for each in self.repositories_in(location)]
        encryptions += [each.encryption for each in self.templates_in(location)]
        return any(encryption.encryption_type != "AES256" for encryption in encryptions)

    def replica_at(self, location: Location) -> Replica | None:
        """The replica of a location; None at home, and where there is none."""
        return _by_location(self).get(location)

    def repositories_in(self, location: Location) -> tuple[Repository, ...]:
        """The repositories a location holds, by name."""
        return self.repositories if location == self.home else _held_in(self, location)

    def stacks_in(self, location: Location) -> tuple[StackPlan, ...]:
        """Every stack of a location: stacks/build.py builds these, and `ecrctl` looks for these."""
        return (
            *(self.access_stacks_in(location.account) if location.region == self.region else ()),
            *((RegistryStackPlan(location=location),) if self.has_registry_stack(location) else ()),
            *(self.units_in(location) if location in self.locations else ()),
            *(self.deliveries if location == self.home else ()),
            *(unit for unit in self.published if unit.location == location),
            *((MonitoringStackPlan(location=location),) if self.monitors(location) else ()),
            *(each for each in self.networks if each.makes_something and each.location == location),
        )

    def access_stacks_in(self, account: str) -> tuple[AccessStackPlan, ...]:
        """The Access stacks of an account: the one of all, then those that principals name. They are in one region."""
        names = ("", *_named_in(self, account)) if account in self.accounts else ()
        return tuple(AccessStackPlan(location=Location(account, self.region), name=name) for name in names)

    def access_unit_of(self, principal: str) -> str:
        """The construct id of the Access stack that has what a principal gets."""
        return access_unit(self.access_stacks.get(principal, ""))

    @property
    def deliveries(self) -> tuple[DeliveryStackPlan, ...]:
        """The Delivery stacks, all of them in the home: there images are pushed."""
        return tuple(
            DeliveryStackPlan(location=self.home, repository=name, pipeline=pipeline)
            for name, pipeline in self.pipelines.items()
        )

    @property
    def published(self) -> tuple[PublicStackPlan, ...]:
        """The stack of the public repositories, where there are any: one region has their API."""
        at = Location(self.account, PUBLIC_REGION)
        found = self.public_repositories
        return (PublicStackPlan(location=at, repositories=found),) if found else ()

    def has_registry_stack(self, location: Location) -> bool:
        """Whether a location has a Registry stack: for what is there once, or for keys alone."""
        return location in self.locations and (self.manages_registry or bool(self.keys_in(location)))

    def monitors(self, location: Location) -> bool:
        """Whether a location has a Monitoring stack: events are where the registry is."""
        return self.monitoring is not None and location in self.locations

    def stack_names_in(self, location: Location) -> frozenset[str]:
        """What CloudFormation calls the stacks of a location."""
        return frozenset(naming.stack_name(self.name, unit.construct_id) for unit in self.stacks_in(location))

    def units_in(self, location: Location) -> tuple[RepositoriesStackPlan, ...]:
        """The Repositories stacks of a location, by namespace and shard, and then those that namespaces share.

        A stack without repository is none.
        """
        members: dict[tuple[str, str, int], list[Repository]] = {}
        for repository in self.repositories_in(location):
            members.setdefault(self._place_of(repository.name), []).append(repository)
        return tuple(
            RepositoriesStackPlan(
                location=location,
                namespace=namespace,
                shared=shared,
                construct_id=self.unit_of(repositories[0].name),
                repositories=tuple(repositories),
            )
            for (shared, namespace, _), repositories in sorted(members.items())
        )

    def unit_of(self, repository: str) -> str:
        """The construct id of the Repositories stack that holds a repository of this name, declared or not."""
        shared, namespace, shard = self._place_of(repository)
        if shared:
            return naming.shared_unit(shared)
        return naming.repositories_unit(namespace, shard, self.shards.get(namespace, 1))

    def _place_of(self, repository: str) -> tuple[str, str, int]:
        """The shared stack of a repository; or its namespace, and its shard."""
        namespace = naming.namespace_of(repository)
        if shared := self.shared_stacks.get(namespace):
            return shared, "", 0
        return "", namespace, naming.shard_of(repository, self.shards.get(namespace, 1))


@once
def _by_location(registry: Registry) -> Mapping[Location, Replica]:
    """The replicas by location: a look through all of them for each of them takes minutes where there are thousands."""
    return {it.location: it for it in registry.replicas}


@once
def _held_in(registry: Registry, location: Location) -> tuple[Repository, ...]:
    """The repositories that a replica holds, by name."""
    replica = registry.replica_at(location)
    return tuple(r for r in registry.repositories if r.namespace in replica.namespaces) if replica else ()


@once
def _named_in(registry: Registry, account: str) -> tuple[str, ...]:
    """The names of the Access stacks of an account in which something stands: a role, or a policy of one that exists.

    A grant for failovers that no replica receives makes no policy.
    """
    if not registry.access_stacks:
        return ()
    received = {namespace for replica in registry.replicas for namespace in replica.namespaces}
    getting = [
        it.principal
        for it in registry.grants
        if isinstance(it.principal, MadeRole)
        or it.granted != "failover_push"
        or naming.namespace_of(it.scope) in received
    ]
    getting += [who for it in registry.public_repositories for who, _ in it.pushers]
    here = {who.name for who in getting if isinstance(who, MadeRole | ExistingRole) and who.account == account}
    return tuple(sorted({registry.access_stacks[name] for name in here if name in registry.access_stacks}))


@once
def _by_name(registry: Registry) -> Mapping[str, Repository]:
    """The declared repositories by name."""
    return {it.name: it for it in registry.repositories}
