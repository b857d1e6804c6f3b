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
    MadeRole,
    Organization,
    PipelinePart,
    PipelineRole,
    PodIdentity,
    Pods,
    Principal,
    RoleSettings,
    ServiceCaller,
    ServicePrincipal,
)
from registry.model.alarms import Alarms, PullsStop, Quotas
from registry.model.monitoring import (
    ChatChannel,
    MicrosoftTeamsChannel,
    Monitoring,
    MonitoringTeam,
    SlackChannel,
    Targets,
)
from registry.model.network import Network
from registry.model.public import PublicRepository
from registry.model.registry import Registry
from registry.model.registry_wide import CreationTemplate, Replica, SigningRule, WrittenPolicy
from registry.model.repository import Encryption, LifecyclePolicy, Repository, TagMutability
from registry.model.stacks import (
    AccessStackPlan,
    DeliveryStackPlan,
    MonitoringStackPlan,
    PublicStackPlan,
    RegistryStackPlan,
    RepositoriesStackPlan,
    StackPlan,
)

__all__ = [
    "AccessStackPlan",
    "Account",
    "Alarms",
    "ChatChannel",
    "CreationTemplate",
    "DeliveryStackPlan",
    "Encryption",
    "ExistingRole",
    "Federated",
    "Grant",
    "Granted",
    "LambdaFunctions",
    "LifecyclePolicy",
    "MadeRole",
    "MicrosoftTeamsChannel",
    "Monitoring",
    "MonitoringStackPlan",
    "MonitoringTeam",
    "Network",
    "Organization",
    "PipelinePart",
    "PipelineRole",
    "PodIdentity",
    "Pods",
    "Principal",
    "PublicRepository",
    "PublicStackPlan",
    "PullsStop",
    "Quotas",
    "Registry",
    "RegistryStackPlan",
    "Replica",
    "RepositoriesStackPlan",
    "Repository",
    "RoleSettings",
    "ServiceCaller",
    "ServicePrincipal",
    "SigningRule",
    "SlackChannel",
    "StackPlan",
    "TagMutability",
    "Targets",
    "WrittenPolicy",
]
