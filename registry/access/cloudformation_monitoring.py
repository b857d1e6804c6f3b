"""What CloudFormation may do for monitoring: a part of cloudformation.py."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from registry import naming
from registry.access import cloudformation_actions as actions
from registry.locations import Location
from registry.model import Registry
from registry.monitoring import names
from registry.monitoring.chat import has_chats
from registry.monitoring.policies import CHAT

Statement = dict[str, Any]


def monitored(
    registry: Registry, here: Sequence[Location], deployed: Collection[tuple[Location, str]]
) -> list[Location]:
    """Where there is a Monitoring stack, or one that goes, of the locations of an account."""
    going = {at for at, unit in deployed if unit == naming.MONITORING_UNIT}
    return [at for at in here if registry.monitors(at) or at in going]


def monitoring(registry: Registry, places: Sequence[Location]) -> Iterator[Statement]:
    """Topics, the queue of what is not delivered, rules (with our topics as targets), alarms, dashboards: by name.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
    """
    if not places:
        return
    topics = [naming.topic_arn(at, f"{names.topic_name(registry.name, None)}*") for at in places]
    rules = [naming.event_rule_arn(at, f"{names.watch_prefix(registry.name)}*") for at in places]
    queues = [naming.queue_arn(at, names.dead_letter_queue_name(registry.name)) for at in places]
    regions = {"StringEquals": {"aws:RequestedRegion": sorted({at.region for at in places})}}
    yield {"Sid": "Topics", "Action": list(actions.TOPICS), "Resource": topics}
    yield {"Sid": "Subscriptions", "Action": list(actions.SUBSCRIPTIONS), "Resource": "*", "Condition": regions}
    yield {"Sid": "DeadLetters", "Action": list(actions.QUEUES), "Resource": queues}
    yield {"Sid": "EventRules", "Action": list(actions.EVENT_RULES), "Resource": rules}
    yield {
        "Sid": "EventTargets",
        "Action": list(actions.EVENT_TARGETS),
        "Resource": rules,
        "Condition": {"ForAllValues:ArnLike": {"events:TargetArn": topics}, "Null": {"events:TargetArn": "false"}},
    }
    # Whether the file has any or not: with the right to make them the right to delete them would go.
    alarms = [naming.alarm_arn(at, f"{names.watch_prefix(registry.name)}*") for at in places]
    yield {"Sid": "Alarms", "Action": list(actions.ALARMS), "Resource": alarms}
    every = [naming.alarm_arn(at, "*") for at in places]
    yield {"Sid": "ReadAlarms", "Action": list(actions.READING_OF_ALARMS), "Resource": every}
    dashboards = {names.dashboard_arn(at, f"{names.dashboard_name(registry.name)}*") for at in places}
    yield {"Sid": "Dashboards", "Action": list(actions.DASHBOARDS), "Resource": sorted(dashboards)}
    yield from _chats(registry, places[0])


def _chats(registry: Registry, at: Location) -> Iterator[Statement]:
    """Configurations of chats by name, once for all regions of an account; new ones only where the file has some.

    No condition on the region: AWS serves them from regions of its own, whichever a stack is in.
    https://docs.aws.amazon.com/chatbot/latest/APIReference/Welcome.html
    """
    if naming.partition(at.region) != "aws":
        return  # monitoring-chat: there are none
    ours = names.chat_arns(registry.name, at.account, at.region)
    yield {"Sid": "Chats", "Action": list(actions.CHATS), "Resource": [ours]}
    yield {"Sid": "ReadChats", "Action": list(actions.READING_OF_CHATS), "Resource": "*"}
    if has_chats(registry, at.account):
        role = naming.role_arn(at.account, at.region, registry.roles.path, names.chat_role_name(registry.name))
        yield {"Sid": "NewChats", "Action": list(actions.NEW_CHATS), "Resource": "*"}
        yield {
            "Sid": "PassChatRole",
            "Action": ["iam:PassRole"],
            "Resource": [role],
            "Condition": {"StringEquals": {"iam:PassedToService": CHAT}},
        }
