"""Rules about managed signing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.access.signers import pushed_scopes, rules_in, signs
from registry.findings import Severity, listed, shown
from registry.limits import ECR_API, ECR_GUIDE, ROOT_PREFIX
from registry.naming import partition, region_of
from registry.nearest import did_you_mean
from registry.rules.registry import home_known
from registry.rules.rule import Problem, RuleContext, rule

SIGNING_API: Final = f"{ECR_API}/API_SigningRule.html"
SIGNING_PAGE: Final = f"{ECR_GUIDE}/managed-signing.html"


@rule("signing-profile", "Name a signing profile of a region that is pushed to by its ARN", SIGNING_API)
def signing_profile(declared: RuleContext) -> Iterator[Problem]:
    """ECR signs with profiles of its own region only, and refuses another one."""
    registry = declared.registry
    home = registry.region
    others = {it.location.region for it in registry.replicas if pushed_scopes(registry, it.location)} - {home}
    for index, signing in enumerate(declared.root.signing):
        arn, at = signing.signing_profile_arn, ("signing", index, "signing_profile_arn")
        if arn is not None and home_known(declared) and region_of(arn) not in (home, *others):
            yield Problem(
                at=at,
                message=f"the signing profile is in {region_of(arn)}, and images are signed in {home}",
                given=shown(arn, 90),
                allowed=f"a profile of {listed((home, *sorted(others)))}, of any account",
                way_out=f"make the profile in {home}",
            )


@rule("signing-profile-known", "Declare a signing profile before a rule signs with it", SIGNING_PAGE)
def signing_profile_known(declared: RuleContext) -> Iterator[Problem]:
    """The registry makes only the profiles under signing_profiles. ECR refuses a rule whose profile does not exist."""
    names = declared.root.signing_profiles
    for index, signing in enumerate(declared.root.signing):
        name = signing.signing_profile
        if name is not None and name not in names:
            yield Problem(
                at=("signing", index, "signing_profile"),
                message="no signing profile of this name is declared",
                given=shown(name),
                allowed=listed(names) or "none: there are no signing_profiles",
                way_out=did_you_mean(name, names) or f"write signing_profiles: {{{name}: }}, or signing_profile_arn",
            )


@rule(
    "signing-profile-idle",
    "Sign with a profile that is declared, or remove it",
    SIGNING_PAGE,
    Severity.WARNING,
    waits=True,
)
def signing_profile_idle(declared: RuleContext) -> Iterator[Problem]:
    """The profile is not made, and images that you believe signed are not."""
    used = {signing.signing_profile for signing in declared.root.signing}
    for name in declared.root.signing_profiles:
        if name not in used:
            yield Problem(
                at=("signing_profiles", name),
                message="no rule signs with this profile, so it is not made",
                given=name,
                allowed="profiles that a rule under signing names",
                way_out=f"write signing: [{{signing_profile: {name}}}], or remove it",
                key=True,
            )


@rule(
    "signing-failover",
    "Sign what is pushed to a replica as well",
    SIGNING_PAGE,
    Severity.WARNING,
)
def signing_failover(declared: RuleContext) -> Iterator[Problem]:
    """An image that is pushed to a replica while the home is down is not signed, and is refused where signatures are
    checked.
    """
    registry = declared.registry
    for replica in registry.replicas if declared.root.signing else ():
        at = replica.location
        unsigned = sorted(
            scope
            for scope in pushed_scopes(registry, at)
            if any(signs(rule, scope) for rule in rules_in(registry, registry.home))
            and not any(signs(rule, scope) for rule in rules_in(registry, at))
        )
        if unsigned:
            yield Problem(
                at=("signing",),
                message=f"what is pushed to {at.beside(registry.home)} (failover_push) is not signed there, "
                "as it is at home",
                given=listed(unsigned, 3),
                allowed="a profile that is made in every location, or one more rule with a profile of that region",
                way_out="write signing_profile: NAME with signing_profiles: {NAME: }, or accept this warning",
                key=True,
            )


@rule("signing-region", "Do not use managed signing in China", SIGNING_PAGE)
def signing_region(declared: RuleContext) -> Iterator[Problem]:
    """CloudFormation has no signing configuration there, so the Registry stack cannot be deployed."""
    home = declared.registry.region
    if declared.root.signing and partition(home) == "aws-cn":
        yield Problem(
            at=("signing",),
            message=f"CloudFormation has no signing configuration in {home}",
            given=home,
            allowed="regions outside China",
            way_out="remove signing, and sign in the pipeline that pushes",
            key=True,
        )


@rule(
    "signing-cache",
    "Keep pull-through caches out of signing filters",
    "https://github.com/aws/containers-roadmap/issues/2830",
    Severity.WARNING,
)
def signing_cache(declared: RuleContext) -> Iterator[Problem]:
    """ECR caches images with a role that may not use a signing profile, so they stay unsigned."""
    registry = declared.registry
    for index, signing in enumerate(registry.signing):
        everything = signing.repository_filters is None or "*" in signing.repository_filters
        covered = [
            prefix
            for prefix in registry.pull_through_cache_rules
            if (everything if prefix == ROOT_PREFIX else signs(signing, f"{prefix}/*"))
        ]
        if covered:
            yield Problem(
                at=("signing", index),
                message=f"images of {listed(covered, 3)} cannot be signed: ECR caches them with a role that "
                "may not use a signing profile",
                given=listed(signing.repository_filters or ("no repository_filters, so every image",), 3),
                allowed="filters that match nothing below the prefix of a pull-through cache rule",
                way_out="write repository_filters: with the namespaces that are pushed to",
            )
