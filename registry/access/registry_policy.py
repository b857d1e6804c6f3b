"""The registry policy of a location: composed from what the file declares, never written by hand.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

from typing import Any

from registry import naming
from registry.access.policies import VERSION, cache_statements
from registry.access.purposes import REPLICATE
from registry.locations import Location
from registry.model import Registry
from registry.model.once import once
from registry.model.replication import filters_of


@once
def registry_policy(registry: Registry, at: Location) -> dict[str, Any] | None:
    """Who may do what in the registry of a location besides IAM and repository policies; None where nobody may.

    At home others than its own roles have upstream images fetched, where they may pull below a cache's prefix. A
    replica in another account lets the account of the home replicate into what is declared for it. Nothing else is
    let in.
    """
    home = at == registry.home
    statements = [each for each, _ in cache_statements(registry)] if home else _replication(registry, at)
    return {"Version": VERSION, "Statement": statements} if statements else None


def _replication(registry: Registry, at: Location) -> list[dict[str, Any]]:
    """From another account: into the replica's namespaces, and names without `/` exactly; or into everything.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
    """
    replica = next((it for it in registry.replicas if it.location == at), None)
    if replica is None or at.account == registry.account:
        return []
    prefixes = filters_of(registry, replica.namespaces)
    names = [f"{prefix}*" if prefix.endswith("/") else prefix for prefix in prefixes]
    if replica.all_repositories:
        names = ["*"]
    if not names:
        return []
    return [
        {
            "Sid": f"ReplicationFrom{registry.account}",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{naming.partition(at.region)}:iam::{registry.account}:root"},
            "Action": sorted(REPLICATE.on_repositories),
            "Resource": [naming.repository_arn(at, name) for name in names],
        }
    ]
