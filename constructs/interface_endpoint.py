"""An interface VPC endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class InterfaceEndpoint(ec2.CfnVPCEndpoint):
    """A service inside a VPC, under its own host names (private DNS); a VPC can have one for each service.

    Level 1: ids come from the file, and level 2 neither takes a policy as a document nor a subnet without
    its availability zone (docs/decisions/0025-networks.md).
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        service_name: str,
        vpc_id: str,
        subnet_ids: Sequence[str],
        security_group_ids: Sequence[str],
        policy: Mapping[str, Any],
        dual_stack: bool,
    ) -> None:
        """Declare the endpoint of `service_name`, as EC2 knows it, with `policy` as what it lets through."""
        super().__init__(
            scope,
            construct_id,
            vpc_endpoint_type="Interface",
            service_name=service_name,
            vpc_id=vpc_id,
            subnet_ids=list(subnet_ids),
            security_group_ids=list(security_group_ids),
            private_dns_enabled=True,
            ip_address_type="dualstack" if dual_stack else None,
            dns_options={"dnsRecordIpType": "dualstack"} if dual_stack else None,
            policy_document=policy,
        )
