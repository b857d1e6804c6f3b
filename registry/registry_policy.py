"""The registry policy of a location: composed from what the file declares, never written by hand.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

from typing import Any

from registry import naming
from registry.access import VERSION
from registry.actions import REPLICATE
from registry.locations import Location
from registry.model import Registry
from registry.replication import filters_of


def registry_policy(registry: Registry, at: Location) -> dict[str, Any] | None:
    """Who may do what in the registry of a location besides IAM and repository policies; None where nobody may.

    A replica in another account lets the account of the home replicate into what is declared for it: its
    namespaces, and names without `/` exactly. Nothing else is let in.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
    """
    replica = next((it for it in registry.replicas if it.location == at), None)
    if replica is None or at.account == registry.account:
        return None
    prefixes = filters_of(registry, replica.namespaces)
    if not prefixes:
        return None
    names = [f"{prefix}*" if prefix.endswith("/") else prefix for prefix in prefixes]
    return {
        "Version": VERSION,
        "Statement": [
            {
                "Sid": f"ReplicationFrom{registry.account}",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{naming.partition(at.region)}:iam::{registry.account}:root"},
                "Action": sorted(REPLICATE.on_repositories),
                "Resource": [naming.repository_arn(at, name) for name in names],
            }
        ],
    }
