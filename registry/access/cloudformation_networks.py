"""What CloudFormation may do for networks: a part of execution.py."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from registry import naming
from registry.access import cloudformation_actions as actions
from registry.locations import Location
from registry.model import Network, Registry

Statement = dict[str, Any]
#: Stacks that are there: where, and the unit that ends the name.
Deployed = Collection[tuple[Location, str]]
NETWORK: Final = "Network-"  # begins the unit of networks


def networks(registry: Registry, account: str, deployed: Deployed) -> Iterator[Statement]:
    """Endpoints and security groups: made anywhere in the region, changed where they have the stack's tag.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
    """
    made = [network for network in registry.networks if network.account == account and network.makes_something]
    going = {at.region for at, unit in deployed if unit.startswith(NETWORK)}
    regions = sorted({network.region for network in made} | going)
    if not regions:
        return
    ec2 = [f"arn:{naming.partition(region)}:ec2:{region}:{account}" for region in regions]
    tagged = {"StringEquals": {f"aws:ResourceTag/{naming.STACK_TAG}": registry.name}}
    yield {
        "Sid": "ReadNetworks",
        "Action": list(actions.READING_OF_NETWORKS),
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": regions}},
    }
    yield {
        "Sid": "Endpoints",
        "Action": sorted((*actions.NETWORKS, *actions.TRIALS, *actions.NEW_IN_TRIALS)),
        "Resource": [f"{prefix}:*" for prefix in ec2],
        "Condition": tagged,
    }
    if made:
        new = sorted({network.region for network in made})
        yield from _new_networks(registry, [prefix for prefix in ec2 if prefix.split(":")[3] in new], made)


def _new_networks(registry: Registry, ec2: Sequence[str], made: Sequence[Network]) -> Iterator[Statement]:
    """What makes something: endpoints in VPCs that exist, and VPCs for trials."""
    kinds = ("route-table", "security-group", "subnet", "vpc", "vpc-endpoint")
    yield {
        "Sid": "NewEndpoints",
        "Action": list(actions.NEW_NETWORKS),
        "Resource": [f"{prefix}:{kind}/*" for prefix in ec2 for kind in kinds],
    }
    yield {
        "Sid": "EndpointsIn",  # what an endpoint is put into, or taken out of, is others'
        "Action": list(actions.PLACES_OF_ENDPOINTS),
        "Resource": [f"{prefix}:{kind}/*" for prefix in ec2 for kind in kinds[:3]],
    }
    trials = any(network.trial for network in made)
    creating = (*actions.NEW_NETWORKS, *((*actions.NEW_TRIALS, *actions.NEW_IN_TRIALS) if trials else ()))
    yield {
        "Sid": "TagsAtCreation",
        "Action": ["ec2:CreateTags"],
        "Resource": [f"{prefix}:*" for prefix in ec2],
        "Condition": {"StringEquals": {"ec2:CreateAction": sorted(action.removeprefix("ec2:") for action in creating)}},
    }
    yield {
        "Sid": "PrivateDns",
        "Action": list(actions.PRIVATE_DNS),
        "Resource": "*",
        "Condition": {"ForAllValues:StringLike": {"route53:VPCs": sorted(map(_as_route_53_writes, made))}},
    }
    if trials:
        asked = {"StringEquals": {f"aws:RequestTag/{naming.STACK_TAG}": registry.name}}
        for sid, verbs, made_kinds in (
            ("NewTrials", actions.NEW_TRIALS, ("vpc",)),
            ("NewInTrials", actions.NEW_IN_TRIALS, ("route-table", "subnet")),  # in a VPC with the tag: Endpoints
        ):
            resources = [f"{prefix}:{kind}/*" for prefix in ec2 for kind in made_kinds]
            yield {"Sid": sid, "Action": list(verbs), "Resource": resources, "Condition": asked}


def _as_route_53_writes(network: Network) -> str:
    """A VPC in the condition key route53:VPCs; that of a trial is any of its region, as its id is not known yet.

    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
    """
    return f"VPCId={network.vpc or '*'},VPCRegion={network.region}"
