"""Alarms: what is watched by its numbers, and from which value on somebody is told."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import StrictInt, StrictStr

from registry.limits import (
    ALARM_HOURS,
    CALLS_A_SECOND,
    ECR_GUIDE,
    IMAGES,
    REGISTERED_REPOSITORIES,
    REPOSITORY_FILTER,
    REPOSITORY_NAME_LENGTH,
)
from registry.shape.base import NotNull, NullAsEmpty, Shape, optional, required
from registry.shape.forms import Limit, count, number, text

SUBJECT: Final = "Alarms and dashboards"
#: What an alarm can be about without being told of which repository.
Watched = Literal["images", "repositories", "calls", "delivery"]
#: Actions of ECR's API of which CloudWatch knows how often they are called, and AWS has a quota.
Call = Literal[
    "BatchGetImage",
    "GetDownloadUrlForLayer",
    "GetAuthorizationToken",
    "PutImage",
    "BatchCheckLayerAvailability",
    "InitiateLayerUpload",
    "UploadLayerPart",
    "CompleteLayerUpload",
]

_QUOTAS_PAGE: Final = f"{ECR_GUIDE}/service-quotas.html"
_QUOTA: Final = number(
    Limit(
        "alarm-quota",
        _QUOTAS_PAGE,
        "Write a quota as the number that Service Quotas shows",
        "An alarm compares with this number. AWS raises quotas, and lowers none.",
        subject=SUBJECT,
    ),
    (1, 100_000_000),
    "this is no quota of ECR",
    "a whole number from 1",
)
_PERCENT: Final = number(
    Limit(
        "alarm-quota-percent",
        _QUOTAS_PAGE,
        "Be told between 1 and 99 percent of a quota",
        "At the quota itself pushes are refused already; a raise takes AWS days.",
        subject=SUBJECT,
    ),
    (1, 99),
    "at this percentage nobody could act in time",
    "1 to 99",
)
_HOURS: Final = number(
    Limit(
        "alarm-hours",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
        f"Wait for 1 to {ALARM_HOURS} hours without a pull",
        "CloudWatch looks back over seven days at most.",
        subject=SUBJECT,
    ),
    (1, ALARM_HOURS),
    "CloudWatch cannot wait so long for a pull",
    f"1 to {ALARM_HOURS}",
    unit=" hours",
)
_SOME: Final = count(
    Limit(
        "alarm-repositories",
        "docs/alarms.md",
        "Name at least one repository that somebody always pulls",
        "An empty list watches nothing, and looks as if it did.",
        subject=SUBJECT,
    ),
    (1, None),
    "repositories",
    too_few=("this watches no repository", "name repositories, such as web/shop or web/*, or remove the entry"),
    allowed="at least one repository or pattern",
)
RepositoryPattern = Annotated[
    StrictStr,
    text(
        Limit(
            "alarm-repository",
            "docs/alarms.md",
            "Write a repository's name, with `*` where any text may be",
            "It is compared with names of repositories, which are in lower case.",
            subject=SUBJECT,
        ),
        REPOSITORY_FILTER,
        "no repository can be called so",
        "lower-case letters, digits and wildcards *, with single . _ - or / between them",
        "write a repository's name, or web/* for all names that begin with web/",
        lengths=(1, REPOSITORY_NAME_LENGTH[1]),
    ),
]


class QuotasShape(Shape):
    """AWS's quotas of the region where they are lowest, as Service Quotas shows them."""

    images_per_repository: Annotated[StrictInt, _QUOTA, NotNull] = optional("Images per repository.", IMAGES)
    registered_repositories: Annotated[StrictInt, _QUOTA, NotNull] = optional(
        "Repositories in a region.", REGISTERED_REPOSITORIES
    )
    calls_per_second: Annotated[dict[Call, Annotated[StrictInt, _QUOTA]], NotNull] = optional(
        "Calls a second, of the actions whose rate AWS has raised. The others: "
        + ", ".join(f"{action} {rate:,}" for action, rate in CALLS_A_SECOND.items())
        + ".",
        {},
        examples=[{"PutImage": 20}],
    )


class PullsStopShape(Shape):
    """Repositories that somebody always pulls: when nobody does, something is wrong."""

    repositories: Annotated[tuple[RepositoryPattern, ...], _SOME, NotNull] = required(
        "Their names; `*` is a wildcard.", examples=[["web/shop", "checkout/*"]], uniqueItems=True
    )
    hours: Annotated[StrictInt, _HOURS] = required("After so many hours without a pull.", examples=[6])
    locations: Annotated[tuple[StrictStr, ...], NotNull] = optional(
        "Where they are always pulled: the home, or replicas as `replicas` has them. Without the key, the home.",
        (),
        examples=[["us-west-2"]],
        uniqueItems=True,
    )


class AlarmsShape(Shape):
    """What CloudWatch watches by numbers; docs/alarms.md says what each alarm costs."""

    quota_percent: Annotated[StrictInt, _PERCENT, NotNull] = optional(
        "Be told when so much of a quota is used, in percent.", 80
    )
    quotas: Annotated[QuotasShape, NotNull] = optional(
        "Quotas that AWS has raised; the others are AWS's defaults.", QuotasShape()
    )
    watch: Annotated[tuple[Watched, ...], NotNull] = optional(
        "images: of each repository against the quota. repositories: of the region against the quota. calls: of the "
        "API against the rates that AWS allows. delivery: messages that could not be delivered.",
        ("images", "repositories", "calls", "delivery"),
        examples=[["repositories", "delivery"]],
        uniqueItems=True,
    )
    pulls_stop: Annotated[tuple[PullsStopShape, ...], NotNull] = optional(
        "Repositories that must always be pulled. None without the key: where nobody pulls at night, this would cry "
        "wolf.",
        (),
        examples=[[{"repositories": ["web/*"], "hours": 6}]],
    )


#: The key of `monitoring`: written with nothing behind it, all alarms with their defaults.
Alarms = Annotated[AlarmsShape | None, NullAsEmpty]
