"""The Network stack: one per VPC from which the registry is reached without the internet."""

from __future__ import annotations

from constructs import Construct
from constructs.endpoint_security_group import EndpointSecurityGroup
from constructs.interface_endpoint import InterfaceEndpoint
from constructs.layer_gateway import LayerGateway
from constructs.trial_vpc import TrialVpc

from registry import naming
from registry.access.endpoint_policies import policy_of, s3_policy
from registry.model import Network, Registry
from registry.model.endpoints import service_name
from stacks.base import BaseStack


class NetworkStack(BaseStack):
    """The endpoints of one VPC with their policies, a security group where none is given, a VPC for a trial."""

    def __init__(self, scope: Construct, *, registry: Registry, network: Network) -> None:
        """Declare what `network` makes; `scope` is the region within its account."""
        super().__init__(
            scope,
            network.construct_id,
            registry=registry,
            at=network.location,
            holds=f"endpoints of {network.name}",
        )
        trial = TrialVpc(self, "Vpc", cidr=network.cidrs[0]) if network.vpc is None else None
        vpc_id = network.vpc or (trial.vpc_id if trial else "")
        if network.services:
            groups = list(network.security_groups) or [self._group(registry, network, vpc_id)]
            for service in network.services:
                InterfaceEndpoint(
                    self,
                    naming.logical_id(service, "Endpoint"),
                    service_name=service_name(service, network.region, fips=network.fips),
                    vpc_id=vpc_id,
                    subnet_ids=trial.subnet_ids if trial else network.subnets,
                    security_group_ids=groups,
                    policy=policy_of(registry, network, service),
                    dual_stack=network.dual_stack,
                )
        if network.s3 == "gateway":
            LayerGateway(
                self,
                "LayerGateway",
                service_name=service_name("s3", network.region),
                vpc_id=vpc_id,
                route_table_ids=[trial.route_table_id] if trial else network.route_tables,
                policy=s3_policy(network),
                dual_stack=network.dual_stack,
            )

    def _group(self, registry: Registry, network: Network, vpc_id: str) -> str:
        """The id of a group of our own."""
        group = EndpointSecurityGroup(
            self,
            "SecurityGroup",
            vpc_id=vpc_id,
            cidrs=network.cidrs,
            description=naming.endpoint_group_description(registry.name),
        )
        return group.attr_group_id
