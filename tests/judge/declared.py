"""What a registry declares, computed from the grants as they are written and from AWS's pages, not by our code."""

from __future__ import annotations

from functools import cache

from registry.locations import Location
from registry.model import (
    Account,
    ExistingRole,
    Federated,
    Grant,
    LambdaFunctions,
    Organization,
    PipelineRole,
    PodIdentity,
    Principal,
    Registry,
    ServicePrincipal,
)
from tests.judge.callers import SERVICE, Caller

#: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html and the pages beside it, written again.
MEANING = {
    "pull": {"BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"},
    "read": {"BatchGetImage", "DescribeImages", "DescribeRepositories", "ListImages"},
    "push": {
        "BatchCheckLayerAvailability", "BatchGetImage", "CompleteLayerUpload", "GetDownloadUrlForLayer",
        "InitiateLayerUpload", "PutImage", "UploadLayerPart",
    },
    "promote": {"BatchGetImage", "PutImage"},
    "delete": {"BatchDeleteImage", "ListImages"},
}  # fmt: skip
#: What roles of the registry's own accounts need besides for `ecrctl release`, `promote`, `delete` and `archive`.
OWN = {
    "pull": set[str](),
    "read": set[str](),
    "push": {"DescribeImages", "DescribeRepositories"},
    "promote": {"DescribeImages", "DescribeImageScanFindings", "DescribeRepositories"},
    "delete": {"BatchGetImage", "DescribeImages", "UpdateImageStorageClass"},
}
for _of in (MEANING, OWN):
    _of["failover_push"] = _of["push"]
LAMBDA = {"BatchGetImage", "GetDownloadUrlForLayer"}
#: https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
UPSTREAM = {"BatchImportUpstreamImage", "CreateRepository"}


def may(registry: Registry, caller: Caller, action: str, at: Location, repository: str, *, declared: bool) -> bool:
    """Whether a caller may do an action on a repository at a location.

    Roles of its account need no more than their policies; for others the repository must be declared, with its own.
    What a pull-through cache fetches, the policy of the registry allows others.
    """
    if action in UPSTREAM:
        return at == registry.home and any(fetches(registry, grant, caller, repository) for grant in registry.grants)
    return at in registry.locations and any(
        (declared or role_account(grant.principal) == at.account)
        and is_meant(grant.principal, caller, registry, at)
        and action in (LAMBDA if caller.arn == SERVICE else actions(grant, at))
        and holds(registry, grant, at, repository)
        for grant in registry.grants
    )


def actions(grant: Grant, at: Location) -> set[str]:
    """What a grant means at a location; a role of that account may do more."""
    return MEANING[grant.granted] | (OWN[grant.granted] if role_account(grant.principal) == at.account else set())


def fetches(registry: Registry, grant: Grant, caller: Caller, repository: str) -> bool:
    """Whether a grant lets a caller have an image fetched from upstream: a pull, below a cache's prefix."""
    prefixes = list(registry.pull_through_cache_rules)
    return (
        grant.granted == "pull"
        and caller.account != ""
        and is_meant(grant.principal, caller, registry, registry.home)
        and holds(registry, grant, registry.home, repository)
        and any(prefix == "ROOT" or repository.startswith(prefix + "/") for prefix in prefixes)
    )


def signs(registry: Registry, caller: Caller, profile: str) -> bool:
    """Whether a role of this registry's accounts may sign with a profile: it pushes what a rule signs with it.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
    """
    return any(
        grant.granted == "push"
        and is_meant(grant.principal, caller, registry, Location(caller.account, registry.region))
        and rule.signing_profile_arn == profile
        and (rule.repository_filters is None or any(common(one, grant.scope) for one in rule.repository_filters))
        for grant in registry.grants
        for rule in registry.signing
    )


@cache
def common(one: str, other: str) -> bool:
    """Whether some name matches both patterns, found by trying."""
    if one.startswith("*"):
        return common(one[1:], other) or (other != "" and common(one, other[1:]))
    if other.startswith("*"):
        return common(other, one)
    return one == other == "" or (one[:1] == other[:1] != "" and common(one[1:], other[1:]))


def role_account(principal: Principal) -> str | None:
    """The account a principal is a role of."""
    roles = ExistingRole | Federated | PodIdentity | PipelineRole
    return principal.account if isinstance(principal, roles) else None


def may_log_in(registry: Registry, caller: Caller) -> bool:
    """Whether a role of this registry's accounts gets a login: everyone who pulls, pushes or promotes somewhere."""
    return any(
        role_account(grant.principal) == caller.account
        and is_meant(grant.principal, caller, registry, Location(caller.account, registry.region))
        and grant.granted != "delete"
        for grant in registry.grants
    )


def holds(registry: Registry, grant: Grant, at: Location, repository: str) -> bool:
    """Whether a grant speaks of a repository at a location."""
    inside = repository == grant.scope or (grant.scope[-2:] == "/*" and repository.startswith(grant.scope[:-1]))
    at_home = at == registry.home
    namespace = repository.split("/")[0] if "/" in repository else "_"
    there = any(r.location == at and namespace in r.namespaces for r in registry.replicas)
    where = {"pull": at_home or there, "read": at_home or there, "failover_push": there}.get(grant.granted, at_home)
    return inside and where


def is_meant(principal: Principal, caller: Caller, registry: Registry, at: Location) -> bool:
    """Whether a caller is a principal; a role of another account than the registry it comes to may be bounded."""
    if isinstance(principal, Federated | PodIdentity):
        return (
            caller.arn == f"arn:aws:iam::{registry.account}:role{registry.roles.path}{registry.name}-{principal.name}"
        )
    if isinstance(principal, PipelineRole):
        return caller.arn == principal.arn
    if isinstance(principal, LambdaFunctions):
        wanted = f":{principal.account}:function:{'' if principal.function == '*' else principal.function}"
        source = caller.source.get(at.region, "") if caller.arn == SERVICE else ""
        beginning = wanted.removesuffix("*")
        return beginning in source if principal.function.endswith("*") else source.endswith(wanted)
    if isinstance(principal, ServicePrincipal):
        source = caller.source.get(at.region, "") if caller.arn == principal.service else ""
        return bool(source) and principal.source in (None, source) and source.split(":")[4] == principal.account
    if isinstance(principal, ExistingRole) and principal.account == at.account:
        return caller.arn == principal.arn
    bound = getattr(principal, "of_organization", None)
    if bound and caller.organization != bound:
        return False
    if isinstance(principal, ExistingRole):
        return caller.arn == principal.arn
    if isinstance(principal, Account):
        return caller.account == principal.account
    assert isinstance(principal, Organization)
    if caller.account in registry.accounts and caller.account != at.account:
        return False  # between accounts IAM there has to allow it as well, and for an organization nobody says so
    inside = principal.path is None or f"{caller.path}/".startswith(f"{principal.path}/")
    return caller.organization == principal.id and inside
