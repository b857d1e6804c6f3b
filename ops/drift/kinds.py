"""Everything that takes part, in the order in which it is shown."""

from typing import Final

from ops.drift.alarms import ALARM, DASHBOARD, SLACK_CHANNEL, TEAMS_CHANNEL
from ops.drift.cache_secrets import CACHE_SECRET
from ops.drift.delivery import BUILD_PROJECT, PIPELINE
from ops.drift.events import EVENT_RULE, QUEUE, QUEUE_POLICY
from ops.drift.findings_and_pulls import EXCLUSION, INSPECTOR_SETTING, SUPPRESSION_FILTER
from ops.drift.iam import MANAGED_POLICY, ROLE
from ops.drift.kind import Kind, StackKind
from ops.drift.named import CACHE_RULE, CREATION_TEMPLATE, REPOSITORY
from ops.drift.pod_identity import POD_IDENTITY
from ops.drift.public import PUBLIC_REPOSITORY
from ops.drift.registry_wide import ACCOUNT_SETTING, POLICY, REPLICATION, SCANNING, SIGNING
from ops.drift.signing_profiles import SIGNING_PERMISSION, SIGNING_PROFILE
from ops.drift.topics import SUBSCRIPTION, TOPIC, TOPIC_KEY, TOPIC_POLICY

#: What is in the Registry stack, or in no stack at all, and can be imported into it.
REGISTRY_WIDE: Final[tuple[StackKind, ...]] = (
    *(SCANNING, REPLICATION, POLICY, SIGNING, CREATION_TEMPLATE, CACHE_RULE, EXCLUSION),
)
#: What is in it or in the Access stack and is never imported: a profile or a secret that exists is named by its ARN, a
#: filter or an association that exists is somebody's.
NEVER_IMPORTED: Final[tuple[StackKind, ...]] = (
    *(SIGNING_PROFILE, SIGNING_PERMISSION, SUPPRESSION_FILTER, CACHE_SECRET, POD_IDENTITY),
)
#: What is in Monitoring stacks: an event, its way to people, and what speaks when it does not come.
MONITORING: Final[tuple[Kind, ...]] = (
    *(EVENT_RULE, TOPIC, TOPIC_POLICY, TOPIC_KEY, SUBSCRIPTION, QUEUE, QUEUE_POLICY, ALARM, DASHBOARD),
    *(SLACK_CHANNEL, TEAMS_CHANNEL),
)
#: What is in Delivery stacks.
DELIVERY: Final[tuple[Kind, ...]] = (BUILD_PROJECT, PIPELINE)
KINDS: Final[tuple[Kind, ...]] = (
    *(REPOSITORY, *REGISTRY_WIDE, *NEVER_IMPORTED, PUBLIC_REPOSITORY, ACCOUNT_SETTING, INSPECTOR_SETTING),
    *(MANAGED_POLICY, ROLE),
    *(*MONITORING, *DELIVERY),
)
