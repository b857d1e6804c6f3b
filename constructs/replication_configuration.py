"""The registry's replication configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from registry.model.ecr_documents import replicated
from registry.model.replication import ReplicationRule

#: tests/constructs/test_replication.py says when the acknowledgment can go.
#: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ReplicationRule.html
NEWER_THAN_THE_SCHEMA: Final = "DeleteReplication is newer than the schema the CDK bundles."


class ReplicationConfiguration(ecr.CfnReplicationConfiguration):
    """To which registries images are copied when they are pushed.

    AWS keeps one per account and region; deleting the resource ends all replication. It copies images, not
    settings, so the repositories there are declared as well.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, rules: Sequence[ReplicationRule]) -> None:
        """Declare `rules`."""
        super().__init__(scope, construct_id, replication_configuration={"rules": replicated(rules)})
        for index, rule in enumerate(rules):
            if rule.delete_replication:
                path = f"ReplicationConfiguration.Rules.{index}.DeleteReplication"
                self.add_property_override(path, {"Enabled": True})
        if any(rule.delete_replication for rule in rules):
            Validations.of(self).acknowledge(
                Acknowledgment(id="CloudFormation-Validate::F3002", reason=NEWER_THAN_THE_SCHEMA)
            )
