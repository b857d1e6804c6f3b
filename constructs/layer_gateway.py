"""A gateway endpoint for S3, where ECR keeps image layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class LayerGateway(ec2.CfnVPCEndpoint):
    """It carries all S3 traffic of its route tables in the region, and lets through what `policy` says.

    Making one interrupts connections to S3 that are open. It costs nothing.
    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        service_name: str,
        vpc_id: str,
        route_table_ids: Sequence[str],
        policy: Mapping[str, Any],
    ) -> None:
        """Declare the endpoint of `service_name`, as EC2 knows it, on these route tables."""
        super().__init__(
            scope,
            construct_id,
            vpc_endpoint_type="Gateway",
            service_name=service_name,
            vpc_id=vpc_id,
            route_table_ids=list(route_table_ids),
            policy_document=policy,
        )
