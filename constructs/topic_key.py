"""The KMS key of the topics, with its alias."""

from __future__ import annotations

from aws_cdk import aws_kms as kms
from constructs import Construct

from registry.locations import Location
from registry.monitoring import names
from registry.monitoring.policies import topic_key_policy

_PENDING_DAYS = 7


class TopicKey(kms.CfnKey):
    """A key that EventBridge and CloudWatch use to publish: they cannot use AWS's own key of Amazon SNS.

    It goes with the stack: what it encrypted are messages that were delivered within the hour.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
    """

    def __init__(self, scope: Construct, construct_id: str, *, registry_name: str, at: Location) -> None:
        """Declare the key of a location, and the alias that `names.monitoring_alias` gives it."""
        super().__init__(
            scope,
            construct_id,
            description=f"Encrypts messages about the registry {registry_name}",
            enable_key_rotation=True,
            pending_window_in_days=_PENDING_DAYS,
            key_policy=topic_key_policy(at),
        )
        alias = names.monitoring_alias(registry_name)
        kms.CfnAlias(scope, f"{construct_id}Alias", alias_name=alias, target_key_id=self.ref)
