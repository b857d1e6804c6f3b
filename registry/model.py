"""What a registry is once the file has been read: every default filled in, every name resolved, frozen.

Constructs and commands read this and nothing else; it never holds a raw map of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from registry import naming
from registry.locations import Location
from registry.model_network import Network
from registry.sources import Place

TagMutability = Literal["IMMUTABLE", "MUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """Encryption at rest. `keys` maps `ACCOUNT/REGION` or a region to a key, `*` to the key of all others."""

    encryption_type: Literal["AES256", "KMS", "KMS_DSSE"]
    keys: Mapping[str, str]

    def key_in(self, location: Location) -> str | None:
        """Alias, id or ARN of the key in a location; None is AES256 or the key AWS manages."""
        return self.keys.get(str(location), self.keys.get(location.region, self.keys.get("*")))

    def key_arn_in(self, location: Location) -> str | None:
        """ARN of the key in a location, which a creation template needs; None where only its alias is known."""
        key = self.key_in(location)
        if key is None or "alias/" in key:
            return None
        return key if key.startswith("arn:") else naming.key_arn(location, key)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecyclePolicy:
    """A lifecycle by its name in the file, and the policy text ECR gets (JSON, rules by priority)."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Federated:
    """Jobs of a CI system that an OpenID Connect issuer vouches for: a role is made, which they assume.

    `issuer` is its host, `subject` the exact `sub` of the token, or a pattern where `*` is in it; `arn` is the
    role's, in the account of the registry.
    """

    name: str
    arn: str
    issuer: str
    audience: str
    subject: str

    @property
    def account(self) -> str:
        """The account the role is in."""
        return naming.account_of(self.arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingRole:
    """A role that is made elsewhere, in this account or in another; `of_organization` bounds those of another."""

    name: str
    arn: str
    of_organization: str | None

    @property
    def account(self) -> str:
        """The account the role is in."""
        return naming.account_of(self.arn)

    @property
    def role_name(self) -> str:
        """The role's name, without its path."""
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Another account, whose administrators decide who in it may."""

    name: str
    account: str
    of_organization: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """The accounts of an organization; `path` (`o-…/r-…/ou-…`) those of one of its units and below."""

    name: str
    id: str
    path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaFunctions:
    """The Lambda service on behalf of the functions of an account; `function` is a name or `*`."""

    name: str
    account: str
    function: str


Principal = Federated | ExistingRole | Account | Organization | LambdaFunctions
Granted = Literal["pull", "push", "promote", "delete", "failover_push"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a principal may do: on one repository, or on all of a namespace (`scope` ends with `/*`).

    `at` is the place of the layer that says so.
    """

    principal: Principal
    granted: Granted
    scope: str
    at: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSettings:
    """What the roles made for principals have in common; the session in seconds."""

    path: str
    permissions_boundary: str | None
    max_session_duration: int
    existing_providers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """One repository, the same in each of its locations.

    `policies` maps `ACCOUNT/REGION` to its policy document (JSON), `*` to that of all others.
    """

    name: str
    image_tag_mutability: TagMutability
    exclusion_filters: tuple[str, ...]
    encryption: Encryption
    lifecycle: LifecyclePolicy | None
    scan_on_push: bool
    empty_on_delete: bool
    tags: tuple[tuple[str, str], ...]
    policies: Mapping[str, str]
    grants: tuple[Grant, ...]

    def policy_in(self, location: Location) -> str | None:
        """Its policy document in a location (JSON); None where nothing is allowed beyond IAM."""
        return self.policies.get(str(location), self.policies.get("*"))

    @property
    def namespace(self) -> str:
        """The part of the name before the first `/`, or `_`."""
        return naming.namespace_of(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanning:
    """The registry's scanning rules: filters of names, scanned at each push, or whenever something becomes known."""

    scan_type: Literal["BASIC", "ENHANCED"]
    scan_on_push: tuple[str, ...]
    continuous_scan: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationTemplate:
    """The settings of repositories that ECR creates itself below a prefix (`ROOT`: all others).

    `policies` as in Repository; `custom_role_arn` is a role of the file's, where it names one.
    """

    prefix: str
    applied_for: tuple[str, ...]
    description: str | None
    image_tag_mutability: TagMutability
    exclusion_filters: tuple[str, ...]
    encryption: Encryption
    lifecycle: LifecyclePolicy | None
    policies: Mapping[str, str]
    tags: tuple[tuple[str, str], ...]
    custom_role_arn: str | None

    def policy_in(self, location: Location) -> str | None:
        """The policy its repositories get in a location (JSON); None where nothing is allowed beyond IAM."""
        return self.policies.get(str(location), self.policies.get("*"))

    @property
    def needs_role(self) -> bool:
        """Whether ECR creates in a role: for tags and for KMS.

        https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create.html
        """
        return bool(self.tags) or self.encryption.encryption_type != "AES256"


@dataclass(frozen=True, slots=True, kw_only=True)
class KmsKey:
    """A KMS key made here, by its alias (`alias/…`), in each location that needs it."""

    alias: str
    rotation_period_in_days: int
    pending_window_in_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PullThroughCacheRule:
    """An upstream registry whose images ECR fetches when they are pulled below a prefix (`ROOT`: anywhere)."""

    prefix: str
    upstream_registry: str
    upstream_registry_url: str
    upstream_repository_prefix: str | None
    credential_arn: str | None
    custom_role_arn: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRule:
    """Images of these repositories (None: of all) are signed with a profile when they are pushed."""

    signing_profile_arn: str
    repository_filters: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A region of this account, or of another, that receives the images of these namespaces.

    `templates`: what replication creates there besides the declared repositories.
    """

    location: Location
    namespaces: frozenset[str]
    delete_replication: bool
    templates: tuple[CreationTemplate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoriesUnit:
    """The content of one Repositories stack."""

    location: Location
    namespace: str
    construct_id: str
    repositories: tuple[Repository, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Everything one file declares. `account_settings` are names and values of ECR's API, those that are written."""

    name: str
    account: str
    region: str
    replicas: tuple[Replica, ...]
    principals: tuple[Principal, ...]
    roles: RoleSettings
    grants: tuple[Grant, ...]
    scanning: Scanning
    creation_templates: tuple[CreationTemplate, ...]
    kms_keys: tuple[KmsKey, ...]
    pull_through_cache_rules: tuple[PullThroughCacheRule, ...]
    signing: tuple[SigningRule, ...]
    networks: tuple[Network, ...]
    account_settings: tuple[tuple[str, str], ...]
    repositories: tuple[Repository, ...]
    shards: Mapping[str, int]

    @property
    def home(self) -> Location:
        """Where images are pushed."""
        return Location(self.account, self.region)

    @property
    def locations(self) -> tuple[Location, ...]:
        """The home, then the replicas: those of the same account, then others."""
        return (self.home, *(replica.location for replica in self.replicas))

    @property
    def places(self) -> tuple[Location, ...]:
        """Wherever it has stacks: its locations, the region of each account's Access stack, and those of networks."""
        access = (Location(account, self.region) for account in self.accounts)
        networks = (Location(network.account, network.region) for network in self.networks if network.makes_something)
        return tuple(dict.fromkeys((*self.locations, *access, *networks)))

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts this registry is in, the home's first."""
        return tuple(dict.fromkeys(location.account for location in self.locations))

    def templates_in(self, location: Location) -> tuple[CreationTemplate, ...]:
        """The creation templates of a location: at home those of the file.

        At a replica nothing is created but by replication: those of the file that serve it, and those of the
        namespaces.
        """
        if location == self.home:
            return self.creation_templates
        served = [template for template in self.creation_templates if "REPLICATION" in template.applied_for]
        replicated = next((r.templates for r in self.replicas if r.location == location), ())
        return tuple(sorted((*served, *replicated), key=lambda template: template.prefix))

    def keys_in(self, location: Location) -> tuple[KmsKey, ...]:
        """The KMS keys to make in a location: those that a repository or a template there is encrypted with."""
        used = {each.encryption.key_in(location) for each in self.repositories_in(location)}
        used |= {each.encryption.key_in(location) for each in self.templates_in(location)}
        return tuple(key for key in self.kms_keys if key.alias in used)

    def encrypts_in(self, location: Location) -> bool:
        """Whether a repository or a template of a location is encrypted with KMS."""
        encryptions = [each.encryption for each in self.repositories_in(location)]
        encryptions += [each.encryption for each in self.templates_in(location)]
        return any(encryption.encryption_type != "AES256" for encryption in encryptions)

    def repositories_in(self, location: Location) -> tuple[Repository, ...]:
        """The repositories a location holds, by name."""
        if location == self.home:
            return self.repositories
        namespaces = next((r.namespaces for r in self.replicas if r.location == location), frozenset())
        return tuple(r for r in self.repositories if r.namespace in namespaces)

    def units_in(self, location: Location) -> tuple[RepositoriesUnit, ...]:
        """The Repositories stacks of a location, by namespace and shard; a stack without repository is none."""
        members: dict[tuple[str, int], list[Repository]] = {}
        for repository in self.repositories_in(location):
            shard = naming.shard_of(repository.name, self.shards.get(repository.namespace, 1))
            members.setdefault((repository.namespace, shard), []).append(repository)
        return tuple(
            RepositoriesUnit(
                location=location,
                namespace=namespace,
                construct_id=naming.repositories_unit(namespace, shard, self.shards.get(namespace, 1)),
                repositories=tuple(repositories),
            )
            for (namespace, shard), repositories in sorted(members.items())
        )
