"""Which quota ends first as a fleet grows, and what to ask AWS for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from benchmarks.deploys.assumptions import DESCRIBES_A_SECOND, LOOKS_AT_STACK
from benchmarks.fleet import TEAMS, Size, shards_of
from registry.limits import (
    CFN_GUIDE,
    ECR_GUIDE,
    IAM_GUIDE,
    REGISTERED_REPOSITORIES,
    REPLICATION_DESTINATIONS,
    ROLES_OF_AN_ACCOUNT,
    STACK_SET_OPERATIONS,
    STACK_SETS,
    STACKS,
)

CODEPIPELINE: Final = "https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"
GITHUB: Final = "https://docs.github.com/en/actions/reference/limits"
ROLES_OF_A_BOOTSTRAP: Final = 5  # in each region: https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
_MOST: Final = 1 << 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What may be how many, how many of it a fleet needs, and what it grows with: a field of Size.

    `raised` is how: the code in Service Quotas, or what else there is to do.
    """

    name: str
    limit: int
    raised: str
    grows_with: str
    needs: Callable[[Size], int]
    source: str

    def room(self, size: Size) -> float:
        """How much of it a fleet takes, from 0 to 1; more is too much."""
        return self.needs(size) / self.limit

    def largest(self, size: Size) -> int:
        """How large a fleet may become in `grows_with` alone."""
        low, high = 0, _MOST
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._fits(size, middle) else (low, middle - 1)
        return low

    def _fits(self, size: Size, value: int) -> bool:
        grown: Size = replace(size, **{self.grows_with: value})
        return self.needs(grown) <= self.limit


OF_ACCOUNTS: Final = (
    Quota(
        name="jobs of one workflow run on GitHub",
        limit=256,
        raised="no; write a second workflow",
        grows_with="accounts",
        needs=lambda size: size.accounts,
        source=GITHUB,
    ),
    Quota(
        name="replication destinations of a registry",
        limit=REPLICATION_DESTINATIONS,
        raised="no; an ECR-to-ECR cache instead",
        grows_with="regions",
        needs=lambda size: size.regions - 1,
        source=f"{ECR_GUIDE}/service-quotas.html",
    ),
    Quota(
        name="IAM roles of an account",
        limit=ROLES_OF_AN_ACCOUNT[0],
        raised=f"iam L-FE177D64, to {ROLES_OF_AN_ACCOUNT[1]:,}",
        grows_with="regions",
        needs=lambda size: size.regions * ROLES_OF_A_BOOTSTRAP + len(TEAMS) + 2,
        source=f"{IAM_GUIDE}/reference_iam-quotas.html",
    ),
    Quota(
        name="repositories in a region",
        limit=REGISTERED_REPOSITORIES,
        raised="ecr L-CFEB8E8D",
        grows_with="repositories",
        needs=lambda size: -(-size.repositories // size.accounts),
        source=f"{ECR_GUIDE}/service-quotas.html",
    ),
    Quota(
        name="CloudFormation stacks in a region, with Access and the bootstrap",
        limit=STACKS,
        raised="cloudformation L-0485CB21",
        grows_with="repositories",
        needs=lambda size: _stacks(size) + 2,
        source=f"{CFN_GUIDE}/cloudformation-limits.html",
    ),
)
OF_OTHER_ENGINES: Final = (
    Quota(
        name="all in one account: repositories in a region, with the bootstrap's own",
        limit=REGISTERED_REPOSITORIES,
        raised="ecr L-CFEB8E8D",
        grows_with="repositories",
        needs=lambda size: size.repositories + 1,
        source=f"{ECR_GUIDE}/service-quotas.html",
    ),
    Quota(
        name="one file for all: replication destinations",
        limit=REPLICATION_DESTINATIONS,
        raised="no; a file for each account",
        grows_with="accounts",
        needs=lambda size: size.accounts * size.regions - 1,
        source=f"{ECR_GUIDE}/service-quotas.html",
    ),
    Quota(
        name="StackSets: sets of an administrator",
        limit=STACK_SETS,
        raised="cloudformation L-EC62D81A",
        grows_with="accounts",
        needs=lambda size: size.accounts * (_stacks(size) + 1),
        source=f"{CFN_GUIDE}/cloudformation-limits.html",
    ),
    Quota(
        name="StackSets: operations at a time in a region",
        limit=STACK_SET_OPERATIONS,
        raised="cloudformation L-6A4B2F69",
        grows_with="accounts",
        needs=lambda size: size.accounts * (_stacks(size) + 1),
        source=f"{CFN_GUIDE}/cloudformation-limits.html",
    ),
    Quota(
        name="CDK Pipelines: actions of a pipeline, two for a stack",
        limit=500,
        raised="no",
        grows_with="regions",
        needs=lambda size: 2 * (size.regions * _stacks(size) + 1) + 3,
        source=CODEPIPELINE,
    ),
)


def _stacks(size: Size) -> int:
    """As Size.stacks_in_region, for sizes that nobody wants to count one by one."""
    each = -(-size.repositories // size.accounts) // len(TEAMS)
    return 1 + len(TEAMS) * max(1, shards_of(each))


def rows(quotas: Sequence[Quota], size: Size) -> list[list[str]]:
    """A line for each quota, the one that ends first above: what there is, what the fleet takes, where it ends."""
    ordered = sorted(quotas, key=lambda it: -it.room(size))
    return [
        [
            f"[{it.name}]({it.source})",
            f"{it.limit:,}",
            f"{it.needs(size):,}",
            _part(it.room(size)),
            f"{it.largest(size):,} {it.grows_with if it.largest(size) > 1 else it.grows_with[:-1]}",
            it.raised,
        ]
        for it in ordered
    ]


def _part(room: float) -> str:
    if room >= 2:
        return f"{room:.0f} times"
    return f"{room:.0%}" if room >= 0.01 else "under 1%"


def stacks_before_throttling() -> int:
    """How many stacks of one region the CDK CLI may look at before DescribeStacks alone uses its rate up."""
    return int(DESCRIBES_A_SECOND * LOOKS_AT_STACK)
