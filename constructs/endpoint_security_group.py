"""The security group of interface endpoints."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class EndpointSecurityGroup(ec2.CfnSecurityGroup):
    """Lets in HTTPS from literal CIDRs, and starts no connection itself.

    Rules stand in the group, not beside it: nobody can add one that the template does not show.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-vpc-endpoint-considerations
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, vpc_id: str, cidrs: Sequence[str], description: str
    ) -> None:
        """Declare a group in `vpc_id` that is open on 443 to `cidrs`, IPv4 or IPv6."""
        super().__init__(
            scope,
            construct_id,
            group_description=description,
            vpc_id=vpc_id,
            security_group_ingress=[_https_from(cidr) for cidr in cidrs],
            # Without a rule EC2 adds one that lets everything out; this one matches no packet.
            security_group_egress=[
                {
                    "ipProtocol": "icmp",
                    "fromPort": 252,
                    "toPort": 86,
                    "cidrIp": "255.255.255.255/32",
                    "description": "Nothing: an endpoint answers, and starts no connection",
                }
            ],
        )


def _https_from(cidr: str) -> dict[str, object]:
    key = "cidrIp" if ipaddress.ip_network(cidr).version == 4 else "cidrIpv6"
    rule = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, key: cidr}
    return {**rule, "description": f"HTTPS from {cidr}"}
