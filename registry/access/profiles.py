"""What the owner of a signing profile has to let others sign, who push here."""

from __future__ import annotations

from typing import Any

from registry.access.policies import VERSION
from registry.access.purposes import PUSH
from registry.access.signers import profiles_of
from registry.model import ExistingRole, MadeRole, Registry
from registry.naming import account_of


def profile_policies(registry: Registry, account: str) -> dict[str, list[dict[str, Any]]]:
    """The policies of an account's signing profiles, for `aws signer add-profile-permission`: who of elsewhere signs.

    https://docs.aws.amazon.com/signer/latest/developerguide/signing-profile-cross-account.html
    """
    pushing: dict[str, set[str]] = {}
    for grant in registry.grants:
        principal = grant.principal
        if grant.granted == PUSH.name and isinstance(principal, ExistingRole | MadeRole):
            for profile in profiles_of(registry, grant.scope):
                if account_of(profile) == account != principal.account:
                    pushing.setdefault(profile, set()).add(principal.account)
    return {
        f"signing profile {profile}": [
            {
                "Version": VERSION,
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": sorted(accounts)},
                        "Action": sorted(PUSH.on_profiles),
                        "Resource": profile,
                    }
                ],
            }
        ]
        for profile, accounts in sorted(pushing.items())
    }
