"""The metrics that exist: what AWS publishes of a registry, each with the page that says so.

Nothing else is watched: an alarm on a metric that does not exist never speaks, which looks like peace.
docs/alarms.md says what can not be watched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from registry.limits import ECR_GUIDE

USAGE_PAGE: Final = f"{ECR_GUIDE}/monitoring-usage.html"
PULLS_PAGE: Final = f"{ECR_GUIDE}/ecr-repository-metrics.html"
QUEUE_PAGE: Final = (
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"
)
TOPIC_PAGE: Final = "https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html"

#: How often ECR counts resources, in seconds (USAGE_PAGE: "the maximum ... during the 5-minute period").
COUNTED: Final = 300

Statistic = Literal["Maximum", "Sum"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric by its whole set of dimensions: CloudWatch knows it by no part of them."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: Statistic
    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A Metrics Insights query: it finds metrics by some of their dimensions, also those that come later.

    The quotas are watched so because AWS's pages disagree on whether a metric of ECR in AWS/Usage also has the
    dimension `Class`: one that is named with a dimension too few, or too many, is never found.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
    """

    text: str
    page: str


def pulls(repository: str) -> Metric:
    """How often images of a repository are pulled. Where nobody pulls, there is no value, not a zero."""
    return Metric(
        namespace="AWS/ECR",
        name="RepositoryPullCount",
        dimensions=(("RepositoryName", repository),),
        statistic="Sum",
        page=PULLS_PAGE,
    )


def messages(queue: str) -> Metric:
    """How many messages lie in a queue. One that nobody uses for six hours has no value."""
    return Metric(
        namespace="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        dimensions=(("QueueName", queue),),
        statistic="Maximum",
        page=QUEUE_PAGE,
    )


def undelivered(topic: str) -> Metric:
    """How many notifications of a topic came to no subscriber."""
    return Metric(
        namespace="AWS/SNS",
        name="NumberOfNotificationsFailed",
        dimensions=(("TopicName", topic),),
        statistic="Sum",
        page=TOPIC_PAGE,
    )


def images_of_repositories(limit: int) -> Query:
    """The number of images in each repository of a region, those with the most first.

    Also in repositories that no file declares, such as those of a pull-through cache. Ordered and cut, the result
    stays below the 500 series from which CloudWatch would leave some out.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
    """
    return Query(
        text=f"{_counted('ImagesPerRepositoryCount')} GROUP BY ResourceId ORDER BY MAX() DESC LIMIT {limit}",
        page=USAGE_PAGE,
    )


def most_images() -> Query:
    """The number of images in the fullest repository of a region."""
    return Query(text=_counted("ImagesPerRepositoryCount"), page=USAGE_PAGE)


def repositories() -> Query:
    """The number of repositories in a region."""
    return Query(text=_counted("RepositoryCount"), page=USAGE_PAGE)


def calls(action: str) -> Query:
    """How often an action of ECR's API is called in a region."""
    return Query(text=_usage("SUM(CallCount)", "API", action), page=USAGE_PAGE)


def most_pulled(limit: int) -> Query:
    """The repositories of a region that are pulled most, also those that no file declares."""
    words = ('FROM SCHEMA("AWS/ECR", RepositoryName)', "GROUP BY RepositoryName ORDER BY SUM() DESC LIMIT", str(limit))
    return Query(text=" ".join(("SELECT SUM(RepositoryPullCount)", *words)), page=PULLS_PAGE)


def _counted(resource: str) -> str:
    return _usage("MAX(ResourceCount)", "RESOURCE", resource)


def _usage(what: str, kind: str, resource: str) -> str:
    known = {"Service": "ECR", "Type": kind, "Resource": resource}
    where = " AND ".join(f"{key} = '{value}'" for key, value in known.items())
    return " ".join(("SELECT", what, 'FROM "AWS/Usage" WHERE', where))
