"""What a file alone makes AWS bill: endpoints, keys, secrets; and what it makes AWS bill by how much it is used."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from registry.cost.assumed import Assumed
from registry.cost.bill import Used
from registry.cost.money import EXACT, HOURS, Range
from registry.cost.prices import Item
from registry.locations import Location, value_at
from registry.model import Network, Registry

#: A trial's VPC has so many subnets: registry/resolve/networks.py, trial_subnets.
_TRIAL_SUBNETS: Final = 2
#: Versions of a key that are billed: the first, and after one and two rotations one more each. AWS's page has no end of
#: it; since May 2024 there is one after the second: https://cloudburn.io/blog/aws-kms-pricing
VERSIONS: Final = Range(Decimal(1), Decimal(3))
Left = tuple[Item, Location, str]


def endpoint_hours(network: Network) -> Decimal:
    """Hours of a month that are billed for the interface endpoints of a network.

    AWS bills each endpoint in each availability zone, and an endpoint has at most one subnet in each:
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html. The gateway for S3 is free.
    """
    return EXACT.multiply(HOURS, Decimal(len(network.services) * zones(network)))


def zones(network: Network) -> int:
    """The availability zones of a network's endpoints: one for each subnet."""
    return _TRIAL_SUBNETS if network.trial else len(network.subnets)


def key_locations(registry: Registry) -> dict[str, tuple[Location, ...]]:
    """Where each KMS key of the file is made."""
    found: dict[str, list[Location]] = {}
    for at in registry.locations:
        for alias in registry.keys_in(at):
            found.setdefault(alias, []).append(at)
    return {alias: tuple(at) for alias, at in found.items()}


def secrets(registry: Registry) -> dict[tuple[Location, str], bool]:
    """The secrets of pull-through cache rules by location and name, and whether they are made here; all are billed."""
    found: dict[tuple[Location, str], bool] = {}
    for at in registry.locations if registry.manages_registry else ():
        for rule in registry.caches_in(at).values():
            if arn := value_at(rule.credential_arn, at):
                found[at, arn.rpartition(":secret:")[2]] = False
            elif rule.secret:
                found[at, rule.secret] = True
    return dict(sorted(found.items()))


def used(registry: Registry, assumed: Assumed) -> Iterator[Used]:
    """What is billed whether or not there is an image."""
    for network in registry.networks:
        if network.services:
            number, subnets = len(network.services), zones(network)
            yield Used(
                item=Item.ENDPOINT,
                at=network.location,
                about=network.name,
                quantity=Range.of(endpoint_hours(network)),
                counted=f"{number} endpoints x {subnets} zones x {HOURS} h",
            )
            if assumed.endpoint_gb is not None:
                yield Used(
                    item=Item.ENDPOINT_DATA,
                    at=network.location,
                    about=network.name,
                    quantity=Range.of(assumed.endpoint_gb),
                    counted="as assumed",
                )
    for alias, places in key_locations(registry).items():
        for at in places:
            yield Used(item=Item.KEY, at=at, about=alias, quantity=VERSIONS, counted="1 version, 3 after two rotations")
    for (at, name), made in secrets(registry).items():
        yield Used(
            item=Item.SECRET,
            at=at,
            about=name,
            quantity=Range.of(1),
            counted=f"{'made for' if made else 'named by'} a pull-through cache rule",
        )
    if assumed.kms_requests is not None:
        for at in registry.locations:
            if registry.encrypts_in(at):
                yield Used(
                    item=Item.KEY_REQUESTS,
                    at=at,
                    about="requests",
                    quantity=Range.of(assumed.kms_requests),
                    counted="as assumed",
                )


def left(registry: Registry, assumed: Assumed) -> Iterator[Left]:
    """What is billed by how much it is used, and nobody says how much."""
    if assumed.endpoint_gb is None:
        for network in registry.networks:
            if network.services:
                yield Item.ENDPOINT_DATA, network.location, (
                    f"how much passes {network.name} is not known; layers do not, they take S3: --assume endpoint-gb=N"
                )  # fmt: skip
    if assumed.kms_requests is None:
        for at in registry.locations:
            if registry.encrypts_in(at):
                yield Item.KEY_REQUESTS, at, "how often ECR asks KMS is not known: --assume kms-requests=N"
