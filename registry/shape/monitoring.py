"""Who hears of what happens in the registry: keys of the root file."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import StrictStr

from registry.shape.alarms import Alarms
from registry.shape.base import NotNull, Shape, TextOr, optional, required
from registry.shape.forms import Form, Limit, exactly_one
from registry.shape.monitoring_values import (
    EVENTS,
    HEARD,
    EmailAddress,
    HttpsUrl,
    MicrosoftChannelId,
    MicrosoftId,
    QueueArn,
    SlackChannelId,
    SlackWorkspace,
    TrailArn,
)
from registry.shape.names import MonitoringTeamName, NamespaceName
from registry.shape.settings import KmsKeyName

#: Severities of findings, the worst first, as ECR and Amazon Inspector both write them.
FindingSeverity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW"]
#: What one can hear of: registry/monitoring/events.py has a row for each.
EventKind = Literal[
    "scans",
    "findings",
    "replication",
    "pull_through_cache",
    "tags",
    "deletions",
    "lifecycles",
    "policies",
    "settings",
]


class SlackChannelShape(Shape):
    """A channel of Slack, of a workspace that is authorized in every account: docs/monitoring.md."""

    workspace: SlackWorkspace = required("Id of the workspace.", examples=["T0123ABCD"])
    channel: SlackChannelId = required("Id of the channel.", examples=["C0123ABCD"])


class MicrosoftTeamsChannelShape(Shape):
    """A channel of Microsoft Teams, of a team that is authorized in every account: docs/monitoring.md."""

    tenant: MicrosoftId = required("Id of the tenant.", examples=["01234567-89ab-cdef-0123-456789abcdef"])
    team: MicrosoftId = required("Id of the team.", examples=["76543210-89ab-cdef-0123-456789abcdef"])
    channel: MicrosoftChannelId = required(
        "Id of the channel, as it stands in its link.", examples=["19%3a0123456789abcdef%40thread.tacv2"]
    )


class TargetsShape(Shape):
    """Where messages go."""

    email: Annotated[tuple[EmailAddress, ...], NotNull] = optional(
        "E-mail addresses; each gets a mail from Amazon SNS first, and must confirm it.",
        (),
        examples=[["platform@example.com"]],
        uniqueItems=True,
    )
    https: Annotated[tuple[HttpsUrl, ...], NotNull] = optional(
        "Endpoints that take a POST; each must confirm the subscription. No secret in it: it stands in the template.",
        (),
        examples=[["https://hooks.example.com/ecr"]],
        uniqueItems=True,
    )
    sqs: Annotated[tuple[QueueArn, ...], NotNull] = optional(
        "SQS queues by ARN, whose policies let Amazon SNS send from the topic: docs/monitoring.md.",
        (),
        examples=[["arn:aws:sqs:ap-northeast-2:123456789012:ecr-events"]],
        uniqueItems=True,
    )
    slack: Annotated[tuple[SlackChannelShape, ...], NotNull] = optional(
        "Channels of Slack, through Amazon Q Developer in chat applications.",
        (),
        examples=[[{"workspace": "T0123ABCD", "channel": "C0123ABCD"}]],
    )
    microsoft_teams: Annotated[tuple[MicrosoftTeamsChannelShape, ...], NotNull] = optional(
        "Channels of Microsoft Teams, through Amazon Q Developer in chat applications.",
        (),
        examples=[
            [
                {
                    "tenant": "01234567-89ab-cdef-0123-456789abcdef",
                    "team": "76543210-89ab-cdef-0123-456789abcdef",
                    "channel": "19%3a0123456789abcdef%40thread.tacv2",
                }
            ]
        ],
    )


_OF_A_TEAM = exactly_one(
    Limit(
        "monitoring-team",
        "docs/monitoring.md",
        "Give a team either namespaces or an owner",
        "A team hears of its own repositories. Without either, nobody knows which these are.",
        subject="Monitoring",
    ),
    ("namespaces", "owner"),
    lambda said: "this team is described twice" if said else "this team has neither namespaces nor owner",
    "exactly one of namespaces and owner",
    ("write namespaces, or owner as the repositories have it", "keep one; two teams can have the same targets"),
    none="neither",
)


class MonitoringTeamShape(TargetsShape):
    """A team that hears of its own repositories. Exactly one of namespaces and owner."""

    forms: ClassVar[tuple[Form, ...]] = (_OF_A_TEAM,)

    namespaces: Annotated[tuple[NamespaceName, ...] | None, HEARD, NotNull] = optional(
        "Its namespaces; `_` stands for names without `/`.", examples=[["web"]], uniqueItems=True
    )
    owner: Annotated[StrictStr | None, NotNull] = optional(
        "Its repositories are those with this `owner`.", examples=["team-web"]
    )
    severity: Annotated[FindingSeverity | None, NotNull] = optional(
        "Scan findings at or above this severity. Without the key, as for everybody.", examples=["CRITICAL"]
    )


class MonitoringShape(TargetsShape):
    """What is watched in every location of the registry, and who hears of it."""

    severity: Annotated[FindingSeverity, NotNull] = optional("Scan findings at or above this severity.", "HIGH")
    events: Annotated[tuple[EventKind, ...] | None, EVENTS, NotNull] = optional(
        "What is told: docs/monitoring.md. Without the key everything but `lifecycles`; what people do (deletions, "
        "policies, settings) where `trail` is written.",
        examples=[["scans", "replication", "deletions"]],
    )
    trail: Annotated[TrailArn | None, NotNull] = optional(
        "The trail that records management events in every region of the registry. Only through one do deletions, "
        "lifecycle runs and changes of policies and settings become events.",
        examples=["arn:aws:cloudtrail:ap-northeast-2:123456789012:trail/management"],
    )
    kms_key: Annotated[dict[StrictStr, KmsKeyName], TextOr("region"), NotNull] = optional(
        "A KMS key that exists, for the topics: alias, id or ARN, or a map from region to one. Its policy must let "
        "EventBridge use it: docs/monitoring.md. Without the key, each location gets one.",
        {},
        examples=["alias/messages"],
    )
    teams: Annotated[dict[MonitoringTeamName, MonitoringTeamShape], NotNull] = optional(
        "Teams that hear of their own repositories, by name; in addition to those above, who hear of everything.",
        {},
        examples=[{"web": {"namespaces": ["web"], "email": ["web@example.com"]}}],
    )
    alarms: Alarms = optional(
        "Alarms on numbers: quotas, rates, pulls that stop, messages that are not delivered. Without the key none; "
        "with nothing behind it those of the defaults.",
        examples=[{"quota_percent": 80}],
    )
    dashboards: Annotated[tuple[StrictStr, ...], NotNull] = optional(
        "Namespaces that get a CloudWatch dashboard; `*` is every namespace. With any, one shows the whole registry.",
        (),
        examples=[["*"], ["web", "checkout"]],
        uniqueItems=True,
    )
