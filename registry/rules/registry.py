"""Rules about the registry: its name, account and regions."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import Severity, YamlPath
from registry.limits import ACCOUNT, ECR_GUIDE, REGION
from registry.locations import located
from registry.naming import partition
from registry.regions import REGIONS, nearest_to
from registry.resolve.registry import home_of
from registry.rules.rule import Problem, RuleContext, rule


def home_known(declared: RuleContext) -> bool:
    """Whether account and region of the home may be what the person means: rules compare others with them.

    Where one of them is refused, or is nearly the name of a region, that alone is told.
    """
    home = home_of(declared.root)
    return bool(ACCOUNT.fullmatch(home.account) and REGION.fullmatch(home.region) and not nearest_to(home.region))


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
        if name not in REGIONS:
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
        elif partition(place.region) != partition(home.region):
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
