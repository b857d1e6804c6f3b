"""An EventBridge rule that tells a topic."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_events as events
from constructs import Construct

from registry.monitoring.event_rules import MAXIMUM_EVENT_AGE, MAXIMUM_RETRY_ATTEMPTS, EventRule


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
            description=rule.description,
            state=rule.state,
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
