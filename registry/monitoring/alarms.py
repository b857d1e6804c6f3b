"""The alarms of a registry as plain data: what is measured, from which value on, and what to do then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from registry import naming
from registry.model import Quotas
from registry.monitoring import metrics, names
from registry.monitoring.metrics import Metric, Query

#: What CloudWatch shows at most of one alarm that watches many series: each is told by its name.
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html
CONTRIBUTORS: Final = 100
DESCRIPTION_LENGTH: Final = 1024  # PutMetricAlarm (API)

#: The id of the one that names repositories of any namespace.
IMAGES: Final = "ImagesAlarm"

Missing = Literal["breaching", "notBreaching", "ignore"]
Comparison = Literal["GreaterThanThreshold", "LessThanThreshold"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One alarm. It fires when of the last `periods` values, `period` seconds each, `breaching` pass the threshold.

    `id` is its logical id in the stack, and with the registry's name its name in CloudWatch. `missing` is what a
    value that is not there counts as. `repository` is the one it is about: who owns it hears, too.
    """

    id: str
    name: str
    description: str
    measured: Metric | Query
    comparison: Comparison
    threshold: float
    period: int
    periods: int
    breaching: int
    missing: Missing
    repository: str | None = None


def images(registry: str, quotas: Quotas) -> Alarm:
    """A repository near its quota of images: at the quota ECR refuses every push (aws/containers-roadmap #578)."""
    most = quotas.images_per_repository
    return Alarm(
        id=IMAGES,
        name=names.alarm_name(registry, "images"),
        description=f"A repository has more than {quotas.percent} percent of the {most:,} images that AWS allows in "
        "one. At the quota ECR refuses every push to it, with 403 Forbidden. The alarm names the repository as "
        "a contributor (ResourceId). What to do: give it a lifecycle that expires more, or request a higher quota "
        "(Service Quotas, Amazon ECR, Images per repository), then write it under monitoring.alarms.quotas.",
        measured=metrics.images_of_repositories(CONTRIBUTORS),
        comparison="GreaterThanThreshold",
        threshold=most * quotas.percent / 100,
        period=metrics.COUNTED,
        periods=3,
        breaching=3,
        missing="ignore",
    )


def repositories(registry: str, quotas: Quotas) -> Alarm:
    """A region near its quota of repositories: at the quota nothing creates another one."""
    most = quotas.registered_repositories
    return Alarm(
        id="RepositoriesAlarm",
        name=names.alarm_name(registry, "repositories"),
        description=f"The region has more than {quotas.percent} percent of the {most:,} repositories that AWS allows. "
        "At the quota no deploy, no pull-through cache and no replication creates another one. What to do: look for "
        "repositories that something creates on its own (creation templates, pull-through caches), or request a "
        "higher quota (Service Quotas, Amazon ECR, Registered repositories), then write it under "
        "monitoring.alarms.quotas.",
        measured=metrics.repositories(),
        comparison="GreaterThanThreshold",
        threshold=most * quotas.percent / 100,
        period=metrics.COUNTED,
        periods=3,
        breaching=3,
        missing="ignore",
    )


def calls(registry: str, quotas: Quotas) -> Iterator[Alarm]:
    """An action called nearly as often as AWS allows: above the quota ECR throttles it.

    ECR publishes no metric of throttled calls. These are averages of a minute, so that a shorter burst is not seen.
    """
    for action, rate in quotas.calls_per_second.items():
        yield Alarm(
            id=f"Calls{action}Alarm",
            name=names.alarm_name(registry, f"calls-{action}"),
            description=f"For three of five minutes {action} was called more than {quotas.percent} percent of the "
            f"{rate:,} times a second that AWS allows. Above the quota ECR throttles calls: pulls and pushes slow down "
            "or fail with 429 Too Many Requests. What to do: see in CloudTrail who calls so often, start fewer tasks "
            f"or builds at once, or request a higher quota (Service Quotas, Amazon ECR, Rate of {action} requests) and "
            "write it under monitoring.alarms.quotas.",
            measured=metrics.calls(action),
            comparison="GreaterThanThreshold",
            threshold=rate * 60 * quotas.percent / 100,
            period=60,
            periods=5,
            breaching=3,
            missing="notBreaching",
        )


def no_pulls(registry: str, repository: str, hours: int) -> Alarm:
    """Nobody has pulled from a repository for so many hours.

    A repository that nobody pulls has no values at all, so what is missing counts as none pulled.
    """
    return Alarm(
        id=naming.logical_id(repository, "NoPullsAlarm"),
        name=names.alarm_name(registry, "no-pulls", repository),
        description=f"For {hours} {'hour' if hours == 1 else 'hours'} nobody has pulled an image of {repository}, "
        "though the registry's file says that somebody always does. Perhaps a permission or a network has changed, or "
        "a deployment uses another registry. What to do: see whether it runs what it should, and pull one image by "
        "hand with its role. If it is no longer pulled so often, change monitoring.alarms.pulls_stop.",
        measured=metrics.pulls(repository),
        comparison="LessThanThreshold",
        threshold=1,
        period=3600,
        periods=hours,
        breaching=hours,
        missing="breaching",
        repository=repository,
    )


def undelivered_events(registry: str, queue: str) -> Alarm:
    """An event that came to no topic, or a message that came to no target, lies in the dead-letter queue."""
    return _at_the_first(
        id="UndeliveredAlarm",
        name=names.alarm_name(registry, "undelivered"),
        description="EventBridge or SNS could not deliver something, and has put it into the dead-letter queue "
        f"{queue}: somebody was not told. Often an endpoint no longer answers, or the policy or the KMS key of a topic "
        "or queue has changed. What to do: read the messages of the queue (the attributes of those of EventBridge say "
        "why), put it right, then delete them. The alarm ends when the queue is empty.",
        measured=metrics.messages(queue),
    )


def failed_notifications(registry: str, topic: str, team: str | None) -> Alarm:
    """A notification that did not reach a subscriber of a topic: that of a team, or of everybody.

    Of mails only this says so: they have no queue of what was not delivered.
    """
    return _at_the_first(
        id=naming.logical_id(team or "", "NotificationsAlarm"),
        name=names.alarm_name(registry, "notifications-failed", team or ""),
        description=f"SNS could not deliver notifications of the topic {topic} to a subscriber: somebody was not told "
        "of something. What to do: see whether the HTTPS endpoint answers, and whether the policy and the key of the "
        "SQS queue let SNS in; other subscribers of the topic have been told.",
        measured=metrics.undelivered(topic),
    )


def _at_the_first(*, id: str, name: str, description: str, measured: Metric) -> Alarm:
    """An alarm of what must not happen once."""
    return Alarm(
        id=id,
        name=name,
        description=description,
        measured=measured,
        comparison="GreaterThanThreshold",
        threshold=0,
        period=300,
        periods=1,
        breaching=1,
        missing="notBreaching",
    )
