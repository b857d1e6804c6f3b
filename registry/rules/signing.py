"""Rules about managed signing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.access.signers import signs
from registry.findings import Severity, listed, shown
from registry.limits import (
    ECR_API,
    ECR_GUIDE,
    REPOSITORY_FILTER,
    REPOSITORY_FILTERS,
    ROOT_PREFIX,
    SIGNING_FILTER_LENGTH,
    SIGNING_PROFILE_ARN,
    SIGNING_PROFILE_ARN_LENGTH,
    SIGNING_RULES,
)
from registry.naming import partition
from registry.rules.registry import home_known
from registry.rules.rule import Problem, RuleContext, rule

SIGNING_API: Final = f"{ECR_API}/API_SigningRule.html"
SIGNING_PAGE: Final = f"{ECR_GUIDE}/managed-signing.html"


@rule("signing-profile", "Name a signing profile of the home region by its ARN", SIGNING_API)
def signing_profile(declared: RuleContext) -> Iterator[Problem]:
    """ECR signs with profiles of its own region only, and refuses another one."""
    home = declared.registry.region
    example = f"arn:{partition(home)}:signer:{home}:{declared.registry.account}:/signing-profiles/NAME"
    for index, signing in enumerate(declared.root.signing):
        arn, at = signing.signing_profile_arn, ("signing", index, "signing_profile_arn")
        if not SIGNING_PROFILE_ARN.fullmatch(arn) or len(arn) > SIGNING_PROFILE_ARN_LENGTH:
            yield Problem(
                at=at,
                message="this is not a signing profile",
                given=shown(arn, 90),
                allowed=f"an ARN of at most {SIGNING_PROFILE_ARN_LENGTH} characters such as {example}",
                way_out="copy it from `aws signer list-signing-profiles`, without the version at its end",
            )
        elif arn.split(":")[3] != home and home_known(declared):
            yield Problem(
                at=at,
                message=f"the signing profile is in {arn.split(':')[3]}, and images are signed in {home}",
                given=shown(arn, 90),
                allowed=f"a profile of {home}, of any account",
                way_out=f"make the profile in {home}",
            )


@rule("signing-filter", "A signing filter is a repository name with wildcards", SIGNING_API)
def signing_filter(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses the signing configuration otherwise."""
    for index, signing in enumerate(declared.root.signing):
        for number, pattern in enumerate(signing.repository_filters or ()):
            if not REPOSITORY_FILTER.fullmatch(pattern) or len(pattern) > SIGNING_FILTER_LENGTH:
                yield Problem(
                    at=("signing", index, "repository_filters", number),
                    message="ECR does not accept this signing filter",
                    given=shown(pattern),
                    allowed=f"1 to {SIGNING_FILTER_LENGTH} lower-case letters, digits and wildcards *, with single "
                    ". _ - or / between them",
                    way_out="write a repository's name, or web/* for all names that begin with web/",
                )


@rule("signing-size", "A registry has at most 10 signing rules, each with at most 100 filters", SIGNING_API)
def signing_size(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses a larger signing configuration."""
    if len(declared.root.signing) > SIGNING_RULES:
        yield Problem(
            at=("signing",),
            message="there are too many signing rules",
            given=f"{len(declared.root.signing)} rules",
            allowed=f"at most {SIGNING_RULES}",
            way_out="join the filters of rules with the same profile",
            key=True,
        )
    for index, signing in enumerate(declared.root.signing):
        count = len(signing.repository_filters or ())
        if signing.repository_filters is not None and not 1 <= count <= REPOSITORY_FILTERS:
            yield Problem(
                at=("signing", index, "repository_filters"),
                message="this signing rule has too many filters" if count else "this signing rule signs nothing",
                given=f"{count} filters",
                allowed=f"1 to {REPOSITORY_FILTERS} filters, or no such key for all repositories",
                way_out="join several with a wildcard, such as web/*" if count else "remove the key, or the rule",
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
            cache.prefix
            for cache in registry.pull_through_cache_rules
            if (everything if cache.prefix == ROOT_PREFIX else signs(signing, f"{cache.prefix}/*"))
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
