"""A VPC for a trial of the endpoints."""

from __future__ import annotations

from typing import Final

from aws_cdk import Acknowledgment, Fn, Validations
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from registry.resolve.networks import trial_subnets

_PACKS: Final = ("NIST.800.53.R5", "HIPAA.Security", "PCI.DSS.321")
_NO_FLOW_LOGS: Final = (
    "A trial has only its endpoints to reach; a VPC that stays has an owner, and flow logs of its own."
)
_DEFAULT_GROUP: Final = "Nothing here is in the default group; CloudFormation cannot empty it."
_ACCEPTED: Final = (
    ("VPC7", ("AwsSolutions",), _NO_FLOW_LOGS),
    ("VPCFlowLogsEnabled", _PACKS, _NO_FLOW_LOGS),
    ("VPCDefaultSecurityGroupClosed", _PACKS, _DEFAULT_GROUP),
)


class TrialVpc(Construct):
    """Two subnets in two availability zones without a way out, and their route table.

    Level 1 inside: the level-2 class asks AWS which availability zones there are while it is synthesized.
    """

    def __init__(self, scope: Construct, construct_id: str, *, cidr: str) -> None:
        """Declare a VPC with the addresses `cidr`; its subnets get a quarter of them each."""
        super().__init__(scope, construct_id)
        # Private DNS of endpoints needs both: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
        vpc = ec2.CfnVPC(self, "Vpc", cidr_block=cidr, enable_dns_hostnames=True, enable_dns_support=True)
        table = ec2.CfnRouteTable(self, "RouteTable", vpc_id=vpc.ref)
        subnets = [
            ec2.CfnSubnet(
                self,
                f"Subnet{number}",
                vpc_id=vpc.ref,
                cidr_block=addresses,
                availability_zone=Fn.select(number - 1, Fn.get_azs()),
                map_public_ip_on_launch=False,
            )
            for number, addresses in enumerate(trial_subnets(cidr), start=1)
        ]
        associations = [
            ec2.CfnSubnetRouteTableAssociation(
                self, f"Association{number}", subnet_id=subnet.ref, route_table_id=table.ref
            )
            for number, subnet in enumerate(subnets, start=1)
        ]
        for resource in (vpc, table, *subnets, *associations):
            resource.override_logical_id(resource.node.id)
        self.vpc_id = vpc.ref
        self.subnet_ids = [subnet.ref for subnet in subnets]
        self.route_table_id = table.ref
        Validations.of(vpc).acknowledge(
            *(Acknowledgment(id=f"{pack}-{rule}", reason=reason) for rule, packs, reason in _ACCEPTED for pack in packs)
        )
