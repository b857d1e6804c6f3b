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
    """Whether a caller may do an action on a repository at a location."""
    return action in allowed(registry, caller, at, repository, declared=declared)


def allowed(registry: Registry, caller: Caller, at: Location, repository: str, *, declared: bool) -> set[str]:
    """What a caller may do on a repository at a location.

    Roles of its account need no more than their policies; for others the repository must be declared, with its own.
    What a pull-through cache fetches, the policy of the registry allows others.
    """
    about = [grant for grant in registry.grants if speaks_of(grant, repository)]
    found = set[str]()
    if any(fetches(registry, grant, caller, at, repository) for grant in about):
        found |= UPSTREAM
    if at not in registry.locations:
        return found
    about = [grant for grant in about if holds(registry, grant, at, repository)]
    if declared:
        found |= of_both_sides(registry, caller, at, about)
    for grant in about:
        own = role_account(grant.principal) == at.account
        if (declared or own) and is_meant(grant.principal, caller, registry, at):
            found |= (LAMBDA if caller.arn == SERVICE else actions(grant, at)) - UPSTREAM
    return found


def of_both_sides(registry: Registry, caller: Caller, at: Location, about: list[Grant]) -> set[str]:
    """What a role of one of the registry's accounts is let in for elsewhere, as a member of an organization.

    Its own account must let it out: by a grant on the same repository, whatever that is for.

    :param about: the grants that speak of the repository there.
    """
    if caller.account not in registry.accounts or caller.account == at.account:
        return set()
    mine = Location(caller.account, registry.region)
    out = [
        MEANING[grant.granted] | OWN[grant.granted]
        for grant in about
        if role_account(grant.principal) == caller.account and is_meant(grant.principal, caller, registry, mine)
    ]
    let_in = [
        MEANING[grant.granted]
        for grant in about
        if isinstance(grant.principal, Organization)
        and caller.organization == grant.principal.id
        and (grant.principal.path is None or f"{caller.path}/".startswith(f"{grant.principal.path}/"))
    ]
    return (set[str]().union(*out) & set[str]().union(*let_in)) - UPSTREAM


def actions(grant: Grant, at: Location) -> set[str]:
    """What a grant means at a location; a role of that account may do more."""
    return MEANING[grant.granted] | (OWN[grant.granted] if role_account(grant.principal) == at.account else set())


def fetches(registry: Registry, grant: Grant, caller: Caller, at: Location, repository: str) -> bool:
    """Whether a grant lets a caller have an image fetched from upstream: a pull, below the prefix of a cache there."""
    return (
        grant.granted == "pull"
        and caller.account != ""
        and is_meant(grant.principal, caller, registry, at)
        and speaks_of(grant, repository)
        and is_cached(registry, at, repository)
    )


def is_cached(registry: Registry, at: Location, repository: str) -> bool:
    """Whether a pull-through cache rule of a location has a prefix above a repository."""
    home = registry.home
    return any(
        (prefix == "ROOT" or repository.startswith(prefix + "/"))
        and (at.beside(home) in rule.locations if rule.locations else at == home)
        for prefix, rule in registry.pull_through_cache_rules.items()
    )


def speaks_of(grant: Grant, repository: str) -> bool:
    """Whether a grant is about a repository, somewhere."""
    return repository == grant.scope or (grant.scope[-2:] == "/*" and repository.startswith(grant.scope[:-1]))


def signs(registry: Registry, caller: Caller, profile: str) -> bool:
    """Whether a caller may sign with a profile: it pushes what a rule signs with it, there.

    A profile that is made stands wherever something is pushed that it signs; one with an ARN signs in its region. Of
    another account everybody may whom that lets: a profile names accounts.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
    """
    made, inside = "arn:aws:signer:{}:{}:/signing-profiles/{}", caller.account in registry.accounts
    return any(
        (
            is_meant(grant.principal, caller, registry, Location(caller.account, registry.region))
            if inside
            else role_account(grant.principal) == caller.account
        )
        and (rule.repository_filters is None or any(common(one, grant.scope) for one in rule.repository_filters))
        and any(
            profile == (rule.signing_profile_arn or made.format(at.region, at.account, rule.signing_profile))
            and profile.split(":")[3] == at.region
            for at in pushed_to(registry, grant)
        )
        for grant in registry.grants
        for rule in registry.signing
    )


def pushed_to(registry: Registry, grant: Grant) -> list[Location]:
    """Where a grant lets somebody push."""
    if grant.granted == "push":
        return [registry.home]
    return [at for at in registry.locations if grant.granted == "failover_push" and receives(registry, at, grant.scope)]


def receives(registry: Registry, at: Location, scope: str) -> bool:
    """Whether a replica has what a grant speaks of."""
    namespace = scope.split("/")[0] if "/" in scope else "_"
    return any(r.location == at and namespace in r.namespaces for r in registry.replicas)


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
    at_home = at == registry.home
    namespace = repository.split("/")[0] if "/" in repository else "_"
    there = any(r.location == at and namespace in r.namespaces for r in registry.replicas)
    pulled = at_home or there or (at in registry.locations and is_cached(registry, at, repository))
    where = {"pull": pulled, "read": pulled, "failover_push": there}.get(grant.granted, at_home)
    return speaks_of(grant, repository) and where


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
