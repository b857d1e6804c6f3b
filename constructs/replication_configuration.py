"""The registry's replication configuration."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_ecr as ecr
from constructs import Construct

from registry.replication import ReplicationRule


class ReplicationConfiguration(Construct):
    """To which registries images are copied when they are pushed.

    AWS keeps one per account and region; deleting the resource ends all replication. It copies images, not
    settings, so the repositories there are declared as well.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, rules: Sequence[ReplicationRule]) -> None:
        """Declare `rules`."""
        super().__init__(scope, construct_id)
        ecr.CfnReplicationConfiguration(
            self,
            "Resource",
            replication_configuration={
                "rules": [
                    {
                        "destinations": [
                            {"region": destination.region, "registryId": destination.account}
                            for destination in rule.destinations
                        ],
                        "repositoryFilters": [
                            {"filter": prefix, "filterType": "PREFIX_MATCH"} for prefix in rule.filters
                        ],
                    }
                    for rule in rules
                ]
            },
        )
