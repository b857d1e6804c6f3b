"""Replication rules: which prefixes go to which registries.

A rule has no filter only where a replica says so: it replicates everything, the CDK's asset repository included.
A filter is a prefix, so the namespace `web` is `web/`, and a name without `/` is itself.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.limits import REPLICATION_FILTERS
from registry.locations import Location
from registry.model import Registry
from registry.model.once import once
from registry.naming import ROOT_NAMESPACE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplicationRule:
    """Repositories whose name begins with one of `filters` are copied to these registries; without filters, all are.

    `delete_replication`: what is deleted at home is deleted there as well.
    """

    destinations: tuple[Location, ...]
    filters: tuple[str, ...]
    delete_replication: bool


@once
def filters_of(registry: Registry, namespaces: frozenset[str]) -> tuple[str, ...]:
    """The prefixes that select the declared repositories of some namespaces, sorted."""
    return tuple(
        sorted(
            {
                repository.name if repository.namespace == ROOT_NAMESPACE else f"{repository.namespace}/"
                for repository in registry.repositories
                if repository.namespace in namespaces
            }
        )
    )


@once
def replication_rules(registry: Registry) -> tuple[ReplicationRule, ...]:
    """The rules of the home region, where this file owns them.

    Replicas with the same filters share rules of at most 100 filters.
    """
    if not registry.manages_registry:
        return ()
    sharing: dict[tuple[tuple[str, ...], bool], list[Location]] = {}
    for replica in registry.replicas:
        filters = () if replica.all_repositories else filters_of(registry, replica.namespaces)
        if filters or replica.all_repositories:
            sharing.setdefault((filters, replica.delete_replication), []).append(replica.location)
    return tuple(
        ReplicationRule(
            destinations=tuple(destinations),
            filters=filters[start : start + REPLICATION_FILTERS],
            delete_replication=delete,
        )
        for (filters, delete), destinations in sharing.items()
        for start in range(0, max(1, len(filters)), REPLICATION_FILTERS)
    )
