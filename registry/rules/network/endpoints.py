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


@rule("network-subnets", "Give interface endpoints subnets, and a security group that lets callers in", ENDPOINTS_PAGE)
def network_subnets(declared: RuleContext) -> Iterator[Problem]:
    """Without a subnet an endpoint has no address, and without an open port 443 nobody can connect to it."""
    for network, (at, shape) in networks(declared):
        if shape.vpc is None or not network.services:
            continue
        made = listed(network.services)
        if not network.subnets:
            yield Problem(
                at=(*at, "vpc"),
                message="the endpoints have no subnet",
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
                allowed="security_groups that let in port 443, or the cidr to which the group made here is open",
                way_out="write cidr: with the addresses of the VPC",
                key=True,
            )


def networks(declared: RuleContext) -> Iterator[tuple[Network, tuple[YamlPath, NetworkShape]]]:
    """The networks with what they were written as; those of which it is not known which they are left out."""
    written = [entry for entry in entries(declared) if (entry[1].vpc is None) != (entry[1].trial_vpc is None)]
    if len(written) == len(declared.registry.networks):
        yield from zip(declared.registry.networks, written, strict=True)


@rule("network-route-tables", "Write route_tables with s3: gateway, and only there", GATEWAY_PAGE)
def network_route_tables(declared: RuleContext) -> Iterator[Problem]:
    """A gateway endpoint works through route tables. On none of them it carries no traffic, and pulls hang at the
    first layer.
    """
    for at, shape in entries(declared):
        if shape.vpc is None:
            continue
        if shape.vpc.route_tables and shape.vpc.s3 != "gateway":
            yield Problem(
                at=(*at, "vpc", "route_tables"),
                message="these route tables have no effect: no S3 gateway endpoint is made",
                given=f"{listed(shape.vpc.route_tables, 3)}, and s3: existing",
                allowed="route_tables with s3: gateway",
                way_out="write s3: gateway, or remove route_tables if these subnets reach S3 already",
                key=True,
            )
        if shape.vpc.s3 == "gateway" and not shape.vpc.route_tables:
            yield Problem(
                at=(*at, "vpc", "s3"),
                message="the gateway endpoint has no route table, so no traffic would go through it",
                given="s3: gateway, and no route_tables",
                allowed="the route tables of the subnets that pull",
                way_out="write route_tables: [rtb-…], or s3: existing",
            )


@rule(
    "network-s3-gateway",
    "Use a gateway endpoint only for subnets that need no other S3 bucket",
    GATEWAY_PAGE,
    Severity.WARNING,
)
def network_s3_gateway(declared: RuleContext) -> Iterator[Problem]:
    """All S3 traffic of these route tables goes through it. Its policy allows only ECR's layer bucket in the region."""
    for at, shape in entries(declared):
        if shape.vpc is not None and shape.vpc.s3 == "gateway":
            yield Problem(
                at=(*at, "vpc", "s3"),
                message="after this, subnets on these route tables can reach no S3 bucket in the region except ECR's "
                "layers, and open connections to S3 break when the endpoint is made",
                given=f"s3: gateway on {listed(shape.vpc.route_tables, 3)}",
                allowed="route tables of subnets that use S3 for image layers only",
                way_out="write s3: existing where there is one, and give its owner what `ecrctl network` prints",
            )


@rule(
    "network-place", "Place a network in an account, and in a region that has the registry", ENDPOINTS_PAGE, waits=True
)
def network_place(declared: RuleContext) -> Iterator[Problem]:
    """An endpoint reaches ECR only in its own region, and the registry has no image there."""
    regions = sorted({at.region for at in declared.registry.locations})
    for at, shape in entries(declared):
        if shape.region is not None and shape.region not in regions:
            yield Problem(
                at=(*at, "region"),
                message="an endpoint reaches ECR only in its own region, and this registry is not in that region",
                given=shown(shape.region),
                allowed=listed(regions),
                way_out="make the region a replica, or write the region the VPC is in",
            )


@rule(
    "network-fips",
    "Use FIPS endpoints in the United States only",
    "https://docs.aws.amazon.com/general/latest/gr/ecr.html",
)
def network_fips(declared: RuleContext) -> Iterator[Problem]:
    """ECR has FIPS endpoints nowhere else, so the endpoint cannot be created."""
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
    "Use either FIPS endpoints or pull_through_cache in a network",
    f"{ECR_GUIDE}/pull-through-cache.html",
)
def network_fips_cache(declared: RuleContext) -> Iterator[Problem]:
    """ECR fetches nothing from upstream over FIPS endpoints: the first pull of an image fails."""
    for network, (at, _) in networks(declared):
        if network.fips and network.pull_through_cache:
            yield Problem(
                at=(*at, "pull_through_cache"),
                message="over FIPS endpoints ECR fetches nothing from upstream: only cached images can be pulled",
                given="fips: true and pull_through_cache: true",
                allowed="one of the two",
                way_out="remove pull_through_cache, and pull each image once from elsewhere; or remove fips",
                key=True,
            )


@rule("network-dual-stack", "Use dual_stack only with subnets that have IPv6 addresses", INTERFACE_PAGE)
def network_dual_stack(declared: RuleContext) -> Iterator[Problem]:
    """EC2 refuses a dual-stack endpoint in subnets without them."""
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
