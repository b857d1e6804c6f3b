"""Values of managed signing, and of principals whose pulls are not recorded."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import StrictInt, StrictStr

from registry.findings import shown
from registry.limits import (
    ECR_API,
    ECR_GUIDE,
    EXCLUDED_ARN,
    EXCLUDED_ARN_LENGTH,
    EXCLUSIONS,
    PRINCIPAL_NAME,
    REPOSITORY_FILTERS,
    SIGNATURE_MONTHS,
    SIGNER_GUIDE,
    SIGNING_FILTER_LENGTH,
    SIGNING_PROFILE,
    SIGNING_PROFILE_ARN,
    SIGNING_PROFILE_ARN_LENGTH,
    SIGNING_RULES,
)
from registry.shape.forms import Form, Limit, Refusal, count, exactly_one, number, text
from registry.shape.registry_wide_values import JOIN, filter_of

_SIGNING_API: Final = f"{ECR_API}/API_SigningRule.html"
#: The rule of this id says more: in which region it is.
SigningProfileArn = Annotated[
    StrictStr,
    text(
        Limit("signing-profile", _SIGNING_API),
        SIGNING_PROFILE_ARN,
        "this is not a signing profile",
        f"arn:aws:signer:REGION:ACCOUNT:/signing-profiles/NAME, at most {SIGNING_PROFILE_ARN_LENGTH} characters",
        "copy it from `aws signer list-signing-profiles`, without the version at its end",
        lengths=(0, SIGNING_PROFILE_ARN_LENGTH),
        longest=90,
    ),
]
SigningProfileName = Annotated[
    StrictStr,
    text(
        Limit(
            "signing-profile-name",
            f"{SIGNER_GUIDE}/signing-profiles.html",
            "Name a signing profile with letters, digits and `_`",
            "AWS Signer takes no other name, and an account has a name once in a region.",
            subject="Managed signing",
        ),
        SIGNING_PROFILE,
        "AWS Signer does not take this name of a signing profile",
        "2 to 64 letters, digits and _",
        lambda name: f"write {near}" if len(near := re.sub("[^a-zA-Z0-9]+", "_", name)[:64]) > 1 else "write releases",
    ),
]
SignatureMonths = Annotated[
    StrictInt,
    number(
        Limit(
            "signature-validity",
            f"{SIGNER_GUIDE}/signing-profiles.html",
            f"Let signatures be valid for {SIGNATURE_MONTHS[0]} to {SIGNATURE_MONTHS[1]} months",
            "AWS Signer makes no signature that is valid for longer.",
            subject="Managed signing",
        ),
        SIGNATURE_MONTHS,
        "AWS Signer does not take this number of months",
        f"{SIGNATURE_MONTHS[0]} to {SIGNATURE_MONTHS[1]} months",
    ),
]
SigningFilter = Annotated[
    StrictStr,
    filter_of(
        Limit(
            "signing-filter",
            _SIGNING_API,
            "Write a signing filter as a repository name, with `*` where any text may be",
            "ECR compares filters with repository names, which are in lower case, and refuses other filters.",
            subject="Managed signing",
        ),
        SIGNING_FILTER_LENGTH,
        "signing",
    ),
]
_SIGNING_SIZE: Final = Limit(
    "signing-size",
    _SIGNING_API,
    f"Write at most {SIGNING_RULES} signing rules, each with 1 to {REPOSITORY_FILTERS} filters",
    "ECR refuses a larger signing configuration. A rule with an empty list of filters signs nothing.",
    subject="Managed signing",
)
ONE_PROFILE: Final = exactly_one(
    Limit(
        "signing-one-profile",
        _SIGNING_API,
        "Let a signing rule name one profile: made here, or by its ARN",
        "A rule of ECR signs with one profile. A profile that is made here is known by its name alone.",
        subject="Managed signing",
    ),
    ("signing_profile", "signing_profile_arn"),
    "a signing rule signs with one profile",
    "signing_profile, the name of one under signing_profiles; or signing_profile_arn, of one that exists",
    ("write signing_profile: releases, and signing_profiles: {releases: }", "remove one of the two"),
)
_EXCLUSIONS_PAGE: Final = f"{ECR_GUIDE}/pull-time-update-exclusions.html"


def _refuse_excluded(value: str) -> Refusal | None:
    if PRINCIPAL_NAME.fullmatch(value) or (EXCLUDED_ARN.fullmatch(value) and len(value) <= EXCLUDED_ARN_LENGTH):
        return None
    session = ":assumed-role/" in value
    return Refusal(
        "ECR does not exclude this from recorded pulls",
        shown(value, 90),
        "a name under principals, or arn:aws:iam::ACCOUNT:role/NAME or user/NAME",
        "name the role, not its session" if session else "copy the ARN of the role that pulls",
    )


ExcludedPrincipal = Annotated[
    StrictStr,
    Form(
        Limit(
            "pull-exclusion-principal",
            f"{ECR_API}/API_RegisterPullTimeUpdateExclusion.html",
            "Exclude roles and users from recorded pulls, by name or ARN",
            "ECR takes the ARN of a role or a user and nothing else; accounts and sessions are none.",
            subject="Recorded pulls",
        ),
        _refuse_excluded,
    ),
]
EXCLUSION_COUNT: Final = count(
    Limit(
        "pull-exclusion-count",
        _EXCLUSIONS_PAGE,
        f"Exclude at most {EXCLUSIONS} principals from recorded pulls",
        "A registry takes no more.",
        subject="Recorded pulls",
    ),
    (0, EXCLUSIONS),
    "principals",
    too_many=("there are too many exclusions", "let scanners pull in one role"),
)
SIGNING_RULE_COUNT: Final = count(
    _SIGNING_SIZE,
    (0, SIGNING_RULES),
    "rules",
    too_many=("there are too many signing rules", "join the filters of rules with the same profile"),
)
_FILTER_COUNT: Final = count(
    _SIGNING_SIZE,
    (1, REPOSITORY_FILTERS),
    "filters",
    too_few=("this signing rule signs nothing", "remove the key, or the rule"),
    too_many=("this signing rule has too many filters", JOIN),
    allowed=f"1 to {REPOSITORY_FILTERS} filters, or no such key for all repositories",
)
SigningFilters = Annotated[tuple[SigningFilter, ...], _FILTER_COUNT]
