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
        dual_stack: bool,
    ) -> None:
        """Declare the endpoint of `service_name`, as EC2 knows it, on these route tables.

        :param dual_stack: for IPv6 as well, as nodes need it that reach ECR so.
            https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
        """
        super().__init__(
            scope,
            construct_id,
            vpc_endpoint_type="Gateway",
            service_name=service_name,
            vpc_id=vpc_id,
            route_table_ids=list(route_table_ids),
            ip_address_type="dualstack" if dual_stack else None,
            dns_options={"dnsRecordIpType": "dualstack"} if dual_stack else None,
            policy_document=policy,
        )
