"""Names and ids that several places of a file hold: of accounts, regions, repositories, namespaces, prefixes."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import StrictStr

from registry.findings import shown
from registry.limits import (
    ACCOUNT,
    CACHE_PREFIX_LENGTH,
    CFN_GUIDE,
    ECR_API,
    LOCATION,
    MONITORING_TEAM,
    NAMESPACE,
    ORGANIZATION,
    PRINCIPAL_NAME,
    REGION,
    REGISTRY_NAME,
    REPOSITORY_NAME,
    REPOSITORY_NAME_LENGTH,
    REPOSITORY_PREFIX,
    ROOT_PREFIX,
    TEMPLATE_PREFIX_LENGTH,
    TRIAL_NAME,
    anchored,
)
from registry.naming import ROOT_NAMESPACE
from registry.shape.forms import Form, Limit, Refusal, text


def _hyphenated(limit: Limit, pattern: re.Pattern[str], longest: int, noun: str, also: str = "") -> Form:
    """A name that becomes part of AWS's names."""

    def way_out(name: str) -> str:
        near = re.sub(r"[^a-z0-9]+", "-", name.lower()).lstrip("-0123456789")[:longest].rstrip("-")
        return f"write {near}" if pattern.fullmatch(near) else "choose another name"

    allowed = f"2 to {longest} lower-case letters and digits in words joined by single hyphens, a letter first{also}"
    return text(limit, pattern, f"this is not {noun}", allowed, way_out)


def _digits(account: str) -> str:
    digits = re.sub(r"[^0-9]", "", account)
    return f'write "{digits}"' if len(digits) == 12 else "copy it from `aws sts get-caller-identity` in that account"


AccountId = Annotated[
    StrictStr,
    text(
        Limit(
            "account-id",
            f"{ECR_API}/API_ReplicationDestination.html",
            "Write an account id as 12 digits, in quotes",
            "AWS knows an account by its 12 digits, without hyphens. Without quotes YAML reads a number, and a zero at "
            "the front is lost.",
            subject="The registry",
        ),
        ACCOUNT,
        "this is not an AWS account id",
        "12 digits, in quotes",
        _digits,
    ),
]
OrganizationId = Annotated[
    StrictStr,
    text(
        Limit(
            "organization-id",
            "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html",
            "Write an organization by its id, such as o-a1b2c3d4e5",
            "Policies compare this id with aws:PrincipalOrgID. An id that no organization has lets in nobody.",
            subject="Access",
        ),
        ORGANIZATION,
        "this is not the id of an organization",
        "o- and 10 to 32 letters and digits",
        "copy it from `aws organizations describe-organization`",
    ),
]

_REGION: Final = Limit(
    "region",
    f"{ECR_API}/API_ReplicationDestination.html",
    "Write a region by its code, such as ap-northeast-2",
    "Endpoints and ARNs are made of this code, so a name or an availability zone leads nowhere.",
    subject="The registry",
)
_SEE_REGIONS: Final = "see `aws account list-regions`; an availability zone ends with a letter, a region does not"
_CODE: Final = "a region's code, such as ap-northeast-2 or us-west-2"
RegionCode = Annotated[StrictStr, text(_REGION, REGION, "this is not a region", _CODE, _SEE_REGIONS)]


def _refuse_location(name: str) -> Refusal | None:
    if LOCATION.fullmatch(name):
        return None
    if "/" not in name:
        return Refusal("this is not a region", shown(name), _CODE, _SEE_REGIONS)
    allowed = "an account's 12 digits, /, and a region's code, such as 210987654321/us-west-2"
    return Refusal("this is not an account and a region", shown(name), allowed, _SEE_REGIONS)


#: Where something is replicated: a region of the same account, or an account and a region of it.
LocationName = Annotated[StrictStr, Form(_REGION, _refuse_location, {"pattern": anchored(LOCATION)})]

RegistryName = Annotated[
    StrictStr,
    _hyphenated(
        Limit(
            "registry-name",
            f"{CFN_GUIDE}/cfn-using-console-create-stack-parameters.html",
            "Give the registry a name of lower-case words joined by hyphens",
            "The name begins every stack and role name, and CloudFormation and IAM take letters, digits and hyphens of "
            "limited length there.",
            subject="The registry",
        ),
        REGISTRY_NAME,
        32,
        "a registry name",
    ),
]
PrincipalName = Annotated[
    StrictStr,
    _hyphenated(
        Limit(
            "principal-name",
            "docs/access.md",
            "Give a principal a name of lower-case words joined by hyphens",
            "The name ends the name of a role, and IAM takes 64 characters for all of it.",
            subject="Access",
        ),
        PRINCIPAL_NAME,
        31,
        "a principal's name",
        "; ecr-creation is the role of creation templates",
    ),
]
TrialName = Annotated[
    StrictStr,
    _hyphenated(
        Limit(
            "network-trial-name",
            "docs/network.md",
            "Give a trial a name of lower-case words joined by hyphens",
            "The name ends the name of the trial's stack, and CloudFormation takes letters, digits and hyphens there.",
            subject="Private networks",
        ),
        TRIAL_NAME,
        31,
        "a trial's name",
    ),
]

MonitoringTeamName = Annotated[
    StrictStr,
    _hyphenated(
        Limit(
            "monitoring-team-name",
            "docs/monitoring.md",
            "Give a team a name of lower-case words joined by hyphens",
            "The name ends the name of the team's topic, and Amazon SNS takes no other characters there.",
            subject="Monitoring",
        ),
        MONITORING_TEAM,
        31,
        "a team's name",
    ),
]


def _near_repository(name: str) -> str:
    parts = (re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in name.split("/"))
    near = "/".join(filter(None, parts))
    shortest, longest = REPOSITORY_NAME_LENGTH
    legal = REPOSITORY_NAME.fullmatch(near) and shortest <= len(near) <= longest
    return f"write {near}" if legal else "choose another name"


RepositoryName = Annotated[
    StrictStr,
    text(
        Limit(
            "repository-name",
            f"{ECR_API}/API_CreateRepository.html",
            "Name a repository in lower case, as ECR's pattern wants it",
            "ECR refuses any other name, and CloudFormation only finds out in the middle of a deploy.",
            subject="Names of repositories and namespaces",
        ),
        REPOSITORY_NAME,
        "ECR does not accept this repository name",
        f"{REPOSITORY_NAME_LENGTH[0]} to {REPOSITORY_NAME_LENGTH[1]} characters: lower-case words joined by . _ __ or "
        "hyphens, with / between namespace and name",
        _near_repository,
        lengths=REPOSITORY_NAME_LENGTH,
    ),
]


def _first_word(name: str) -> str:
    word = name.split("/")[0]
    return f"write {word}" if NAMESPACE.fullmatch(word) else "rename it"


NamespaceName = Annotated[
    StrictStr,
    text(
        Limit(
            "namespace",
            f"{ECR_API}/API_CreateRepository.html",
            "Name a namespace by the first word of its repositories' names, or `_`",
            "A namespace holds the repositories whose names begin with it and /. No name can begin with another word.",
            subject="Names of repositories and namespaces",
        ),
        re.compile(f"{ROOT_NAMESPACE}|{NAMESPACE.pattern}"),
        "no repository can be in a namespace of this name",
        "the part of repository names before the first /, or _ for names without one",
        _first_word,
    ),
]


def _prefix(limit: Limit, lengths: tuple[int, int]) -> Form:
    """A prefix of repository names, or ROOT; ECR adds the `/` after it itself."""
    shortest, longest = lengths

    def is_legal(prefix: str) -> bool:
        return REPOSITORY_PREFIX.fullmatch(prefix) is not None and shortest <= len(prefix) <= longest

    def nearest(prefix: str) -> str | None:
        if prefix.upper() == ROOT_PREFIX:
            return ROOT_PREFIX
        bare = prefix.strip("/").lower()
        return bare if is_legal(bare) else None

    def message(prefix: str) -> str:
        if nearest(prefix) == prefix.removesuffix("/"):
            return "ECR adds the / after a prefix itself"
        return "ECR does not accept this prefix of repository names"

    return text(
        limit,
        re.compile(f"{ROOT_PREFIX}|{REPOSITORY_PREFIX.pattern}"),
        message,
        f"{shortest} to {longest} characters: lower-case words joined by . _ __ or hyphens, with / between them; or "
        f"{ROOT_PREFIX}, for every name",
        lambda prefix: f"write {near}" if (near := nearest(prefix)) else "choose another prefix",
        lengths=lengths,
    )


TemplatePrefix = Annotated[
    StrictStr,
    _prefix(
        Limit(
            "creation-template-prefix",
            f"{ECR_API}/API_CreateRepositoryCreationTemplate.html",
            "Name a creation template by a prefix of repository names, or ROOT",
            "ECR applies a template to names that begin with its prefix and /, and refuses a prefix that no name can "
            "begin with.",
            subject="Creation templates",
        ),
        TEMPLATE_PREFIX_LENGTH,
    ),
]
#: Its rule says more: what goes with ROOT.
CachePrefix = Annotated[
    StrictStr,
    _prefix(Limit("cache-prefix", f"{ECR_API}/API_CreatePullThroughCacheRule.html"), CACHE_PREFIX_LENGTH),
]
