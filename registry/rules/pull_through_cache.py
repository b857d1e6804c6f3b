"""Rules about pull-through cache rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from registry.access.cache_role import CACHE_ROLE, ECR_HOST, needs_cache_role, upstream_of
from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import ECR_API, ECR_GUIDE, ROOT_PREFIX
from registry.locations import Location, located, value_at
from registry.naming import registry_host
from registry.patterns import below
from registry.rules.creation_templates import role_problems
from registry.rules.registry import home_known
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import EVERY_REGION, UPSTREAM_URLS, PullThroughCacheRuleShape

CACHE_API: Final = f"{ECR_API}/API_CreatePullThroughCacheRule.html"
CACHE_PAGE: Final = f"{ECR_GUIDE}/pull-through-cache.html"
SECRET_PAGE: Final = f"{ECR_GUIDE}/pull-through-cache-creating-secret.html"
KEY: Final = "pull_through_cache_rules"
#: Upstreams that the guide (CACHE_PAGE) says ask for no secret; the others do.
WITHOUT_SECRET: Final = {"ecr", "ecr-public", "quay", "k8s"}
_AZURE: Final = re.compile(r"[a-zA-Z0-9-]+\.azurecr\.io")


def _rules(declared: RuleContext) -> Iterator[tuple[str, YamlPath, PullThroughCacheRuleShape]]:
    """The rules with their prefixes and places."""
    return ((prefix, (KEY, prefix), cache) for prefix, cache in declared.registry.pull_through_cache_rules.items())


@rule("cache-prefix", "Write a prefix of repository names, or ROOT, for a pull-through cache rule", CACHE_API)
def cache_prefix(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses a rule whose prefix no repository name can have."""
    for prefix, at, cache in _rules(declared):
        upstream = cache.upstream_repository_prefix
        if prefix == ROOT_PREFIX and upstream not in (None, ROOT_PREFIX):
            yield Problem(
                at=(*at, "upstream_repository_prefix"),
                message="a rule for ROOT cannot have a prefix upstream",
                given=shown(upstream),
                allowed="a prefix upstream where the rule has a prefix itself",
                way_out="remove it, or give the rule a prefix",
            )


@rule("cache-upstream-url", "Write the upstream registry's own host", CACHE_API)
def cache_upstream_url(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses the rule, or caches from a host that you did not mean."""
    for _, at, cache in _rules(declared):
        url, kind = cache.host, cache.upstream_registry
        if fixed := UPSTREAM_URLS.get(kind):
            wrong, allowed, way_out = url != fixed, fixed, "remove it: this is the default"
        elif kind == "ecr":
            account, region = declared.registry.account, "us-east-1"
            allowed = f"the host of a private registry, such as {registry_host(account, region)}"
            found = ECR_HOST.fullmatch(url)
            wrong = found is None or url != registry_host(*found.groups())
            way_out = f"write {registry_host(*found.groups())}" if found else "write the host without https:// and path"
        else:
            wrong, allowed = not _AZURE.fullmatch(url), "NAME.azurecr.io"
            way_out = "write the host alone, without https:// and path"
        if wrong:
            yield Problem(
                at=(*at, "upstream_registry_url") if url else at,
                message=f"this is not the host of {kind}"
                if url
                else f"{kind} has no host without upstream_registry_url",
                given=shown(url) if url else "no upstream_registry_url",
                allowed=allowed,
                way_out=way_out if url else f"write upstream_registry_url: {allowed.rpartition(' ')[2]}",
                key=not url,
            )


@rule("cache-location", "Put a pull-through cache where the registry is", CACHE_PAGE, waits=True)
def cache_location(declared: RuleContext) -> Iterator[Problem]:
    """Elsewhere there is no stack to make it in, and images would be pulled from the upstream registry itself."""
    registry = declared.registry
    for _, at, cache in _rules(declared):
        for index, written in enumerate(cache.locations):
            if located(written, registry.account) not in registry.locations:
                yield Problem(
                    at=(*at, "locations", index),
                    message="the registry is not there",
                    given=shown(written),
                    allowed=listed([it.beside(registry.home) for it in registry.locations]),
                    way_out="write the home region, or a replica as `replicas` has it; or declare that replica",
                )


@rule("cache-secret", "Let a secret be made, or name one that exists", SECRET_PAGE)
def cache_secret(declared: RuleContext) -> Iterator[Problem]:
    """ECR reads one secret of a rule. Another would look as if it were used."""
    for _, at, cache in _rules(declared):
        kind = cache.upstream_registry
        if cache.secret and (cache.credential_arn or kind in WITHOUT_SECRET):
            yield Problem(
                at=(*at, "secret"),
                message="this secret would not be used: credential_arn names another"
                if cache.credential_arn
                else f"ECR takes no secret for {kind}",
                given="secret and credential_arn" if cache.credential_arn else f"secret with {kind}",
                allowed="one of the two" if cache.credential_arn else "no secret",
                way_out="remove one of them" if cache.credential_arn else "remove secret",
                key=True,
            )


@rule("cache-credential", "Give an upstream with a login a secret in the same account and region", SECRET_PAGE)
def cache_credential(declared: RuleContext) -> Iterator[Problem]:
    """ECR cannot log in upstream, so every first pull of an image fails."""
    registry = declared.registry
    for _, at, cache in _rules(declared):
        kind, written = cache.upstream_registry, cache.credential_arn
        if kind in WITHOUT_SECRET:
            for name, secret in written.items():
                yield Problem(
                    at=(*at, "credential_arn", *([] if name == EVERY_REGION else [name])),
                    message=f"ECR takes no secret for {kind}",
                    given=shown(secret, 120),
                    allowed="no secret",
                    way_out="remove credential_arn",
                )
            continue
        for here in registry.cache_locations(cache) if not cache.secret else ():
            yield from _credential(declared, at, cache, here)


def _credential(
    declared: RuleContext, at: YamlPath, cache: PullThroughCacheRuleShape, here: Location
) -> Iterator[Problem]:
    """What is wrong with the secret of a rule at one of its locations."""
    home, kind, secret = declared.registry.home, cache.upstream_registry, value_at(cache.credential_arn, here)
    example = f"arn:aws:secretsmanager:{here.region}:{here.account}:secret:ecr-pullthroughcache/NAME-AbCdEf"
    beside = here.beside(home)
    if secret is None:
        yield Problem(
            at=(*at, "credential_arn") if cache.credential_arn else at,
            message=f"{kind} asks for a login{f' in {beside}, too' if cache.credential_arn else ''}",
            given=f"no credential_arn for {beside}" if cache.credential_arn else "no credential_arn",
            allowed=example,
            way_out=f"write credential_arn: {{{beside}: ARN}}, or secret: instead, which makes one in each location"
            if cache.credential_arn
            else "write secret: ecr-pullthroughcache/NAME, which makes one, or the ARN of yours in credential_arn",
            key=True,
        )
    elif home_known(declared) and secret.split(":")[3:5] != [here.region, here.account]:
        name = next(it for it in (str(here), here.region, EVERY_REGION) if it in cache.credential_arn)
        yield Problem(
            at=(*at, "credential_arn", *([] if name == EVERY_REGION else [name])),
            message=f"the secret is in {' of account '.join(secret.split(':')[3:5])}",
            given=shown(secret, 120),
            allowed=example,
            way_out=f"store the secret in {here.region} of account {here.account}"
            + (f", and write a map: credential_arn: {{{beside}: ARN}}" if here != home else ""),
        )


@rule("cache-role", "Name a role for a cache of ECR only, of the registry's account",
      f"{ECR_GUIDE}/pull-through-cache-private.html")  # fmt: skip
def cache_role(declared: RuleContext) -> Iterator[Problem]:
    """ECR can assume no other role, so it cannot pull there. Without the key it gets one that may do no more."""
    registry = declared.registry
    if CACHE_ROLE in declared.root.principals and needs_cache_role(registry, registry.account):
        yield Problem(
            at=("principals", CACHE_ROLE),
            message="the role of the caches has this name",
            given=CACHE_ROLE,
            allowed="any other name, or custom_role_arn in each rule that pulls from another account",
            way_out="give the principal another name",
            key=True,
        )
    for _, at, cache in _rules(declared):
        role = cache.custom_role_arn
        if role is not None and cache.upstream_registry != "ecr":
            yield Problem(
                at=(*at, "custom_role_arn"),
                message=f"a role is for ECR upstream, not for {cache.upstream_registry}",
                given=shown(role, 90),
                allowed="custom_role_arn with upstream_registry: ecr",
                way_out="remove it; a login for other registries stands in credential_arn",
            )
        elif role is not None:
            yield from role_problems(declared, (*at, "custom_role_arn"), role)


@rule("cache-of-itself", "Let a cache pull from another registry", f"{ECR_GUIDE}/pull-through-cache-private.html")
def cache_of_itself(declared: RuleContext) -> Iterator[Problem]:
    """A registry that fetches from itself finds nothing that it does not have."""
    registry = declared.registry
    for _, at, cache in _rules(declared):
        upstream = upstream_of(cache)
        if upstream is not None and upstream in registry.cache_locations(cache):
            yield Problem(
                at=(*at, "upstream_registry_url"),
                message=f"the rule is in {upstream.beside(registry.home)}, and pulls from there",
                given=shown(cache.host),
                allowed="the host of another registry, or locations without this one",
                way_out="write locations: with the replicas alone, or the host that is meant",
            )


@rule("cache-declared", "Give a cache a prefix that no declared repository has", CACHE_PAGE, Severity.WARNING)
def cache_declared(declared: RuleContext) -> Iterator[Problem]:
    """Someone upstream could publish an image under your name, and ECR could serve it (dependency confusion)."""
    for prefix, at, cache in _rules(declared):
        mixed = [r.name for r in declared.registry.repositories if below(prefix, r.name)]
        if mixed:
            yield Problem(
                at=at,
                message=f"{listed(mixed, 3)} {'is' if len(mixed) == 1 else 'are'} below the prefix of this rule: "
                "ECR looks upstream for an image that is missing there",
                given=prefix,
                allowed="a prefix that no declared repository has",
                way_out=f"choose another prefix, such as {cache.upstream_registry}",
                key=True,
            )


@rule(
    "cache-template",
    "Write a creation template for each pull-through cache",
    "https://github.com/aws/containers-roadmap/issues/1758",
    Severity.WARNING,
    waits=True,
)
def cache_template(declared: RuleContext) -> Iterator[Problem]:
    """ECR creates the cached repositories with its defaults: no tags, no policy, no lifecycle, and AWS's own key."""
    applied = [t.prefix for t in declared.registry.creation_templates if "PULL_THROUGH_CACHE" in t.applied_for]
    for prefix, at, _ in _rules(declared):
        if not any(below(outer, prefix) for outer in applied):
            yield Problem(
                at=at,
                message="ECR creates the repositories of this cache with defaults: no tags, no policy, no lifecycle",
                given=f"no creation template with PULL_THROUGH_CACHE for {prefix}",
                allowed=f"a creation template for {prefix}, for a prefix of it, or for {ROOT_PREFIX}",
                way_out=f"write creation_templates: {{{prefix}: {{applied_for: [PULL_THROUGH_CACHE]}}}}",
                key=True,
            )
