"""What another account has to allow on its own side: access across accounts takes both."""

from __future__ import annotations

from typing import Any

from registry.access.cache_role import upstream_policies
from registry.access.policies import identity_policies
from registry.access.profiles import profile_policies
from registry.access.publishing import publishers
from registry.model import Account, ExistingRole, Grant, Registry


def policies_for_account(registry: Registry, account: str) -> dict[str, list[dict[str, Any]]]:
    """What another account has to allow its own side, by whom: the policies for its roles, or for anyone there; and
    what its signing profiles let those sign who push; and what its registry lets the caches here pull.

    Access across accounts takes both: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
    """
    outside = [it for it in publishers(registry) if it.account == account not in registry.accounts]
    found: dict[str, list[Grant]] = {it.arn: [] for it in outside}
    for grant in registry.grants:
        principal = grant.principal
        if isinstance(principal, ExistingRole) and principal.account == account not in registry.accounts:
            found.setdefault(principal.arn, []).append(grant)
        elif isinstance(principal, Account) and principal.account == account:
            found.setdefault(f"any role of {account}", []).append(grant)
    policies = {
        who: list(identity_policies(registry, grants, *(it for it in outside if it.arn == who)))
        for who, grants in sorted(found.items())
    }
    return {**policies, **profile_policies(registry, account), **upstream_policies(registry, account)}
