"""Rules about what passes the endpoints of private networks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.access.endpoint_policies import ecr_policy, fetched_through, length
from registry.findings import listed, shown
from registry.limits import ECR_GUIDE, ENDPOINT_POLICY_LENGTH, PRIVATELINK_GUIDE, ROOT_PREFIX
from registry.naming import namespace_of
from registry.rules.network.endpoints import entries, networks
from registry.rules.rule import Problem, RuleContext, rule

POLICY_PAGE: Final = f"{PRIVATELINK_GUIDE}/vpc-endpoints-access.html"
CACHE_PAGE: Final = f"{ECR_GUIDE}/pull-through-cache.html"


@rule("network-callers", "Grant something in the region before you make endpoints there", POLICY_PAGE, waits=True)
def network_callers(declared: RuleContext) -> Iterator[Problem]:
    """The endpoint policy allows what is granted. Without a grant nobody could use the endpoints."""
    for at, shape in entries(declared):
        if shape.callers == "organization" and declared.root.access.organization is None:
            yield Problem(
                at=(*at, "callers"),
                message="the file does not say which organization",
                given="callers: organization",
                allowed="callers: organization with access.organization",
                way_out="write access: {organization: o-…}",
            )
    regions = {place.region for place in declared.registry.locations}
    for network, (at, _) in networks(declared):
        if network.region in regions and not ecr_policy(declared.registry, network)["Statement"]:
            yield Problem(
                at=at,
                message=f"nothing is granted in {network.region}, so nobody could use the endpoints",
                given="no grant",
                allowed="endpoints for principals that may do something",
                way_out="grant pull on the repositories that nodes there pull, and name their role under principals",
            )


@rule("network-policy-length", "Keep an endpoint policy within 20,480 characters", POLICY_PAGE)
def network_policy_length(declared: RuleContext) -> Iterator[Problem]:
    """EC2 refuses a longer policy, and the deploy of the endpoint is rolled back."""
    for network, (at, shape) in networks(declared):
        policy = ecr_policy(declared.registry, network)
        if length(policy) > ENDPOINT_POLICY_LENGTH:
            yield Problem(
                at=at,
                message=f"the endpoint policy of {network.name} is too long: it names too many callers",
                given=f"{length(policy):,} characters, with all repositories of the registry as one",
                allowed=f"at most {ENDPOINT_POLICY_LENGTH:,}",
                way_out="write callers: organization, or grant to accounts or an organization instead of many roles"
                if shape.callers != "organization"
                else "grant to accounts or organizational units instead of many roles outside the organization",
            )


@rule("network-pull-from", "Other registries are named by their accounts", POLICY_PAGE)
def network_pull_from(declared: RuleContext) -> Iterator[Problem]:
    """A value that is no other account's id lets no image through, and the pull hangs or is denied."""
    for at, shape in entries(declared):
        for index, account in enumerate(shape.pull_from):
            if account in declared.registry.accounts:
                yield Problem(
                    at=(*at, "pull_from", index),
                    message="this is the registry's own account",
                    given=shown(account),
                    allowed="12 digits of another account, in quotes",
                    way_out="remove it: what is granted here passes anyway",
                )


@rule(
    "network-cache",
    "Use pull_through_cache in the region of a cache rule, with a grant of pull",
    CACHE_PAGE,
    waits=True,
)
def network_cache(declared: RuleContext) -> Iterator[Problem]:
    """Elsewhere nothing is fetched, and only principals with pull may have images fetched."""
    registry = declared.registry
    rules = registry.pull_through_cache_rules
    regions = sorted({at.region for at in registry.locations if registry.caches_in(at)}) or [registry.region]
    for network, (at, _) in networks(declared):
        if network.pull_through_cache and (not rules or network.region not in regions):
            yield Problem(
                at=(*at, "pull_through_cache"),
                message="there is no pull-through cache rule" + (f" in {network.region}" if rules else ""),
                given=listed(rules) or "no pull_through_cache_rules",
                allowed=f"pull_through_cache in {listed(regions)}, with pull_through_cache_rules",
                way_out="remove it, or add a location to a rule"
                if rules
                else "declare the upstream registry under pull_through_cache_rules",
                key=True,
            )
        elif network.pull_through_cache and not any(
            fetched_through(declared.registry, network, grant) for grant in declared.registry.grants
        ):
            prefix = next((prefix for prefix in rules if prefix != ROOT_PREFIX), "NAMESPACE")
            yield Problem(
                at=(*at, "pull_through_cache"),
                message="no principal may pull cached images, so none could have one fetched through the endpoints",
                given="no grant of pull below " + listed(rules),
                allowed="pull_through_cache with pull granted on a namespace of the caches",
                way_out=f"write namespaces: {{{namespace_of(f'{prefix}/')}: {{pull: [...]}}}}, or remove it",
                key=True,
            )
