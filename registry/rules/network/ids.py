"""Rules about how private networks are written: ids as EC2 has them, CIDRs, names."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from registry.findings import YamlPath, shown
from registry.limits import ROUTE_TABLE_ID, SECURITY_GROUP_ID, SUBNET_ID, TRIAL_NAME, TRIAL_PREFIX_LENGTH, VPC_ID
from registry.rules.network.endpoints import ENDPOINTS_PAGE, INTERFACE_PAGE, entries
from registry.rules.rule import Problem, RuleContext, rule

IDS_PAGE: Final = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html"
SUBNETS_PAGE: Final = "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"

_LISTS: Final = {"subnets": SUBNET_ID, "security_groups": SECURITY_GROUP_ID, "route_tables": ROUTE_TABLE_ID}
_PREFIX: Final = {"id": "vpc-", "subnets": "subnet-", "security_groups": "sg-", "route_tables": "rtb-"}


def _ids(declared: RuleContext) -> Iterator[tuple[YamlPath, str, str]]:
    """Every id with its place and its key."""
    for at, shape in entries(declared):
        if shape.vpc is not None:
            yield (*at, "vpc", "id"), "id", shape.vpc.id
            for key in _LISTS:
                for index, value in enumerate(getattr(shape.vpc, key) or ()):
                    yield (*at, "vpc", key, index), key, value


@rule("network-id", "Ids of VPCs, subnets, groups and route tables are as EC2 writes them", IDS_PAGE)
def network_id(declared: RuleContext) -> Iterator[Problem]:
    """EC2 refuses an id in another form in the middle of a deploy."""
    for at, key, value in _ids(declared):
        pattern = VPC_ID if key == "id" else _LISTS[key]
        if not pattern.fullmatch(value):
            yield Problem(
                at=at,
                message=f"this is not the id of a {_noun(key)}",
                given=shown(value),
                allowed=f"{_PREFIX[key]} and 8 or 17 of the digits 0-9 and a-f",
                way_out=f"copy it from `aws ec2 describe-{_noun(key).replace(' ', '-')}s`",
            )


def _noun(key: str) -> str:
    return "vpc" if key == "id" else key.replace("_", " ").removesuffix("s")


@rule("network-id-twice", "Name each subnet, security group and route table once", INTERFACE_PAGE)
def network_id_twice(declared: RuleContext) -> Iterator[Problem]:
    """It belongs to one VPC: with another one EC2 refuses the endpoint."""
    first: dict[str, YamlPath] = {}
    for at, key, value in _ids(declared):
        if key != "id" and value in first:
            yield Problem(
                at=at,
                message=f"{value} is named twice",
                given=value,
                allowed=f"each {_noun(key)} once in the file",
                way_out="remove one of the two" if first[value][:2] == at[:2] else "check to which VPC it belongs",
            )
        first.setdefault(value, at)


@rule("network-vpc-twice", "Write one network for a VPC", INTERFACE_PAGE)
def network_vpc_twice(declared: RuleContext) -> Iterator[Problem]:
    """EC2 refuses a second endpoint for the same service with private DNS in one VPC."""
    first: set[str] = set()
    for at, shape in entries(declared):
        if shape.vpc is not None and shape.vpc.id in first:
            yield Problem(
                at=(*at, "vpc", "id"),
                message=f"{shape.vpc.id} has a network already; its endpoints would have the same private DNS names",
                given=shape.vpc.id,
                allowed="one network for a VPC; EC2 refuses a second endpoint with a conflicting DNS domain",
                way_out="put both into one entry",
            )
        if shape.trial_vpc is not None and shape.trial_vpc.name in first:
            yield Problem(
                at=(*at, "trial_vpc", "name"),
                message=f"two trials are called {shape.trial_vpc.name}",
                given=shape.trial_vpc.name,
                allowed="a name of its own for each",
                way_out="rename one",
            )
        first.add(shape.vpc.id if shape.vpc else shape.trial_vpc.name if shape.trial_vpc else "")


@rule("network-trial-name", "A trial's name ends the name of its stack", "docs/network.md")
def network_trial_name(declared: RuleContext) -> Iterator[Problem]:
    """The name ends the name of a stack, and CloudFormation refuses other characters."""
    for at, shape in entries(declared):
        if shape.trial_vpc is not None and not TRIAL_NAME.fullmatch(shape.trial_vpc.name):
            near = re.sub(r"[^a-z0-9]+", "-", shape.trial_vpc.name.lower()).strip("-0123456789")[:31].strip("-")
            yield Problem(
                at=(*at, "trial_vpc", "name"),
                message="this is not a trial's name",
                given=shown(shape.trial_vpc.name),
                allowed="2 to 31 lower-case letters and digits in words joined by single hyphens, a letter first",
                way_out=f"write {near}" if TRIAL_NAME.fullmatch(near) else "choose another name",
            )


@rule("network-cidr", "A CIDR is a network, not an address in it and not the world", ENDPOINTS_PAGE)
def network_cidr(declared: RuleContext) -> Iterator[Problem]:
    """The security group would let in everyone, or EC2 would refuse it."""
    for at, value in _cidrs(declared):
        way_out = _mended_cidr(value)
        if way_out is not None:
            yield Problem(
                at=at,
                message="this opens the endpoints to everyone" if value.endswith("/0") else "this is not a CIDR",
                given=shown(value),
                allowed="the addresses callers have, such as 10.0.0.0/16 or 2600:1f14:abc::/56",
                way_out=way_out,
            )


def _cidrs(declared: RuleContext) -> Iterator[tuple[YamlPath, str]]:
    for at, shape in entries(declared):
        if shape.trial_vpc is not None:
            yield (*at, "trial_vpc", "cidr"), shape.trial_vpc.cidr
        written = shape.vpc.cidr if shape.vpc is not None else None
        if isinstance(written, str):
            yield (*at, "vpc", "cidr"), written
        else:
            for index, value in enumerate(written or ()):
                yield (*at, "vpc", "cidr", index), value


def _mended_cidr(value: str) -> str | None:
    """What to write for a CIDR that cannot stay; None for one that can."""
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return "copy it from `aws ec2 describe-vpcs`"
    if network.prefixlen == 0:
        return "write the CIDR of the VPC, and of the networks that are connected to it"
    return None if str(network) == value else f"write {network}"


@rule("network-trial-cidr", "Give a trial an IPv4 range with room for its subnets", SUBNETS_PAGE)
def network_trial_cidr(declared: RuleContext) -> Iterator[Problem]:
    """EC2 makes no VPC or subnet of other sizes."""
    least, most = TRIAL_PREFIX_LENGTH
    for at, shape in entries(declared):
        if shape.trial_vpc is None or _mended_cidr(shape.trial_vpc.cidr) is not None:
            continue
        network = ipaddress.ip_network(shape.trial_vpc.cidr)
        if network.version != 4 or not least <= network.prefixlen <= most:
            yield Problem(
                at=(*at, "trial_vpc", "cidr"),
                message="a trial VPC cannot use this address range",
                given=shown(shape.trial_vpc.cidr),
                allowed=f"an IPv4 CIDR from /{least} to /{most}: a subnet is a quarter of it, and at least a /28",
                way_out="write 10.99.0.0/24, or another that nothing connected has",
            )
