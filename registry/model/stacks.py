"""Which stacks a registry comes to: what stacks/build.py builds, and what `ecrctl` looks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from registry import naming
from registry.locations import Location
from registry.model.network import Network
from registry.model.public import PublicRepository
from registry.model.repository import Repository
from registry.shape import PipelineShape

#: Construct id of the stack of public repositories, and the end of its name: a contract, as those of naming.py are.
PUBLIC_UNIT: Final = "PublicRepositories"


def access_unit(stack: str = "") -> str:
    """Construct id of an Access stack, and the end of its name: that of an account, or one of the name `stack`.

    Names have no capital, so that none is called like the stack of anything else.
    """
    return f"{naming.ACCESS_UNIT}-{stack}" if stack else naming.ACCESS_UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessStackPlan:
    """The content of an Access stack of an account: what it has once and principals without a `stack`, or those of one.

    `name` is empty for the first.
    """

    location: Location
    name: str = ""

    @property
    def construct_id(self) -> str:
        """The end of its name."""
        return access_unit(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryStackPlan:
    """The content of the Registry stack of a location."""

    location: Location
    construct_id: str = naming.REGISTRY_UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringStackPlan:
    """The content of the Monitoring stack of a location."""

    location: Location
    construct_id: str = naming.MONITORING_UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoriesStackPlan:
    """The content of one Repositories stack, that of a namespace, or one that namespaces share under a name.

    Of `namespace` and `shared` one is empty.
    """

    location: Location
    namespace: str
    shared: str
    construct_id: str
    repositories: tuple[Repository, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStackPlan:
    """The content of the Delivery stack of a repository: its pipeline."""

    location: Location
    repository: str
    pipeline: PipelineShape

    @property
    def construct_id(self) -> str:
        """The end of its name."""
        return naming.delivery_unit(self.repository)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicStackPlan:
    """The content of the stack of all public repositories."""

    location: Location
    repositories: tuple[PublicRepository, ...]
    construct_id: str = PUBLIC_UNIT


StackPlan = (
    AccessStackPlan
    | RegistryStackPlan
    | RepositoriesStackPlan
    | MonitoringStackPlan
    | DeliveryStackPlan
    | PublicStackPlan
    | Network
)
