"""Rules about managed signing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.access.signers import signs
from registry.findings import Severity, listed, shown
from registry.limits import ECR_API, ECR_GUIDE, ROOT_PREFIX
from registry.naming import partition, region_of
from registry.rules.registry import home_known
from registry.rules.rule import Problem, RuleContext, rule

SIGNING_API: Final = f"{ECR_API}/API_SigningRule.html"
SIGNING_PAGE: Final = f"{ECR_GUIDE}/managed-signing.html"


@rule("signing-profile", "Name a signing profile of the home region by its ARN", SIGNING_API)
def signing_profile(declared: RuleContext) -> Iterator[Problem]:
    """ECR signs with profiles of its own region only, and refuses another one."""
    home = declared.registry.region
    for index, signing in enumerate(declared.root.signing):
        arn, at = signing.signing_profile_arn, ("signing", index, "signing_profile_arn")
        if home_known(declared) and region_of(arn) != home:
            yield Problem(
                at=at,
                message=f"the signing profile is in {region_of(arn)}, and images are signed in {home}",
                given=shown(arn, 90),
                allowed=f"a profile of {home}, of any account",
                way_out=f"make the profile in {home}",
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
            for prefix in registry.caches_in(registry.home)
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
