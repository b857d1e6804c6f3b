"""Rules about pull-through cache rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import ECR_API, ECR_GUIDE, ROOT_PREFIX
from registry.naming import registry_host
from registry.patterns import below
from registry.rules.creation_templates import role_problems
from registry.rules.registry import home_known
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import UPSTREAM_URLS, PullThroughCacheRuleShape

CACHE_API: Final = f"{ECR_API}/API_CreatePullThroughCacheRule.html"
CACHE_PAGE: Final = f"{ECR_GUIDE}/pull-through-cache.html"
SECRET_PAGE: Final = f"{ECR_GUIDE}/pull-through-cache-creating-secret.html"
KEY: Final = "pull_through_cache_rules"
#: Upstreams that the guide (CACHE_PAGE) says ask for a secret.
WITH_SECRET: Final = {
    "chainguard",
    "docker-hub",
    "github-container-registry",
    "gitlab-container-registry",
    "azure-container-registry",
}
WITHOUT_SECRET: Final = {"ecr", "ecr-public", "quay", "k8s"}
_AZURE: Final = re.compile(r"[a-zA-Z0-9-]+\.azurecr\.io")
_ECR: Final = re.compile(r"([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.[a-z0-9.-]+")


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
            found = _ECR.fullmatch(url)
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


@rule("cache-credential", "Give an upstream with a login a secret in the same account and region", SECRET_PAGE)
def cache_credential(declared: RuleContext) -> Iterator[Problem]:
    """ECR cannot log in upstream, so every first pull of an image fails."""
    account, region = declared.registry.account, declared.registry.region
    example = f"arn:aws:secretsmanager:{region}:{account}:secret:ecr-pullthroughcache/NAME-AbCdEf"
    known = home_known(declared)
    for _, at, cache in _rules(declared):
        secret, kind, message = cache.credential_arn, cache.upstream_registry, ""
        way_out = "copy the ARN of a secret whose name begins with ecr-pullthroughcache/"
        if secret is None:
            message = f"{kind} asks for a login" if kind in WITH_SECRET else ""
            way_out = "store a user name and a token in a secret, and write its ARN in credential_arn"
        elif kind in WITHOUT_SECRET:
            message, way_out = f"ECR takes no secret for {kind}", "remove credential_arn"
        elif known and secret.split(":")[3:5] != [region, account]:
            message = f"the secret is in {' of account '.join(secret.split(':')[3:5])}"
            way_out = f"store the secret in {region} of account {account}"
        if message:
            yield Problem(
                at=(*at, "credential_arn") if secret is not None else at,
                message=message,
                given=shown(secret, 120) if secret is not None else "no credential_arn",
                allowed="no secret" if kind in WITHOUT_SECRET else example,
                way_out=way_out,
                key=secret is None,
            )


@rule("cache-role", "Give a cache of another account's ECR a role", f"{ECR_GUIDE}/pull-through-cache-private.html")
def cache_role(declared: RuleContext) -> Iterator[Problem]:
    """ECR needs the role to pull there. Without it every first pull of an image fails."""
    account = declared.registry.account
    for _, at, cache in _rules(declared):
        role, host = cache.custom_role_arn, _ECR.fullmatch(cache.host)
        if role is None:
            foreign = cache.upstream_registry == "ecr" and host is not None and host.group(1) != account
            if foreign:
                yield Problem(
                    at=at,
                    message="ECR needs a role of yours to pull from another account",
                    given="no custom_role_arn",
                    allowed="custom_role_arn beside an upstream in another account",
                    way_out=f"write custom_role_arn: arn:…:iam::{account}:role/…, "
                    "which pullthroughcache.ecr.amazonaws.com may assume",
                    key=True,
                )
        elif cache.upstream_registry != "ecr":
            yield Problem(
                at=(*at, "custom_role_arn"),
                message=f"a role is for ECR upstream, not for {cache.upstream_registry}",
                given=shown(role, 90),
                allowed="custom_role_arn with upstream_registry: ecr",
                way_out="remove it; a login for other registries stands in credential_arn",
            )
        else:
            yield from role_problems(declared, (*at, "custom_role_arn"), role)


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
