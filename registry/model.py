"""What a registry is once the file has been read: every default filled in, every name resolved, frozen.

Constructs and commands read this and nothing else; it never holds a raw map of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from registry import naming
from registry.model_network import Network
from registry.sources import Place

TagMutability = Literal["IMMUTABLE", "MUTABLE", "IMMUTABLE_WITH_EXCLUSION", "MUTABLE_WITH_EXCLUSION"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """Encryption at rest. `keys` maps a region to a key, `*` to the key of all others."""

    encryption_type: Literal["AES256", "KMS", "KMS_DSSE"]
    keys: Mapping[str, str]

    def key_in(self, region: str) -> str | None:
        """Alias, id or ARN of the key in a region; None is AES256 or the key AWS manages."""
        return self.keys.get(region, self.keys.get("*"))


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecyclePolicy:
    """A lifecycle by its name in the file, and the policy text ECR gets (JSON, rules by priority)."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Federated:
    """Jobs of a CI system that an OpenID Connect issuer vouches for: a role is made, which they assume.

    `issuer` is its host, `subject` the exact `sub` of the token, or a pattern where `*` is in it.
    """

    name: str
    issuer: str
    audience: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingRole:
    """A role that is made elsewhere, in this account or in another; `of_organization` bounds those of another."""

    name: str
    arn: str
    of_organization: str | None

    @property
    def account(self) -> str:
        """The account the role is in."""
        return (*self.arn.split(":"), *[""] * 5)[4]

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
    """One repository, the same in each of its regions.

    `policies` maps a region to its policy document (JSON), `*` to that of all others.
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

    def policy_in(self, region: str) -> str | None:
        """Its policy document in a region (JSON); None where nothing is allowed beyond IAM."""
        return self.policies.get(region, self.policies.get("*"))

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
    """The settings of repositories that ECR creates itself below a prefix (`ROOT`: all others), in each region."""

    prefix: str
    applied_for: tuple[str, ...]
    description: str | None
    image_tag_mutability: TagMutability
    exclusion_filters: tuple[str, ...]
    encryption: Encryption
    lifecycle: LifecyclePolicy | None
    policy: str | None
    tags: tuple[tuple[str, str], ...]
    custom_role_arn: str | None


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
    """A region of the same account that receives the images of these namespaces."""

    region: str
    namespaces: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoriesUnit:
    """The content of one Repositories stack."""

    region: str
    namespace: str
    construct_id: str
    repositories: tuple[Repository, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Everything one file declares."""

    name: str
    account: str
    region: str
    replicas: tuple[Replica, ...]
    principals: tuple[Principal, ...]
    roles: RoleSettings
    grants: tuple[Grant, ...]
    scanning: Scanning
    creation_templates: tuple[CreationTemplate, ...]
    pull_through_cache_rules: tuple[PullThroughCacheRule, ...]
    signing: tuple[SigningRule, ...]
    networks: tuple[Network, ...]
    repositories: tuple[Repository, ...]
    shards: Mapping[str, int]

    @property
    def regions(self) -> tuple[str, ...]:
        """The home region, then the replicas by name."""
        return (self.region, *(replica.region for replica in self.replicas))

    def repositories_in(self, region: str) -> tuple[Repository, ...]:
        """The repositories a region holds, by name."""
        if region == self.region:
            return self.repositories
        namespaces = next((r.namespaces for r in self.replicas if r.region == region), frozenset())
        return tuple(r for r in self.repositories if r.namespace in namespaces)

    def units_in(self, region: str) -> tuple[RepositoriesUnit, ...]:
        """The Repositories stacks of a region, by namespace and shard; a stack without repository is none."""
        members: dict[tuple[str, int], list[Repository]] = {}
        for repository in self.repositories_in(region):
            shard = naming.shard_of(repository.name, self.shards.get(repository.namespace, 1))
            members.setdefault((repository.namespace, shard), []).append(repository)
        return tuple(
            RepositoriesUnit(
                region=region,
                namespace=namespace,
                construct_id=naming.repositories_unit(namespace, shard, self.shards.get(namespace, 1)),
                repositories=tuple(repositories),
            )
            for (namespace, shard), repositories in sorted(members.items())
        )
