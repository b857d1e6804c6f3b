"""The shape of registry.yaml and of team files: which keys exist, of which type. What they mean is in model.py.

Types refuse unknown keys, wrong types and nothing where a value belongs. Forms (forms.py) refuse what one value cannot
be. Everything else is a rule (registry/rules/). Keys have the names AWS gives the things, in snake case. None means
"not written"; what holds then is declared beside the key.
"""

from registry.shape.acceptances import AcceptanceShape, AcceptedFindingShape
from registry.shape.access import EVERY_TEAM, GITLAB_HOST, AccessShape, PrincipalShape
from registry.shape.account_settings import AccountSettingsShape
from registry.shape.alarms import AlarmsShape, Call, PullsStopShape, QuotasShape, Watched
from registry.shape.base import EVERYWHERE, Shape, keys_of, shape_at
from registry.shape.files import FileShape, RegistryShape, ReplicaShape, TeamShape
from registry.shape.issuers import AlsoShape
from registry.shape.lifecycles import (
    ArchiveShape,
    ExpireArchivedShape,
    ExpireShape,
    KeepShape,
    Lifecycle,
    PatternsShape,
    PolicyShape,
    ProtectShape,
    RuleShape,
    SelectionShape,
    Sentences,
    SentenceShape,
    Tagged,
)
from registry.shape.monitoring import (
    EventKind,
    FindingSeverity,
    MicrosoftTeamsChannelShape,
    MonitoringShape,
    MonitoringTeamShape,
    SlackChannelShape,
    TargetsShape,
)
from registry.shape.namespaces import NamespaceShape
from registry.shape.network import NetworkShape, TrialVpcShape, VpcShape
from registry.shape.pipeline import DeploymentShape, EcsDeploymentShape, LambdaDeploymentShape, PipelineShape
from registry.shape.policies import (
    RegistryPolicyShape,
    RegistryStatementShape,
    RepositoryPolicyShape,
    StatementShape,
    Words,
)
from registry.shape.public import PublicRepositoryShape
from registry.shape.registry_wide import (
    CACHED,
    UPSTREAM_URLS,
    CreationTemplateShape,
    KmsKeyShape,
    PullThroughCacheRuleShape,
    ScanningShape,
    SigningProfileShape,
    SigningRuleShape,
)
from registry.shape.settings import BUILT_IN, BUILT_IN_LIFECYCLE, EVERY_REGION, AddedShape, Settings

__all__ = [
    "BUILT_IN",
    "BUILT_IN_LIFECYCLE",
    "CACHED",
    "EVERYWHERE",
    "EVERY_REGION",
    "EVERY_TEAM",
    "GITLAB_HOST",
    "UPSTREAM_URLS",
    "AcceptanceShape",
    "AcceptedFindingShape",
    "AccessShape",
    "AccountSettingsShape",
    "AddedShape",
    "AlarmsShape",
    "AlsoShape",
    "ArchiveShape",
    "Call",
    "CreationTemplateShape",
    "DeploymentShape",
    "EcsDeploymentShape",
    "EventKind",
    "ExpireArchivedShape",
    "ExpireShape",
    "FileShape",
    "FindingSeverity",
    "KeepShape",
    "KmsKeyShape",
    "LambdaDeploymentShape",
    "Lifecycle",
    "MicrosoftTeamsChannelShape",
    "MonitoringShape",
    "MonitoringTeamShape",
    "NamespaceShape",
    "NetworkShape",
    "PatternsShape",
    "PipelineShape",
    "PolicyShape",
    "PrincipalShape",
    "ProtectShape",
    "PublicRepositoryShape",
    "PullThroughCacheRuleShape",
    "PullsStopShape",
    "QuotasShape",
    "RegistryPolicyShape",
    "RegistryShape",
    "RegistryStatementShape",
    "ReplicaShape",
    "RepositoryPolicyShape",
    "RuleShape",
    "ScanningShape",
    "SelectionShape",
    "SentenceShape",
    "Sentences",
    "Settings",
    "Shape",
    "SigningProfileShape",
    "SigningRuleShape",
    "SlackChannelShape",
    "StatementShape",
    "Tagged",
    "TargetsShape",
    "TeamShape",
    "TrialVpcShape",
    "VpcShape",
    "Watched",
    "Words",
    "keys_of",
    "shape_at",
]
