"""Ids and addresses of private networks, as EC2 writes them."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Final

from pydantic import StrictStr

from registry.findings import shown
from registry.limits import ECR_GUIDE, ROUTE_TABLE_ID, SECURITY_GROUP_ID, SUBNET_ID, TRIAL_PREFIX_LENGTH, VPC_ID
from registry.shape.forms import Form, Limit, Refusal, text

_IDS: Final = Limit(
    "network-id",
    "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html",
    "Write a VPC, a subnet, a security group and a route table by its id",
    "Nothing is looked up by a name here. EC2 finds a thing by its id only, and a deploy fails with any other.",
    subject="Private networks",
)


def _id(pattern: re.Pattern[str], beginning: str, noun: str) -> Form:
    return text(
        _IDS,
        pattern,
        f"this is not the id of a {noun}",
        f"{beginning} and 8 or 17 of the digits 0-9 and a-f",
        f"copy it from `aws ec2 describe-{noun.replace(' ', '-')}s`",
    )


VpcId = Annotated[StrictStr, _id(VPC_ID, "vpc-", "vpc")]
SubnetId = Annotated[StrictStr, _id(SUBNET_ID, "subnet-", "subnet")]
SecurityGroupId = Annotated[StrictStr, _id(SECURITY_GROUP_ID, "sg-", "security group")]
RouteTableId = Annotated[StrictStr, _id(ROUTE_TABLE_ID, "rtb-", "route table")]


def _refuse_cidr(value: str) -> Refusal | None:
    message = "this is not a CIDR"
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        way_out = "copy it from `aws ec2 describe-vpcs`"
    else:
        if network.prefixlen and str(network) == value:
            return None
        way_out = f"write {network}"
        if not network.prefixlen:
            message = "this opens the endpoints to everyone"
            way_out = "write the CIDR of the VPC, and of the networks that are connected to it"
    allowed = "the addresses callers have, such as 10.0.0.0/16 or 2600:1f14:abc::/56"
    return Refusal(message, shown(value), allowed, way_out)


def _refuse_trial_cidr(value: str) -> Refusal | None:
    if _refuse_cidr(value):
        return None
    least, most = TRIAL_PREFIX_LENGTH
    network = ipaddress.ip_network(value)
    if network.version == 4 and least <= network.prefixlen <= most:
        return None
    return Refusal(
        "no VPC for a trial can be made of these addresses",
        shown(value),
        f"an IPv4 CIDR from /{least} to /{most}: a subnet is a quarter of it, and at least a /28",
        "write 10.99.0.0/24, or another that nothing connected has",
    )


CIDR: Final = Form(
    Limit(
        "network-cidr",
        f"{ECR_GUIDE}/vpc-endpoints.html",
        "Write a network as a CIDR, not one address in it and not the whole world",
        "The security group of the endpoints opens port 443 to these addresses. /0 would open it to everyone.",
        subject="Private networks",
    ),
    _refuse_cidr,
)
TrialCidr = Annotated[
    StrictStr,
    CIDR,
    Form(
        Limit(
            "network-trial-cidr",
            "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html",
            "Give a trial an IPv4 CIDR from /16 to /26",
            "The VPC gets two subnets, each a quarter of it, and EC2 makes no subnet smaller than /28.",
            subject="Private networks",
        ),
        _refuse_trial_cidr,
    ),
]
