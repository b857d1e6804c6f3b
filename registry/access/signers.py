"""With which signing profiles ECR signs what is pushed, location by location. Total, as resolve.py is.

ECR signs with profiles of its own region, and in the name of who pushes. So what is pushed to a replica itself
(`failover_push`) is signed there, and what is replicated is not signed again.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
"""

from __future__ import annotations

from registry.locations import Location
from registry.model import Registry, SigningRule
from registry.model.once import once
from registry.model.signing_profiles import signing_profile_arn
from registry.naming import namespace_of, region_of
from registry.patterns import meet
from registry.shape import SigningRuleShape


def pushed_scopes(registry: Registry, at: Location) -> frozenset[str]:
    """What is pushed to a replica: the scopes of the grants of `failover_push` that hold there."""
    replica = registry.replica_at(at)
    namespaces = replica.namespaces if replica else frozenset[str]()
    return frozenset(
        grant.scope
        for grant in registry.grants
        if grant.granted == "failover_push" and namespace_of(grant.scope) in namespaces
    )


@once
def rules_in(registry: Registry, at: Location) -> tuple[SigningRule, ...]:
    """The signing rules of a location, in the order of the file.

    One with a profile made here holds wherever something of it is pushed. One with an ARN holds in the region of the
    profile: at home, where that is its region, and in the replicas there that are pushed to, of other accounts, too.
    """
    if not registry.manages_registry:
        return ()
    home = at == registry.home
    pushed = pushed_scopes(registry, at)
    found = []
    for rule in registry.signing:
        arn = rule.signing_profile_arn
        there = home or any(signs(rule, scope) for scope in pushed)
        if arn is not None:
            at_home = region_of(arn) == registry.region or region_of(arn) not in _pushed_regions(registry)
            there = at_home if home else there and region_of(arn) == at.region
        if there:
            profile = arn or signing_profile_arn(at, rule.signing_profile or "")
            found.append(
                SigningRule(
                    signing_profile_arn=profile,
                    repository_filters=rule.repository_filters,
                    made=rule.signing_profile if arn is None else None,
                )
            )
    return tuple(found)


def _pushed_regions(registry: Registry) -> frozenset[str]:
    return frozenset(it.location.region for it in registry.replicas if pushed_scopes(registry, it.location))


def profiles_in(registry: Registry, at: Location) -> tuple[str, ...]:
    """The names of the profiles that are made at a location: those declared that a rule there signs with."""
    used = {rule.made for rule in rules_in(registry, at)}
    return tuple(name for name in registry.signing_profiles if name in used)


def profiles_of(registry: Registry, scope: str, at: Location | None = None) -> frozenset[str]:
    """The profiles (ARNs) that sign images of a scope, a repository, or a namespace and `/*`, at home or elsewhere."""
    rules = rules_in(registry, at or registry.home)
    return frozenset(rule.signing_profile_arn for rule in rules if signs(rule, scope))


def signs(rule: SigningRule | SigningRuleShape, scope: str) -> bool:
    """Whether a rule may sign something of a scope; one without filters signs every image."""
    return rule.repository_filters is None or any(meet(pattern, scope) for pattern in rule.repository_filters)
