"""Values of what AWS keeps once per account and region: filters, days, ARNs, and how many of each there may be."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import StrictInt, StrictStr

from registry.limits import (
    CREDENTIAL_ARN,
    CREDENTIAL_ARN_LENGTH,
    ECR_API,
    ECR_GUIDE,
    KMS_ALIAS,
    KMS_API,
    PENDING_DAYS,
    REPOSITORY_FILTER,
    REPOSITORY_FILTERS,
    ROLE_ARN,
    ROLE_ARN_LENGTH,
    ROTATION_DAYS,
    SCANNING_FILTER_LENGTH,
    TEMPLATE_DESCRIPTION_LENGTH,
)
from registry.shape.forms import Form, Limit, Refusal, count, each_once, number, text

_SCANNING_API: Final = f"{ECR_API}/API_PutRegistryScanningConfiguration.html"
_TEMPLATE_API: Final = f"{ECR_API}/API_CreateRepositoryCreationTemplate.html"
JOIN: Final = "join several with a wildcard, such as web/* for a namespace"


def filter_of(limit: Limit, longest: int, noun: str) -> Form:
    """A repository's name in which `*` is a wildcard."""
    return text(
        limit,
        REPOSITORY_FILTER,
        f"ECR does not accept this {noun} filter",
        f"1 to {longest} lower-case letters, digits and wildcards *, with single . _ - or / between them",
        "write a repository's name, or web/* for all names that begin with web/",
        lengths=(1, longest),
    )


ScanningFilter = Annotated[
    StrictStr,
    filter_of(
        Limit(
            "scanning-filter",
            _SCANNING_API,
            "Write a scanning filter as a repository name, with `*` where any text may be",
            "ECR compares filters with repository names, which are in lower case, and refuses other filters.",
            subject="Scanning",
        ),
        SCANNING_FILTER_LENGTH,
        "scanning",
    ),
]
_SCANNING_COUNT: Final = count(
    Limit(
        "scanning-filter-count",
        _SCANNING_API,
        f"Write at most {REPOSITORY_FILTERS} filters for a kind of scan",
        "A kind of scan is one scanning rule, and ECR takes no more filters in a rule.",
        subject="Scanning",
    ),
    (0, REPOSITORY_FILTERS),
    "filters",
    too_many=("there are too many scanning filters", JOIN),
)
ScanningFilters = Annotated[tuple[ScanningFilter, ...], _SCANNING_COUNT]


def _role(limit: Limit) -> Form:
    """A role that ECR assumes; the rule of the id says more: in which account it is."""
    return text(
        limit,
        ROLE_ARN,
        "this is not a role ECR can assume",
        "arn:aws:iam::ACCOUNT:role/NAME, of the registry's account; CloudFormation takes no path before the name",
        "make a role for it in this account, and write its ARN",
        lengths=(0, ROLE_ARN_LENGTH),
        longest=90,
    )


TemplateRole = Annotated[
    StrictStr, _role(Limit("creation-template-role", f"{ECR_GUIDE}/repository-creation-templates.html"))
]
CacheRole = Annotated[StrictStr, _role(Limit("cache-role", f"{ECR_GUIDE}/pull-through-cache-private.html"))]


APPLIED_FOR: Final = each_once(
    Limit(
        "creation-template-applied-for",
        _TEMPLATE_API,
        "Name each kind of creation that a template is for once",
        "A template that is applied for nothing is never used, and ECR refuses a list that repeats itself.",
        subject="Creation templates",
    ),
    "creation",
    "this template does nothing",
    "each of REPLICATION, PULL_THROUGH_CACHE and CREATE_ON_PUSH",
    "write one, or remove the template",
)


def _refuse_description(words: str) -> Refusal | None:
    if len(words) <= TEMPLATE_DESCRIPTION_LENGTH:
        return None
    return Refusal(
        "this description is too long for ECR",
        f"{len(words):,} characters",
        f"at most {TEMPLATE_DESCRIPTION_LENGTH}",
        "shorten it; a comment in this file can say the rest",
    )


Description = Annotated[
    StrictStr,
    Form(
        Limit(
            "creation-template-description",
            _TEMPLATE_API,
            f"Describe a creation template in at most {TEMPLATE_DESCRIPTION_LENGTH} characters",
            "ECR refuses a longer description.",
            subject="Creation templates",
        ),
        _refuse_description,
        {"maxLength": TEMPLATE_DESCRIPTION_LENGTH},
    ),
]

_DAYS: Final = Limit(
    "kms-key-days",
    f"{KMS_API}/API_EnableKeyRotation.html",
    "Give the days of a KMS key within KMS's bounds",
    f"KMS rotates a key every {ROTATION_DAYS[0]} to {ROTATION_DAYS[1]:,} days and waits {PENDING_DAYS[0]} to "
    f"{PENDING_DAYS[1]} days before it deletes one. It refuses other numbers.",
    subject="KMS keys that the registry makes",
)


def _days(bounds: tuple[int, int]) -> Form:
    return number(_DAYS, bounds, "KMS does not take this number of days", f"{bounds[0]} to {bounds[1]:,} days")


RotationDays = Annotated[StrictInt, _days(ROTATION_DAYS)]
PendingDays = Annotated[StrictInt, _days(PENDING_DAYS)]


def _near_alias(alias: str) -> str:
    near = f"alias/{alias.removeprefix('alias/').removeprefix('aws/')}"
    return f"write {near}" if KMS_ALIAS.fullmatch(near) else "write one such as alias/images"


KmsAlias = Annotated[
    StrictStr,
    text(
        Limit(
            "kms-alias",
            f"{KMS_API}/API_CreateAlias.html",
            "Name a key that is made here by an alias, such as alias/images",
            "KMS makes no other name for a key, and aliases that begin with alias/aws/ are AWS's own.",
            subject="KMS keys that the registry makes",
        ),
        KMS_ALIAS,
        "KMS does not take this alias",
        "alias/ and letters, digits, / _ and -; alias/aws/ is AWS's own",
        _near_alias,
    ),
]
#: The rule of this id says more: which upstream needs one, and in which account and region it is.
CredentialArn = Annotated[
    StrictStr,
    text(
        Limit("cache-credential", f"{ECR_GUIDE}/pull-through-cache-creating-secret.html"),
        CREDENTIAL_ARN,
        "this is not a secret that a pull-through cache can use",
        "arn:aws:secretsmanager:REGION:ACCOUNT:secret:ecr-pullthroughcache/NAME-AbCdEf",
        "copy the ARN of a secret whose name begins with ecr-pullthroughcache/",
        lengths=CREDENTIAL_ARN_LENGTH,
        longest=120,
    ),
]
