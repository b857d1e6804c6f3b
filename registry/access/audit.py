"""What auditors may do: read everything of a registry in one account, and change nothing."""

from __future__ import annotations

from typing import Any

from registry import naming
from registry.access.cache_role import cache_role_arn, needs_cache_role
from registry.access.creation_role import creation_role_arn, needs_creation_role
from registry.access.policies import VERSION
from registry.access.purposes import AUDIT
from registry.model import Registry


def audit_policy(registry: Registry, account: str) -> dict[str, Any]:
    """The managed policy for auditors in `account`, one of the registry's.

    It covers every repository of the account in the registry's regions: what was made outside the file is what an
    auditor looks for. Of IAM it covers what the Access stack makes.
    """
    region, path = registry.region, registry.roles.path
    access = [naming.policy_arn(account, region, path, "*"), naming.role_arn(account, region, path, "*")]
    if needs_creation_role(registry, account):
        access.append(creation_role_arn(registry.name, account, region))
    if needs_cache_role(registry, account):
        access.append(cache_role_arn(registry.name, account, region))
    repositories = [naming.repository_arn(at, "*") for at in registry.locations if at.account == account]
    return {
        "Version": VERSION,
        "Statement": [
            _allow("AuditRepositories", AUDIT.on_repositories, repositories),
            _allow("AuditRegistry", AUDIT.on_registry, ["*"]),
            _allow("AuditAccess", AUDIT.on_access, access),
        ],
    }


def _allow(sid: str, actions: tuple[str, ...], resources: list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resources}
