"""Rules about private networks that share what belongs to one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.findings import YamlPath
from registry.rules.network.endpoints import INTERFACE_PAGE, entries
from registry.rules.rule import Problem, RuleContext, rule

_LISTS: Final = {"subnets": "subnet", "security_groups": "security group", "route_tables": "route table"}


def _ids(declared: RuleContext) -> Iterator[tuple[YamlPath, str, str]]:
    """Every id of these lists with its place and what it is the id of."""
    for at, shape in entries(declared):
        if shape.vpc is not None:
            for key, noun in _LISTS.items():
                for index, value in enumerate(getattr(shape.vpc, key)):
                    yield (*at, "vpc", key, index), noun, value


@rule("network-id-twice", "Name each subnet, security group and route table once", INTERFACE_PAGE)
def network_id_twice(declared: RuleContext) -> Iterator[Problem]:
    """It belongs to one VPC: with another one EC2 refuses the endpoint."""
    first: dict[str, YamlPath] = {}
    for at, noun, value in _ids(declared):
        if value in first:
            yield Problem(
                at=at,
                message=f"{value} is named twice",
                given=value,
                allowed=f"each {noun} once in the file",
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
