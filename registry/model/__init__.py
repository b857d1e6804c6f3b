"""What a registry is once the file has been read: every default filled in, every name resolved, frozen.

Constructs and commands read this and nothing else; it never holds a raw map of the file.
"""

from registry.model.access import (
    Account,
    ExistingRole,
    Federated,
    Grant,
    Granted,
    LambdaFunctions,
    Organization,
    PipelinePart,
    PipelineRole,
    Principal,
    RoleSettings,
)
from registry.model.network import Network
from registry.model.registry import Registry
from registry.model.registry_wide import CreationTemplate, Replica, WrittenPolicy
from registry.model.repository import Encryption, LifecyclePolicy, Repository, TagMutability
from registry.model.stacks import (
    AccessStackPlan,
    DeliveryStackPlan,
    RegistryStackPlan,
    RepositoriesStackPlan,
    StackPlan,
)

__all__ = [
    "AccessStackPlan",
    "Account",
    "CreationTemplate",
    "DeliveryStackPlan",
    "Encryption",
    "ExistingRole",
    "Federated",
    "Grant",
    "Granted",
    "LambdaFunctions",
    "LifecyclePolicy",
    "Network",
    "Organization",
    "PipelinePart",
    "PipelineRole",
    "Principal",
    "Registry",
    "RegistryStackPlan",
    "Replica",
    "RepositoriesStackPlan",
    "Repository",
    "RoleSettings",
    "StackPlan",
    "TagMutability",
    "WrittenPolicy",
]
