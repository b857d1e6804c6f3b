"""An SNS topic that only rules and alarms of the registry publish to."""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import aws_sns as sns
from constructs import Construct

from registry.locations import Location
from registry.monitoring import names
from registry.monitoring.policies import topic_policy


class EncryptedTopic(sns.CfnTopic):
    """A topic under a customer-managed key, its policy and its subscriptions.

    Level 1: the level-2 target of a rule would let EventBridge of every account publish.
    https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        registry_name: str,
        name: str,
        at: Location,
        key: str,
        endpoints: Iterable[tuple[str, str]] = (),
        dead_letters: str,
    ) -> None:
        """Declare the topic of a name, of everybody or of a team.

        :param key: id, ARN or alias of the KMS key.
        :param endpoints: what subscribes here, each with its protocol; chats subscribe themselves.
        :param dead_letters: ARN of the queue for what a target does not take.
        """
        super().__init__(scope, construct_id, topic_name=name, kms_master_key_id=key)
        sns.CfnTopicPolicy(
            scope, f"{construct_id}Policy", topics=[self.ref], policy_document=topic_policy(registry_name, at, name)
        )
        for protocol, endpoint in endpoints:
            sns.CfnSubscription(
                scope,
                names.subscription_id(construct_id, protocol, endpoint),
                topic_arn=self.ref,
                protocol=protocol,
                endpoint=endpoint,
                raw_message_delivery=True if protocol == "sqs" else None,
                redrive_policy=None if protocol == "email" else {"deadLetterTargetArn": dead_letters},
            )
