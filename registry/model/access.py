"""Who may do what: principals, grants, and what the roles made for them have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from registry import naming
from registry.findings import YamlPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Federated:
    """Jobs of a CI system that an OpenID Connect issuer vouches for: a role is made, which they assume.

    `issuer` is its URL without https://, `subjects` are the exact `sub` of the tokens, or patterns where `*` (any
    characters) or `?` (one) is in them; `arn` is the role's, in the account of the registry.
    """

    name: str
    arn: str
    issuer: str
    audience: str
    subjects: tuple[str, ...]

    @property
    def account(self) -> str:
        """The account the role is in."""
        return naming.account_of(self.arn)

    @property
    def subject(self) -> str:
        """The first of the subjects: the one that the principal is named for."""
        return self.subjects[0]


@dataclass(frozen=True, slots=True)
class Pods:
    """Pods of one service account of a cluster, which is named by its ARN."""

    cluster: str
    namespace: str
    service_account: str

    def __str__(self) -> str:
        return f"{self.namespace}:{self.service_account} in {self.cluster}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PodIdentity:
    """Pods of one service account of a cluster, by EKS Pod Identity: a role is made, which EKS assumes for them.

    `cluster` is the ARN of the cluster, `arn` the role's; both are in the account of the registry. `associated` says
    that the association of the two is made, too. `also` are further pods that take the role.
    """

    name: str
    arn: str
    cluster: str
    namespace: str
    service_account: str
    associated: bool = False
    also: tuple[Pods, ...] = ()

    @property
    def account(self) -> str:
        """The account the role is in."""
        return naming.account_of(self.arn)

    @property
    def pods(self) -> tuple[Pods, ...]:
        """All that take the role, each once; those that the principal is named for first."""
        return tuple(dict.fromkeys((Pods(self.cluster, self.namespace, self.service_account), *self.also)))

    @property
    def cluster_name(self) -> str:
        """The cluster's name, which EKS takes where IAM takes its ARN."""
        return self.cluster.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingRole:
    """A role that is made elsewhere, in this account or in another; `of_organization` bounds those of another.

    `bounded` says that it has a permissions boundary wherever roles of its account have one.
    """

    name: str
    arn: str
    of_organization: str | None
    bounded: bool = True

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
    """The Lambda service on behalf of the functions of an account; `function` is a name, or a pattern: `*`, `web-*`."""

    name: str
    account: str
    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePrincipal:
    """An AWS service on behalf of one thing (`source`, an ARN) of an account; of anything of the account without it."""

    name: str
    service: str
    account: str
    source: str | None


PipelinePart = Literal["pipeline", "test", "build", "promote", "deploy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRole:
    """The role of a part of a repository's pipeline, which is made beside it and which an AWS service assumes."""

    name: str
    arn: str
    repository: str
    part: PipelinePart

    @property
    def account(self) -> str:
        """The account the role is in."""
        return naming.account_of(self.arn)


#: A role is made for each in the Access stack of the home, and something outside IAM takes it.
MadeRole = Federated | PodIdentity
#: On whose behalf an AWS service reads: there is no role, and no other account's side.
ServiceCaller = LambdaFunctions | ServicePrincipal
Principal = MadeRole | ExistingRole | PipelineRole | Account | Organization | ServiceCaller
Granted = Literal["pull", "read", "push", "promote", "delete", "failover_push"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a principal may do: on one repository, or on all of a namespace (`scope` ends with `/*`).

    `at` is the place of the layer that says so.
    """

    principal: Principal
    granted: Granted
    scope: str
    at: YamlPath


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSettings:
    """What the roles made here have in common; the session in seconds.

    `path` is that of everything in IAM that is the registry's own, `boundaries` are ARNs by account.

    `organization` is the one that the accounts of the registry are in, where the file says so.
    """

    organization: str | None
    path: str
    boundaries: Mapping[str, str]
    max_session_duration: int
    existing_providers: frozenset[str]

    def boundary_in(self, account: str) -> str | None:
        """The permissions boundary of the roles made in an account; one of AWS's own is in every account."""
        return self.boundaries.get(account) or self.boundaries.get(naming.OF_AWS)
