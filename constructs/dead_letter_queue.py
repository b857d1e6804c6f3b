"""The SQS queue of what could not be delivered."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from registry.locations import Location
from registry.monitoring import names
from registry.monitoring.policies import RETENTION_SECONDS, dead_letter_policy


class DeadLetterQueue(sqs.CfnQueue):
    """A queue for events that no topic took and messages that no target took.

    Under a key of SQS's own, not under that of the topics: a key that EventBridge cannot use is what most often keeps
    a message from its topic, and then it must arrive here.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, registry_name: str, at: Location) -> None:
        """Declare the queue of a location, and its policy."""
        super().__init__(
            scope,
            construct_id,
            queue_name=names.dead_letter_queue_name(registry_name),
            sqs_managed_sse_enabled=True,
            message_retention_period=RETENTION_SECONDS,
        )
        sqs.CfnQueuePolicy(
            scope,
            f"{construct_id}Policy",
            queues=[self.ref],
            policy_document=dead_letter_policy(registry_name, at),
        )
        Validations.of(self).acknowledge(
            Acknowledgment(id="AwsSolutions-SQS3", reason="This is the dead-letter queue; what it holds is looked at.")
        )
