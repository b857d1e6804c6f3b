"""Rules about the registry: its name, account and regions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.findings import Severity, YamlPath, shown
from registry.limits import ACCOUNT, CFN_GUIDE, ECR_API, ECR_GUIDE, LOCATION, REGION, REGISTRY_NAME
from registry.locations import located
from registry.naming import partition
from registry.regions import REGIONS, nearest_to
from registry.resolve.registry import home_of
from registry.rules.rule import Problem, RuleContext, rule


@rule(
    "registry-name",
    "The registry's name begins every stack and role name",
    f"{CFN_GUIDE}/cfn-using-console-create-stack-parameters.html",
)
def registry_name(declared: RuleContext) -> Iterator[Problem]:
    """Every stack and role name begins with it, and CloudFormation and IAM refuse other characters."""
    name = declared.root.registry.name
    if not REGISTRY_NAME.fullmatch(name):
        near = re.sub(r"[^a-z0-9]+", "-", name.lower()).lstrip("-0123456789")[:32].rstrip("-")
        yield Problem(
            at=("registry", "name"),
            message="this is not a registry name",
            given=shown(name),
            allowed="2 to 32 lower-case letters and digits in words joined by single hyphens, a letter first",
            way_out=f"write {near}" if REGISTRY_NAME.fullmatch(near) else "choose another name, such as acme",
        )


@rule("account-id", "An account id has twelve digits", f"{ECR_API}/API_ReplicationDestination.html")
def account_id(declared: RuleContext) -> Iterator[Problem]:
    """With another value every ARN of the registry is wrong."""
    account = declared.root.registry.account
    if not ACCOUNT.fullmatch(account):
        digits = re.sub(r"[^0-9]", "", account)
        yield Problem(
            at=("registry", "account"),
            message="this is not an AWS account id",
            given=shown(account),
            allowed="12 digits, in quotes",
            way_out=f'write "{digits}"' if len(digits) == 12 else "copy it from `aws sts get-caller-identity`",
        )


def home_known(declared: RuleContext) -> bool:
    """Whether account and region of the home may be what the person means: rules compare others with them.

    Where one of them is refused, or is nearly the name of a region, that alone is told.
    """
    home = home_of(declared.root)
    return bool(ACCOUNT.fullmatch(home.account) and REGION.fullmatch(home.region) and not nearest_to(home.region))


@rule("region", "A region is written as AWS writes it", f"{ECR_API}/API_ReplicationDestination.html")
def region(declared: RuleContext) -> Iterator[Problem]:
    """AWS has no endpoint for a region that is written another way, so nothing can be deployed there."""
    home = declared.root.registry.region
    written = [(("registry", "region"), home, REGION.fullmatch(home), False)]
    written += [(("replicas", name), name, LOCATION.fullmatch(name), True) for name in declared.root.replicas]
    for at, name, legal, is_key in written:
        if not legal:
            account = is_key and "/" in name
            yield Problem(
                at=at,
                message="this is not an account and a region" if account else "this is not a region",
                given=shown(name),
                allowed="an account's 12 digits, /, and a region's code, such as 210987654321/us-west-2"
                if account
                else "a region's code, such as ap-northeast-2 or us-west-2",
                way_out="see `aws account list-regions`; an availability zone ends with a letter, a region does not",
                key=is_key,
            )


@rule(
    "region-known",
    "Use a region that has Amazon ECR",
    "https://docs.aws.amazon.com/general/latest/gr/ecr.html",
    Severity.WARNING,
)
def region_known(declared: RuleContext) -> Iterator[Problem]:
    """A misspelled region is found only when the deploy cannot reach it."""
    home = home_of(declared.root)
    written: list[tuple[YamlPath, str]] = [(("registry", "region"), home.region)]
    written += [(("replicas", name), located(name, home.account).region) for name in declared.root.replicas]
    for at, name in written:
        if name not in REGIONS and REGION.fullmatch(name):
            yield Problem(
                at=at,
                message=f"{name} is not a known region",
                given=name,
                allowed="regions that botocore lists for ECR",
                way_out=nearest_to(name) or "see `aws account list-regions`, and accept this warning if it is there",
                key=at[0] == "replicas",
            )


@rule(
    "replica-region", "Replicate to another region or account, in the same partition", f"{ECR_GUIDE}/replication.html"
)
def replica_region(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses a destination that is the registry itself, or that is in another partition."""
    home = home_of(declared.root)
    for replica in declared.root.replicas:
        at, place = ("replicas", replica), located(replica, home.account)
        if place == home:
            yield Problem(
                at=at,
                message="the home region cannot be its own replica",
                given=replica,
                allowed=f"a region other than {home.region}, or one of another account",
                way_out="remove it",
                key=True,
            )
        elif LOCATION.fullmatch(replica) and partition(place.region) != partition(home.region):
            yield Problem(
                at=at,
                message=f"ECR does not replicate from {partition(home.region)} to {partition(place.region)}",
                given=replica,
                allowed=f"regions of {partition(home.region)}, as {home.region} is",
                way_out="declare the registry of the other partition in a file of its own",
                key=True,
            )
        elif replica != place.beside(home):
            yield Problem(
                at=at,
                message="a region of the registry's own account is written without the account id",
                given=replica,
                allowed=f"{place.region}, or the region of another account",
                way_out=f"write {place.region}",
                key=True,
            )
