"""An EventBridge rule that tells a topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_events as events
from constructs import Construct

from registry.monitoring.event_rules import EventRule

#: For a day, with EventBridge's own growing intervals; then the event is in the dead-letter queue.
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
MAXIMUM_EVENT_AGE: Final = 86_400
MAXIMUM_RETRY_ATTEMPTS: Final = 185
#: A lifecycle's run is a management event that only reads, which EventBridge delivers to a rule that asks for all.
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
_STATES: Final = {"lifecycles": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}


class TopicRule(events.CfnRule):
    """A rule of the default bus that tells a topic, in words for people, and the topic of chats where there is any.

    Level 1: the level-2 class adds statements to the topic's policy, for EventBridge of every account.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        rule: EventRule,
        description: str,
        topic: str,
        chat_topic: str | None,
        dead_letters: str,
    ) -> None:
        """Declare `rule`; the topics are ARNs, and `dead_letters` that of the queue for what they do not take."""
        targets = [_target("Topic", topic, rule.values, rule.text, dead_letters)]
        if chat_topic is not None:
            targets.append(_target("Chat", chat_topic, rule.chat_values, rule.chat, dead_letters))
        super().__init__(
            scope,
            construct_id,
            name=rule.name,
            description=description,
            state=_STATES.get(rule.kind, "ENABLED"),
            event_pattern=dict(rule.pattern),
            targets=targets,
        )


def _target(
    target_id: str, topic: str, values: Mapping[str, str], template: str, dead_letters: str
) -> events.CfnRule.TargetProperty:
    return events.CfnRule.TargetProperty(
        id=target_id,
        arn=topic,
        input_transformer=events.CfnRule.InputTransformerProperty(
            input_paths_map=dict(values), input_template=template
        ),
        dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=dead_letters),
        retry_policy=events.CfnRule.RetryPolicyProperty(
            maximum_event_age_in_seconds=MAXIMUM_EVENT_AGE, maximum_retry_attempts=MAXIMUM_RETRY_ATTEMPTS
        ),
    )
