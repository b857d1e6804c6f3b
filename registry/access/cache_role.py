"""The role in which ECR pulls from another account's ECR for a cache: one per account, and what that account allows it.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from registry import naming
from registry.access.policies import VERSION, packed
from registry.access.purposes import FILL_CACHE, PULL_UPSTREAM
from registry.limits import ROOT_PREFIX
from registry.locations import Location
from registry.model import Registry
from registry.model.once import once
from registry.patterns import names_below
from registry.shape import PullThroughCacheRuleShape

CACHE_ROLE: Final = "ecr-cache"
#: The host of a private registry: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html
ECR_HOST: Final = re.compile(r"([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.[a-z0-9.-]+")


def cache_role_name(registry: str) -> str:
    """Name of the role made here; no principal may be called `ecr-cache` where it is made."""
    return naming.role_name(registry, CACHE_ROLE)


def cache_policy_name(registry: str, number: int) -> str:
    """Name of a managed policy of that role; they are numbered from 1, and the first has no number."""
    return f"{cache_role_name(registry)}-upstreams{'' if number == 1 else f'-{number}'}"


def cache_policy_description(registry: str) -> str:
    """Description of these policies; it never changes, as those of registry/naming.py."""
    return f"What ECR may pull and fill for the caches of the registry {registry}"


def cache_role_arn(registry: str, account: str, region: str) -> str:
    """ARN of the role made here; without IAM path, which a rule does not take. `region` says the partition."""
    return naming.role_arn(account, region, "/", cache_role_name(registry))


def secret_arn(at: Location, name: str) -> str:
    """ARN of a secret without the six characters that AWS adds to its name."""
    return f"arn:{naming.partition(at.region)}:secretsmanager:{at.region}:{at.account}:secret:{name}"


def made_secrets(registry: Registry, here: Iterable[Location]) -> list[str]:
    """The ARNs of the secrets made at some locations, as patterns: the end that AWS adds is not known."""
    return [f"{secret_arn(at, name)}-??????" for at in here for name in registry.secrets_in(at)]


def upstream_of(rule: PullThroughCacheRuleShape) -> Location | None:
    """The private registry that a rule pulls from; None where it is no ECR."""
    found = ECR_HOST.fullmatch(rule.host) if rule.upstream_registry == "ecr" else None
    return Location(*found.groups()) if found else None


def role_of_cache(registry: Registry, rule: PullThroughCacheRuleShape, at: Location) -> str | None:
    """ARN of the role in which ECR pulls upstream for a rule at a location; None where it needs none.

    It is the one the file names, where that is of this account, else the one made here. Within an account ECR pulls
    in its service-linked role.
    """
    named, upstream = rule.custom_role_arn, upstream_of(rule)
    if named is not None and naming.account_of(named) == at.account:
        return named
    if upstream is None or upstream.account == at.account:
        return None
    return cache_role_arn(registry.name, at.account, at.region)


@once
def needs_cache_role(registry: Registry, account: str) -> bool:
    """Whether a cache of an account pulls in the role made here."""
    return any(_served(registry, account))


def cache_role_trust(account: str) -> dict[str, Any]:
    """The trust policy of the role made here: ECR alone may assume it, for this account.

    AWS's page has no condition and does not say whether ECR names the account, so that is asked only where it does.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    return {
        "Version": VERSION,
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "pullthroughcache.ecr.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": account}},
            }
        ],
    }


@once
def cache_role_policies(registry: Registry, account: str) -> tuple[dict[str, Any], ...]:
    """What the role may do: pull below the upstream prefixes, and fill what is below the rules' own.

    AWS's page allows all of it on every repository.
    """
    served = list(_served(registry, account))
    own = {naming.repository_arn(at, names_below(prefix)) for at, prefix, _ in served}
    upstream = {_upstream_arn(rule) for _, _, rule in served}
    parts = (
        ("Login", PULL_UPSTREAM.on_registry, "*"),
        ("PullUpstream", PULL_UPSTREAM.on_repositories, sorted(upstream)),
        ("FillCache", FILL_CACHE.on_repositories, sorted(own)),
    )
    return packed(
        {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resources}
        for sid, actions, resources in parts
    )


def upstream_statements(registry: Registry, upstream: Location) -> list[tuple[dict[str, Any], str]]:
    """The statements of the registry policy of an upstream: who of another account pulls there, below which prefixes.

    Each with the first of the rules that it is for, by prefix. The account is named, not the role: a role that is made
    anew would be another principal.
    """
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for at, prefix, rule in _caches(registry):
        role = role_of_cache(registry, rule, at)
        if upstream_of(rule) == upstream and at.account != upstream.account and role is not None:
            found.setdefault((at.account, role), []).append((_upstream_arn(rule), prefix))
    return [
        (
            {
                "Sid": f"PullThroughCachesOf{downstream}{'' if number == 1 else number}",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{naming.partition(upstream.region)}:iam::{downstream}:root"},
                "Action": sorted(PULL_UPSTREAM.on_repositories),
                "Resource": sorted({resource for resource, _ in pulled}),
                "Condition": {"ArnEquals": {"aws:PrincipalArn": role}},
            },
            pulled[0][1],
        )
        for number, ((downstream, role), pulled) in enumerate(sorted(found.items()), start=1)
    ]


def upstream_policies(registry: Registry, account: str) -> dict[str, list[dict[str, Any]]]:
    """The registry policies that an upstream account has to add, by region, where the registry itself is not."""
    regions = {
        upstream.region
        for _, _, rule in _caches(registry)
        if (upstream := upstream_of(rule)) and upstream.account == account and upstream not in registry.locations
    }
    found = {region: upstream_statements(registry, Location(account, region)) for region in sorted(regions)}
    return {
        f"registry policy in {region}": [{"Version": VERSION, "Statement": [statement for statement, _ in statements]}]
        for region, statements in found.items()
        if statements
    }


def upstream_accounts(registry: Registry) -> frozenset[str]:
    """The accounts whose ECR a cache pulls from in a role."""
    return frozenset(
        upstream.account
        for at, _, rule in _caches(registry)
        if (upstream := upstream_of(rule)) and upstream.account != at.account
    )


def _upstream_arn(rule: PullThroughCacheRuleShape) -> str:
    upstream = upstream_of(rule)
    assert upstream is not None, "a role is for ECR"
    return naming.repository_arn(upstream, names_below(rule.upstream_repository_prefix or ROOT_PREFIX))


def _caches(registry: Registry) -> Iterator[tuple[Location, str, PullThroughCacheRuleShape]]:
    if registry.manages_registry:
        for at in registry.locations:
            yield from ((at, prefix, rule) for prefix, rule in registry.caches_in(at).items())


def _served(registry: Registry, account: str) -> Iterator[tuple[Location, str, PullThroughCacheRuleShape]]:
    """The rules of an account that pull in the role made here."""
    made = cache_role_arn(registry.name, account, registry.region)
    for at, prefix, rule in _caches(registry):
        if at.account == account and role_of_cache(registry, rule, at) == made and upstream_of(rule):
            yield at, prefix, rule
