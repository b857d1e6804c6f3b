"""Rules about private networks: what EC2 refuses, and what cannot be reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import ECR_GUIDE, PRIVATELINK_GUIDE, REGION
from registry.model import Network
from registry.model.endpoints import FIPS_REGIONS
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import NetworkShape

NETWORK: Final = "network"
ENDPOINTS_PAGE: Final = f"{ECR_GUIDE}/vpc-endpoints.html"
INTERFACE_PAGE: Final = f"{PRIVATELINK_GUIDE}/create-interface-endpoint.html"
GATEWAY_PAGE: Final = f"{PRIVATELINK_GUIDE}/vpc-endpoints-s3.html"


def entries(declared: RuleContext) -> Iterator[tuple[YamlPath, NetworkShape]]:
    """Every network with its place."""
    return (((NETWORK, index), shape) for index, shape in enumerate(declared.root.network))


@rule("network-subnets", "Interface endpoints are in subnets, behind a group that lets callers in", ENDPOINTS_PAGE)
def network_subnets(declared: RuleContext) -> Iterator[Problem]:
    for network, (at, shape) in networks(declared):
        if shape.vpc is None or not network.services:
            continue
        made = listed(network.services)
        if not network.subnets:
            yield Problem(
                at=(*at, "vpc"),
                message="the endpoints have no subnet to be in",
                given=f"endpoints {made}, and no subnets",
                allowed="one subnet of each availability zone with callers",
                way_out="write subnets: [subnet-…], or existing: [ecr.api, ecr.dkr] where others own the endpoints",
                key=True,
            )
        if not network.security_groups and not network.cidrs:
            yield Problem(
                at=(*at, "vpc"),
                message="nobody could connect to the endpoints",
                given=f"endpoints {made}, and neither security_groups nor cidr",
                allowed="security_groups that let in port 443, or the cidr that the one made here is open to",
                way_out="write cidr: with the addresses of the VPC",
                key=True,
            )


def networks(declared: RuleContext) -> Iterator[tuple[Network, tuple[YamlPath, NetworkShape]]]:
    """The networks with what they were written as; those of which it is not known which they are left out."""
    written = [entry for entry in entries(declared) if (entry[1].vpc is None) != (entry[1].trial_vpc is None)]
    if len(written) == len(declared.registry.networks):
        yield from zip(declared.registry.networks, written, strict=True)


@rule("network-route-tables", "Route tables are those of the S3 gateway endpoint, which has at least one", GATEWAY_PAGE)
def network_route_tables(declared: RuleContext) -> Iterator[Problem]:
    for at, shape in entries(declared):
        if shape.vpc is None:
            continue
        if shape.vpc.route_tables and shape.vpc.s3 != "gateway":
            yield Problem(
                at=(*at, "vpc", "route_tables"),
                message="no S3 endpoint is made that these route tables could lead to",
                given=f"{listed(shape.vpc.route_tables, 3)}, and s3: existing",
                allowed="route_tables with s3: gateway",
                way_out="write s3: gateway, or remove route_tables where S3 is reached already",
                key=True,
            )
        if shape.vpc.s3 == "gateway" and not shape.vpc.route_tables:
            yield Problem(
                at=(*at, "vpc", "s3"),
                message="the gateway endpoint would be on no route table, so nothing would go through it",
                given="s3: gateway, and no route_tables",
                allowed="the route tables of the subnets that pull",
                way_out="write route_tables: [rtb-…], or s3: existing",
            )


@rule("network-s3-gateway", "A gateway endpoint carries all S3 traffic of its tables", GATEWAY_PAGE, Severity.WARNING)
def network_s3_gateway(declared: RuleContext) -> Iterator[Problem]:
    for at, shape in entries(declared):
        if shape.vpc is not None and shape.vpc.s3 == "gateway":
            yield Problem(
                at=(*at, "vpc", "s3"),
                message="from these route tables nothing in S3 but image layers can be reached in this region any "
                "more, and open connections to S3 break when the endpoint is made",
                given=f"s3: gateway on {listed(shape.vpc.route_tables, 3)}",
                allowed="route tables of subnets that use S3 for image layers only",
                way_out="write s3: existing where there is one, and give its owner what `ecrctl network` prints",
            )


@rule("network-place", "A network is in an account, and in a region where the registry is", ENDPOINTS_PAGE, waits=True)
def network_place(declared: RuleContext) -> Iterator[Problem]:
    regions = sorted({at.region for at in declared.registry.locations})
    for at, shape in entries(declared):
        if shape.region is not None and shape.region not in regions:
            yield Problem(
                at=(*at, "region"),
                message="an endpoint reaches ECR in its own region, and this registry has nothing there",
                given=shown(shape.region),
                allowed=listed(regions),
                way_out="make the region a replica, or write the region the VPC is in",
            )


@rule(
    "network-fips",
    "ECR has FIPS endpoints in the United States",
    "https://docs.aws.amazon.com/general/latest/gr/ecr.html",
)
def network_fips(declared: RuleContext) -> Iterator[Problem]:
    for network, (at, _) in networks(declared):
        if network.fips and network.region not in FIPS_REGIONS and REGION.fullmatch(network.region):
            yield Problem(
                at=(*at, "fips"),
                message=f"there are no FIPS endpoints of ECR in {network.region}",
                given=network.region,
                allowed=listed(FIPS_REGIONS),
                way_out="remove fips",
                key=True,
            )


@rule(
    "network-fips-cache",
    "An image is not fetched from upstream over FIPS endpoints",
    f"{ECR_GUIDE}/pull-through-cache.html",
)
def network_fips_cache(declared: RuleContext) -> Iterator[Problem]:
    for network, (at, _) in networks(declared):
        if network.fips and network.pull_through_cache:
            yield Problem(
                at=(*at, "pull_through_cache"),
                message="over FIPS endpoints ECR fetches nothing from upstream: what is cached already can be pulled",
                given="fips: true and pull_through_cache: true",
                allowed="one of the two",
                way_out="remove pull_through_cache, and have images fetched by a pull from elsewhere; or remove fips",
                key=True,
            )


@rule("network-dual-stack", "Endpoints have IPv6 addresses where their subnets have them", INTERFACE_PAGE)
def network_dual_stack(declared: RuleContext) -> Iterator[Problem]:
    for network, (at, _) in networks(declared):
        if network.dual_stack and network.trial:
            yield Problem(
                at=(*at, "dual_stack"),
                message="the VPC that is made for a trial has IPv4 addresses only",
                given="dual_stack: true and trial_vpc",
                allowed="dual_stack: true with a vpc whose subnets have IPv6 addresses",
                way_out="remove dual_stack",
                key=True,
            )
