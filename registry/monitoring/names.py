"""Names of what watches a registry: injective, and a contract, as those of registry/naming.py are."""

from __future__ import annotations

from typing import Final

from registry import naming
from registry.limits import EVENT_RULE_NAME_LENGTH
from registry.locations import Location

#: Characters of a namespace or a repository in a name; with a registry's 32 it stays within the 255 of CloudWatch.
_LONGEST: Final = 180


def topic_name(registry: str, team: str | None) -> str:
    """Name of the SNS topic of everybody, or of a team: neither name of the two has an underscore."""
    return f"{registry}-ecr-monitoring" + (f"_{team}" if team else "")


def chat_topic_name(registry: str, team: str | None) -> str:
    """Name of the SNS topic of the chat channels of everybody, or of a team: `acme-ecr-monitoring_web_chat`."""
    return f"{registry}-ecr-monitoring_{team or ''}_chat"


def chat_prefix(registry: str) -> str:
    """What the names of all chat configurations of a registry begin with."""
    return f"{registry}-ecr-chat-"


def chat_arns(registry: str, account: str, region: str) -> str:
    """The ARNs of all chat configurations of a registry in an account, for a policy: they have no region.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awschatbot.html
    """
    return f"arn:{naming.partition(region)}:chatbot::{account}:chat-configuration/*/{chat_prefix(registry)}*"


def chat_role_name(registry: str) -> str:
    """Name of the role of the chat channels of an account; no principal has `@`."""
    return naming.role_name(registry, "monitoring@chat")


def subscription_id(topic: str, protocol: str, endpoint: str) -> str:
    """Logical id of a subscription: that of its topic, the protocol, and where messages go."""
    named = ":".join(endpoint.split(":")[3:]) if protocol == "sqs" else endpoint.removeprefix("https://")
    return naming.logical_id(named, f"{topic}{protocol.capitalize()}")


def dead_letter_queue_name(registry: str) -> str:
    """Name of the SQS queue that keeps what could not be delivered."""
    return f"{registry}-ecr-monitoring-undelivered"


def monitoring_alias(registry: str) -> str:
    """Alias of the KMS key of the topics."""
    return f"alias/{registry}-ecr-monitoring"


def watch_prefix(registry: str) -> str:
    """What the names of all event rules and alarms of a registry begin with."""
    return f"{registry}-ecr-"


def event_rule_name(registry: str, kind: str, team: str | None, number: int) -> str:
    """Name of an event rule: `acme-ecr-scans`, `acme-ecr-scans_web`, and `acme-ecr-scans_web.2` for its second part.

    A name that is longer than EventBridge takes ends in a hash; no other one has a capital.
    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    """
    word = f"{kind}{f'_{team}' if team else ''}{f'.{number}' if number > 1 else ''}"
    room = EVENT_RULE_NAME_LENGTH - len(watch_prefix(registry))
    return watch_prefix(registry) + naming.shortened(word, room, word)


def dashboard_name(registry: str, namespace: str | None = None, region: str | None = None) -> str:
    """Name of a namespace's dashboard, or of the one of the whole registry: `acme-ECR-web`, `acme-ECR`.

    CloudWatch keeps dashboards once in an account, for all regions, so that the name holds all that tells two apart;
    names of registries have no capitals. It knows letters, digits, `-` and `_`: D stands for `.`. `region` is that of
    the stack where it is not the home's: a dashboard that moves to the stack of another region gets another name, or
    the old stack would delete what the new one has made.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
    """
    word = "" if namespace is None else "-" + naming.shortened(namespace.replace(".", "D"), _LONGEST, namespace)
    return f"{registry}-ECR{word}" + ("" if region is None else f"-IN-{region}")


def alarm_name(registry: str, kind: str, of: str = "") -> str:
    """Name of an alarm: `acme-ecr-images`, `acme-ecr-no-pulls-web/api`; unique in a region of an account."""
    return f"{watch_prefix(registry)}{kind}" + (f"-{naming.shortened(of, _LONGEST, of)}" if of else "")


def dashboard_arn(location: Location, dashboard: str) -> str:
    """ARN of a CloudWatch dashboard, which has no region; `*` is allowed at the end of the name in a policy."""
    return f"arn:{naming.partition(location.region)}:cloudwatch::{location.account}:dashboard/{dashboard}"
