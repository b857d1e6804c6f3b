"""Everything that takes part, in the order in which it is shown."""

from typing import Final

from ops.drift.iam import MANAGED_POLICY, ROLE
from ops.drift.kind import Kind, StackKind
from ops.drift.named import CACHE_RULE, CREATION_TEMPLATE, REPOSITORY
from ops.drift.public import PUBLIC_REPOSITORY
from ops.drift.registry_wide import ACCOUNT_SETTING, POLICY, REPLICATION, SCANNING, SIGNING

#: What is in the Registry stack, or in no stack at all.
REGISTRY_WIDE: Final[tuple[StackKind, ...]] = (SCANNING, REPLICATION, POLICY, SIGNING, CREATION_TEMPLATE, CACHE_RULE)
KINDS: Final[tuple[Kind, ...]] = (REPOSITORY, *REGISTRY_WIDE, PUBLIC_REPOSITORY, ACCOUNT_SETTING, MANAGED_POLICY, ROLE)
