"""An EventBridge rule that tells a topic."""

from __future__ import annotations

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
    """A rule of the default bus with a topic as its only target, in words for people.

    Level 1: the level-2 class adds statements to the topic's policy, for EventBridge of every account.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, rule: EventRule, description: str, topic: str, dead_letters: str
    ) -> None:
        """Declare `rule` with the topic of an ARN as target, and the ARN of the queue for what it does not take."""
        super().__init__(
            scope,
            construct_id,
            name=rule.name,
            description=description,
            state=_STATES.get(rule.kind, "ENABLED"),
            event_pattern=dict(rule.pattern),
            targets=[
                events.CfnRule.TargetProperty(
                    id="Topic",
                    arn=topic,
                    input_transformer=events.CfnRule.InputTransformerProperty(
                        input_paths_map=dict(rule.values), input_template=rule.text
                    ),
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=dead_letters),
                    retry_policy=events.CfnRule.RetryPolicyProperty(
                        maximum_event_age_in_seconds=MAXIMUM_EVENT_AGE,
                        maximum_retry_attempts=MAXIMUM_RETRY_ATTEMPTS,
                    ),
                )
            ],
        )
