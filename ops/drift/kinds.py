"""Everything that takes part, in the order in which it is shown."""

from typing import Final

from ops.drift.iam import MANAGED_POLICY, ROLE
from ops.drift.kind import Kind, StackKind
from ops.drift.named import CACHE_RULE, CREATION_TEMPLATE, REPOSITORY
from ops.drift.registry_wide import ACCOUNT_SETTING, POLICY, REPLICATION, SCANNING, SIGNING
from ops.drift.signing_profiles import SIGNING_PERMISSION, SIGNING_PROFILE

#: What is in the Registry stack, or in no stack at all, and can be imported into it.
REGISTRY_WIDE: Final[tuple[StackKind, ...]] = (SCANNING, REPLICATION, POLICY, SIGNING, CREATION_TEMPLATE, CACHE_RULE)
#: What is in it and is never imported: a profile that exists is named by its ARN.
SIGNING_KINDS: Final[tuple[StackKind, ...]] = (SIGNING_PROFILE, SIGNING_PERMISSION)
KINDS: Final[tuple[Kind, ...]] = (
    *(REPOSITORY, *REGISTRY_WIDE, *SIGNING_KINDS, ACCOUNT_SETTING),
    *(MANAGED_POLICY, ROLE),
)
