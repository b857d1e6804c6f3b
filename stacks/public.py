"""The stack of public repositories: one for an account, in us-east-1."""

from __future__ import annotations

from constructs import Construct
from constructs.public_repository import PublicRepository

from registry import naming
from registry.model import PublicStackPlan, Registry
from stacks.base import BaseStack


class PublicRepositoriesStack(BaseStack):
    """What is published to the world; nothing of it is replicated."""

    def __init__(self, scope: Construct, *, registry: Registry, unit: PublicStackPlan) -> None:
        """Declare the repositories of `unit`; `scope` is the region within its account."""
        super().__init__(scope, unit.construct_id, registry=registry, at=unit.location, holds="public repositories")
        for repository in unit.repositories:
            PublicRepository(self, naming.logical_id(repository.name), repository=repository)
