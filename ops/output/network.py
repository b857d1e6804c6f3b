"""What `ecrctl network` shows: the endpoints of each VPC, and what owners of existing ones have to let through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ops.terminal import as_json, say
from registry.access.endpoint_policies import ecr_policy, s3_statement
from registry.findings import listed
from registry.model import Network, Registry
from registry.model.endpoints import service_name

_WHY_S3 = (
    "Image layers are in S3. Its owner adds this statement to the policy of the endpoint these subnets use, unless "
    "that policy allows everything. It names no caller: ECR signs each address with an account of its own."
)
_WHY_DUAL_STACK = (
    " dual_stack: true makes nodes ask for layers by IPv6, so the S3 endpoint has to be a dual-stack one as well."
)
_WHY_ECR = (
    "Its owner adds these statements to its policy, unless that allows everything; each names who, what and where."
)
#: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
_FIRST_PULL = (
    "The first pull of an image that is not cached yet needs a route from these subnets to the internet, such as a NAT "
    "gateway in a public subnet of the VPC; later pulls do not."
)


def rows(registry: Registry) -> list[dict[str, Any]]:
    """Each network with the endpoints that are made, and those that exist with the statements they need."""
    return [_row(registry, network) for network in registry.networks]


def _row(registry: Registry, network: Network) -> dict[str, Any]:
    made = [service_name(service, network.region, fips=network.fips) for service in network.services]
    s3 = service_name("s3", network.region)
    existing = [
        {
            "service": service_name(service, network.region, fips=network.fips),
            "why": _WHY_ECR,
            "statements": ecr_policy(registry, network)["Statement"],
        }
        for service in network.existing
    ]
    if network.s3 == "gateway":
        made.append(s3)
    else:
        why = _WHY_S3 + (_WHY_DUAL_STACK if network.dual_stack else "")
        existing.append({"service": s3, "why": why, "statements": [s3_statement(network)]})
    return {
        "network": network.name,
        "account": network.account,
        "region": network.region,
        "made": made,
        "existing": existing,
        **({"firstPull": _FIRST_PULL} if network.pull_through_cache else {}),
    }


def print_rows(found: Sequence[dict[str, Any]]) -> None:
    """The same for people: words, and each statement as it is to be pasted."""
    if not found:
        say("the file declares no network")
    for row in found:
        say(f"{row['network']} of {row['account']} in {row['region']}", bold=True)
        say(f"made here: {listed(row['made']) or 'nothing'}")
        if "firstPull" in row:
            say(row["firstPull"])
        for endpoint in row["existing"]:
            say(f"\nexisting: {endpoint['service']}\n{endpoint['why']}")
            say(as_json(endpoint["statements"]))
        say()
