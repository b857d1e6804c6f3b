"""EventBridge's rules, and the queue of what they could not deliver: the first half of the way of a message.

Whoever wants not to be noticed switches one of them off. Why this is not CloudFormation's own drift detection:
docs/decisions/0076-drift-of-what-watches.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ops.drift.kind import Found, Named, Properties, StackKind, literal, read_json, unless_gone
from ops.drift.repository_settings import Settings
from registry import naming
from registry.locations import Location
from registry.model import Registry
from registry.monitoring import names
from registry.monitoring.event_rules import MAXIMUM_EVENT_AGE, MAXIMUM_RETRY_ATTEMPTS, event_rules
from registry.monitoring.policies import RETENTION_SECONDS, dead_letter_policy

# Event rules


def _target(topic: str, values: Mapping[str, str], template: str, dead_letters: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html"""
    return {
        "Arn": topic,
        "InputTransformer": {"InputPathsMap": dict(values), "InputTemplate": template},
        "DeadLetterConfig": {"Arn": dead_letters},
        "RetryPolicy": {
            "MaximumEventAgeInSeconds": MAXIMUM_EVENT_AGE,
            "MaximumRetryAttempts": MAXIMUM_RETRY_ATTEMPTS,
        },
    }


def _rules_declared(registry: Registry, at: Location) -> Named:
    found, dead_letters = {}, naming.queue_arn(at, _queue_name(registry))
    for rule in event_rules(registry, at):
        topic = naming.topic_arn(at, names.topic_name(registry.name, rule.team))
        targets = {"Topic": _target(topic, rule.values, rule.text, dead_letters)}
        if rule.chat:
            chat = naming.topic_arn(at, names.chat_topic_name(registry.name, rule.team))
            targets["Chat"] = _target(chat, rule.chat_values, rule.chat, dead_letters)
        found[rule.name] = _rule(rule.state, rule.description, rule.pattern, targets)
    return found


def _rule(state: str, description: str | None, pattern: Any, targets: dict[str, Any]) -> Settings:
    return {"state": state, "description": description, "eventPattern": pattern, "targets": targets}


def _by_id(targets: list[Any]) -> dict[str, Any]:
    return {each["Id"]: {key: value for key, value in each.items() if key != "Id"} for each in targets}


def _rules(client: Any, registry: Registry, at: Location) -> Found:
    def reader(row: Any) -> Callable[[], Settings | None]:
        return lambda: unless_gone(lambda: _rule_live(client, row))

    pages = client.get_paginator("list_rules").paginate(NamePrefix=names.watch_prefix(registry.name))
    return {row["Name"]: reader(row) for page in pages for row in page["Rules"]}


def _rule_live(client: Any, row: Any) -> Settings:
    pages = client.get_paginator("list_targets_by_rule").paginate(Rule=row["Name"])
    targets = [each for page in pages for each in page["Targets"]]
    return _rule(row["State"], row.get("Description"), read_json(row.get("EventPattern")), _by_id(targets))


def _rule_deployed(properties: Properties) -> tuple[str, Settings]:
    said = properties.get
    targets = _by_id(said("Targets", []))
    return properties["Name"], literal(
        _rule(said("State", "ENABLED"), said("Description"), read_json(said("EventPattern")), targets)
    )


# The dead-letter queue


def _queue_name(registry: Registry) -> str:
    return names.dead_letter_queue_name(registry.name)


def _queue_attributes(client: Any, name: str) -> Mapping[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html"""
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    return dict(client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]).get("Attributes", {}))


def _queues(client: Any, registry: Registry, at: Location) -> Found:
    name = _queue_name(registry)

    def live() -> Settings:
        said = _queue_attributes(client, name)
        return _queue(
            int(said["MessageRetentionPeriod"]), said.get("SqsManagedSseEnabled") == "true", said.get("KmsMasterKeyId")
        )

    return {name: lambda: unless_gone(live)}


def _queue(seconds: int, managed: bool, key: str | None) -> Settings:
    return {"messageRetentionPeriod": seconds, "sqsManagedSseEnabled": managed, "kmsMasterKeyId": key}


def _queue_policies(client: Any, registry: Registry, at: Location) -> Found:
    name = _queue_name(registry)
    return {
        name: lambda: unless_gone(lambda: {"policyDocument": read_json(_queue_attributes(client, name).get("Policy"))})
    }


EVENT_RULE: Final = StackKind(
    noun="event rule",
    type="AWS::Events::Rule",
    service="events",
    where=Registry.monitors,
    optional=True,
    declared=_rules_declared,
    deployed=_rule_deployed,
    find=_rules,
)
QUEUE: Final = StackKind(
    noun="queue",
    type="AWS::SQS::Queue",
    service="sqs",
    where=Registry.monitors,
    optional=True,
    declared=lambda registry, at: {_queue_name(registry): _queue(RETENTION_SECONDS, True, None)},
    deployed=lambda properties: (
        properties["QueueName"],
        literal(
            _queue(
                properties.get("MessageRetentionPeriod", 345_600),
                properties.get("SqsManagedSseEnabled", True),
                properties.get("KmsMasterKeyId"),
            )
        ),
    ),
    find=_queues,
)
QUEUE_POLICY: Final = StackKind(
    noun="queue policy",
    type="AWS::SQS::QueuePolicy",
    service="sqs",
    where=Registry.monitors,
    optional=True,
    declared=lambda registry, at: {_queue_name(registry): {"policyDocument": dead_letter_policy(registry.name, at)}},
    deployed=lambda properties: (
        str(properties["Queues"][0]),
        literal({"policyDocument": properties["PolicyDocument"]}),
    ),
    find=_queue_policies,
)
