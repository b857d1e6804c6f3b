"""Private networks, from what is written to the model. Total, as resolve.py is."""

from __future__ import annotations

import ipaddress

from registry.model import Network
from registry.model.endpoints import ALSO, ECR
from registry.shape import FileShape, NetworkShape, TrialVpcShape, VpcShape


def networks_of(root: FileShape) -> tuple[Network, ...]:
    """The networks of a file; one that says neither vpc nor trial_vpc, or both, is left out."""
    return tuple(_network(root, shape) for shape in root.network if (shape.vpc is None) != (shape.trial_vpc is None))


def _network(root: FileShape, shape: NetworkShape) -> Network:
    vpc, trial = shape.vpc, shape.trial_vpc
    existing = () if vpc is None else vpc.existing
    return Network(
        account=shape.account or root.registry.account,
        region=shape.region or root.registry.region,
        vpc=None if vpc is None else vpc.id,
        trial=None if trial is None else trial.name,
        cidrs=_cidrs(vpc, trial),
        subnets=() if vpc is None else vpc.subnets,
        security_groups=() if vpc is None else vpc.security_groups,
        route_tables=() if vpc is None else vpc.route_tables,
        services=tuple(
            service for service in (*ECR, *ALSO) if service not in existing and service in (*ECR, *shape.also)
        ),
        existing=tuple(service for service in ECR if service in existing),
        s3="gateway" if vpc is None else vpc.s3,
        fips=shape.fips is True,
        dual_stack=shape.dual_stack is True,
        organization=root.access.organization if shape.callers == "organization" else None,
        pull_from=tuple(sorted(set(shape.pull_from))),
        pull_through_cache=shape.pull_through_cache is True,
    )


def _cidrs(vpc: VpcShape | None, trial: TrialVpcShape | None) -> tuple[str, ...]:
    if trial is not None:
        return (trial.cidr,)
    written = None if vpc is None else vpc.cidr
    return (written,) if isinstance(written, str) else tuple(dict.fromkeys(written or ()))


def trial_subnets(cidr: str) -> tuple[str, str]:
    """The addresses of a trial's two subnets: the first two quarters of the VPC's. Raises ValueError for no CIDR."""
    first, second, *_ = ipaddress.ip_network(cidr).subnets(prefixlen_diff=2)
    return str(first), str(second)
