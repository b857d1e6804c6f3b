"""Values of monitoring: addresses, ARNs, and how many of each there may be."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import StrictStr

from registry.findings import shown
from registry.limits import (
    EMAIL,
    HTTPS_URL,
    MICROSOFT_CHANNEL,
    MICROSOFT_CHANNEL_LENGTH,
    MICROSOFT_ID,
    QUEUE_ARN,
    SLACK_CHANNEL,
    SLACK_WORKSPACE,
    TRAIL_ARN,
)
from registry.shape.forms import Form, Limit, Refusal, count, each_once, text

_TARGET: Final = Limit(
    "monitoring-target",
    "https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html",
    "Write an address that Amazon SNS can send to: e-mail, HTTPS, or the ARN of an SQS queue",
    "Amazon SNS refuses a subscription with another endpoint, in the middle of a deploy. Plain HTTP would carry "
    "messages unencrypted.",
    subject="Monitoring",
)
EmailAddress = Annotated[
    StrictStr,
    text(
        _TARGET,
        EMAIL,
        "this is not an e-mail address",
        "one address, such as platform@example.com",
        "write the address alone, without a name",
        lengths=(3, 320),
    ),
]


def _refuse_url(value: str) -> Refusal | None:
    if HTTPS_URL.fullmatch(value):
        return None
    secret = "@" in value.partition("://")[2].partition("/")[0]
    return Refusal(
        "this URL has a password in it, which everybody who sees the template would read"
        if secret
        else "this is not an HTTPS URL",
        "a URL with @ before its path" if secret else shown(value),
        "https://HOST/PATH, without user and password",
        "let the endpoint check the signature of the message: docs/monitoring.md"
        if secret
        else "write the endpoint's https:// address",
    )


HttpsUrl = Annotated[StrictStr, Form(_TARGET, _refuse_url, {"pattern": f"^(?:{HTTPS_URL.pattern})$"})]
QueueArn = Annotated[
    StrictStr,
    text(
        _TARGET,
        QUEUE_ARN,
        "this is not the ARN of a standard SQS queue",
        "arn:aws:sqs:REGION:ACCOUNT:NAME; a FIFO queue takes no messages of a standard topic",
        "copy it from `aws sqs get-queue-attributes --attribute-names QueueArn`",
        longest=90,
    ),
]
_CHANNEL: Final = Limit(
    "monitoring-channel",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Chatbot.html",
    "Write a chat channel by its ids, not by its name",
    "Amazon Q Developer in chat applications knows channels by ids, and refuses a configuration with a name in the "
    "middle of a deploy.",
    subject="Monitoring",
)
SlackWorkspace = Annotated[
    StrictStr,
    text(
        _CHANNEL,
        SLACK_WORKSPACE,
        "this is not the id of a Slack workspace",
        "capitals and digits, such as T0123ABCD",
        "copy it from the console of Amazon Q Developer in chat applications, where the workspace is authorized",
    ),
]
SlackChannelId = Annotated[
    StrictStr,
    text(
        _CHANNEL,
        SLACK_CHANNEL,
        "this is not the id of a Slack channel",
        "letters and digits, such as C0123ABCD",
        "copy the channel's link in Slack: the id is its last part",
    ),
]
MicrosoftId = Annotated[
    StrictStr,
    text(
        _CHANNEL,
        MICROSOFT_ID,
        "this is not an id of Microsoft",
        "an id such as 01234567-89ab-cdef-0123-456789abcdef",
        "copy it from the console of Amazon Q Developer in chat applications, where the team is authorized",
    ),
]
MicrosoftChannelId = Annotated[
    StrictStr,
    text(
        _CHANNEL,
        MICROSOFT_CHANNEL,
        "this is not the id of a channel of Microsoft Teams",
        "an id as it stands in a link, such as 19%3a0123456789abcdef%40thread.tacv2",
        "copy the channel's link in Microsoft Teams: the id is between channel/ and the next /",
        lengths=MICROSOFT_CHANNEL_LENGTH,
    ),
]
#: The rule of this id says more: which events need one.
TrailArn = Annotated[
    StrictStr,
    text(
        Limit(
            "monitoring-trail",
            "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html",
        ),
        TRAIL_ARN,
        "this is not a trail",
        "arn:aws:cloudtrail:REGION:ACCOUNT:trail/NAME",
        "copy it from `aws cloudtrail describe-trails`",
        longest=90,
    ),
]


EVENTS: Final = each_once(
    Limit(
        "monitoring-events",
        "docs/monitoring.md",
        "Name each kind of event once, or write no events",
        "Each kind becomes one EventBridge rule for each topic. An empty list would make topics that never speak.",
        subject="Monitoring",
    ),
    "event",
    "nobody hears of anything",
    "each kind",
    "remove the key events, or the key monitoring",
)
HEARD: Final = count(
    Limit(
        "monitoring-namespaces",
        "docs/monitoring.md",
        "Name at least one namespace of a team",
        "A team with an empty list hears of nothing.",
        subject="Monitoring",
    ),
    (1, None),
    "namespaces",
    too_few=("this team hears of nothing", "name its namespaces, or remove the team"),
    allowed="at least one namespace",
)
