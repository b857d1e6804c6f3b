"""What the simulation takes for granted: each number with its source, and as a range where AWS publishes none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from registry.limits import CALLS_A_SECOND, ECR_GUIDE, STACK_RESOURCES

HANDLER: Final = "https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-ecr"
#: The calls of one handler of AWS::ECR::Repository, in their order; each has a rate of its own
#: (ECR_GUIDE/common-errors.html). From HANDLER: CreateHandler.java and UpdateHandler.java in aws-ecr-repository
CREATES: Final = ("CreateRepository", "PutLifecyclePolicy", "SetRepositoryPolicy")
UPDATES: Final = (
    *("SetRepositoryPolicy", "PutLifecyclePolicy", "PutImageTagMutability"),
    *("DescribeRepositories", "ListTagsForResource"),
)
#: A throttled call waits so many seconds, and twice as long each time; the AWS SDKs do it with chance between.
#: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 20.0
#: How often the CDK CLI 2.1148 calls DescribeStacks for a stack that it deploys (its source: waitFor). Its calls of
#: DescribeStackEvents, every two seconds (StackActivityMonitor), are not in it: docs/scale.md says so.
LOOKS_AT_STACK: Final = 5.0
#: Of an account in a region. Not published; what AWS told a user: https://github.com/aws/aws-sam-cli/issues/2671
DESCRIBES_A_SECOND: Final = 5.0
#: `make deploy`: Makefile, CONCURRENCY
STACKS_AT_A_TIME: Final = 4
MORE_STACKS_AT_A_TIME: Final = 16
#: Jobs that GitHub runs at the same time, of its plans Team and Enterprise: https://docs.github.com/en/actions/reference/limits
JOBS_AT_A_TIME: Final = 60
MORE_JOBS_AT_A_TIME: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One set of numbers: seconds, and calls a second of one operation in an account and region."""

    calls_a_second: float
    handler: float
    at_a_time: int
    stack: float
    unchanged: float
    sets_a_second: float
    job: float


OPTIMISTIC: Final = Case(
    calls_a_second=100, handler=2, at_a_time=STACK_RESOURCES, stack=15, unchanged=1, sets_a_second=5, job=180
)
LIKELY: Final = Case(calls_a_second=10, handler=5, at_a_time=50, stack=30, unchanged=3, sets_a_second=1, job=360)
PESSIMISTIC: Final = Case(calls_a_second=1, handler=15, at_a_time=10, stack=60, unchanged=6, sets_a_second=0.2, job=900)
CASES: Final = {"optimistic": OPTIMISTIC, "likely": LIKELY, "pessimistic": PESSIMISTIC}

#: What each number of a case is, and where it is from.
_MEANING: Final = {
    "calls_a_second": (
        "calls a second of each operation that creates or changes a repository, in an account and region",
        "Not published. Of ECR's published rates: InitiateLayerUpload's "
        f"{CALLS_A_SECOND['InitiateLayerUpload']}, PutImage's {CALLS_A_SECOND['PutImage']}, the lowest "
        f"([quotas]({ECR_GUIDE}/service-quotas.html)); 1 is the lowest that was ever told "
        "([Shippable #2950](https://github.com/Shippable/support/issues/2950), 2016)",
    ),
    "handler": ("seconds of one repository, its calls not counted", "Not published; assumed"),
    "at_a_time": (
        "repositories of one stack at a time",
        "Not published: what depends on nothing is made "
        "[in parallel](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-deployment-time.html); "
        f"a stack holds {STACK_RESOURCES}",
    ),
    "stack": (
        "seconds of a stack besides its repositories: template, change set, looking",
        "Assumed; the CDK CLI looks every 5 seconds, at the change set and at the stack",
    ),
    "unchanged": ("seconds of a stack that does not change", "Assumed: the CDK CLI compares the templates"),
    "sets_a_second": ("operations of stack sets that can be started in a second", "Not published; assumed"),
    "job": (
        "seconds of a job besides `cdk deploy`: set up, diff, checks, drift",
        "From the runs of [reliability.md](reliability.md) and benchmarks/README.md, with their synths",
    ),
}


def rows() -> Sequence[Sequence[str]]:
    """A line for each number of a case: what it is, the three values, the source."""
    values: list[list[Any]] = [[getattr(case, it.name) for case in CASES.values()] for it in fields(Case)]
    return [
        [meaning, *(f"{value:g}" for value in each), source]
        for (meaning, source), each in zip(_MEANING.values(), values, strict=True)
    ]
