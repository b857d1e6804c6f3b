"""The Repositories stack: one per account, region and namespace (and shard), or one that namespaces share."""

from __future__ import annotations

from constructs import Construct
from constructs.repository import Repository

from registry import naming
from registry.model import Registry, RepositoriesStackPlan
from stacks.base import BaseStack


class RepositoriesStack(BaseStack):
    """Repositories in one region of an account, their lifecycle and resource policies."""

    def __init__(self, scope: Construct, *, registry: Registry, unit: RepositoriesStackPlan) -> None:
        """Declare the repositories of `unit`."""
        if unit.shared:
            holds = f"repositories of the namespaces that share the stack {unit.shared}"
        elif unit.namespace == naming.ROOT_NAMESPACE:
            holds = "repositories without a namespace"
        else:
            holds = f"repositories of the namespace {unit.namespace}"
        super().__init__(scope, unit.construct_id, registry=registry, at=unit.location, holds=holds)
        self.repositories = {
            repository.name: Repository(
                self, naming.logical_id(repository.name), repository=repository, at=unit.location
            )
            for repository in unit.repositories
        }
