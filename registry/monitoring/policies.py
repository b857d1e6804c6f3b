"""Who may publish, who may put something aside and for how long, and who may use the key of the topics.

Nobody may subscribe by these policies: subscriptions are in the template, and otherwise IAM of the account decides.
"""

from __future__ import annotations

from typing import Any, Final

from registry import naming
from registry.access.keys import ADMINISTRATION
from registry.locations import Location
from registry.monitoring import names

#: What a service needs of the key of an encrypted topic that it publishes to.
#: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
USE_OF_KEY: Final = ("kms:Decrypt", "kms:GenerateDataKey*")
EVENTS: Final = "events.amazonaws.com"
ALARMS: Final = "cloudwatch.amazonaws.com"
SNS: Final = "sns.amazonaws.com"
CHAT: Final = "chatbot.amazonaws.com"
RETENTION_SECONDS: Final = 1_209_600  # of the dead-letter queue: 14 days, the most that SQS keeps a message
Statement = dict[str, Any]


def topic_policy(registry: str, at: Location, topic: str) -> dict[str, Any]:
    """The policy of a topic: rules and alarms of this registry publish, of this account and over TLS.

    Without it SNS would let whoever the account's IAM allows publish, and EventBridge not at all.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
    """
    arn, ours = naming.topic_arn(at, topic), f"{names.watch_prefix(registry)}*"
    return _document(
        _publish("EventsOfOurRules", EVENTS, arn, at, naming.event_rule_arn(at, ours)),
        _publish("OurAlarms", ALARMS, arn, at, naming.alarm_arn(at, ours)),
        _only_tls("sns:Publish", arn),
    )


def dead_letter_policy(registry: str, at: Location) -> dict[str, Any]:
    """The policy of the queue of what could not be delivered, by EventBridge to a topic or by SNS to a target.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html#eb-dlq-perms
    https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
    """
    arn = naming.queue_arn(at, names.dead_letter_queue_name(registry))
    rules = naming.event_rule_arn(at, f"{names.watch_prefix(registry)}*")
    topics = naming.topic_arn(at, f"{names.topic_name(registry, None)}*")
    return _document(
        _publish("EventsOfOurRules", EVENTS, arn, at, rules, "sqs:SendMessage"),
        _publish("MessagesOfOurTopics", SNS, arn, at, topics, "sqs:SendMessage"),
        _only_tls("sqs:*", arn),
    )


def chat_trust() -> dict[str, Any]:
    """Who assumes the role of chat channels: AWS's page has no condition for its own, and one that the service does not
    send would stop every message. Nothing is lost by it: the role may do nothing.

    https://docs.aws.amazon.com/chatbot/latest/adminguide/chatbot-iam-policies.html
    """
    return _document({"Effect": "Allow", "Principal": {"Service": CHAT}, "Action": "sts:AssumeRole"})


def topic_key_policy(at: Location) -> dict[str, Any]:
    """The policy of the key that is made for the topics."""
    administration = {
        "Sid": "Administration",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{naming.partition(at.region)}:iam::{at.account}:root"},
        "Action": list(ADMINISTRATION),
        "Resource": "*",
    }
    return _document(administration, *key_statements(at))


def key_statements(at: Location) -> list[Statement]:
    """What the policy of the topics' key must allow besides administration, also that of a key which exists.

    EventBridge sends neither aws:SourceAccount nor aws:SourceArn to KMS: with such a condition nothing is ever
    delivered. What may be published is bounded by the policy of the topic.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/407
    """
    return [
        {
            "Sid": "EventBridgePublishes",
            "Effect": "Allow",
            "Principal": {"Service": EVENTS},
            "Action": list(USE_OF_KEY),
            "Resource": "*",
        },
        {
            "Sid": "CloudWatchPublishes",
            "Effect": "Allow",
            "Principal": {"Service": ALARMS},
            "Action": list(USE_OF_KEY),
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": at.account}},
        },
    ]


def _document(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _publish(
    sid: str, service: str, resource: str, at: Location, source: str, action: str = "sns:Publish"
) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": action,
        "Resource": resource,
        "Condition": {"ArnLike": {"aws:SourceArn": source}, "StringEquals": {"aws:SourceAccount": at.account}},
    }


def _only_tls(action: str, resource: str) -> Statement:
    return {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
