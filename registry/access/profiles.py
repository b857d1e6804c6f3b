"""Whom the owner of a signing profile has to let sign: those who push here, from another account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registry.access.policies import VERSION, locations_of
from registry.access.purposes import PUSH
from registry.access.signers import profiles_in, profiles_of
from registry.locations import Location
from registry.model import ExistingRole, MadeRole, PipelineRole, Registry
from registry.model.once import once
from registry.model.signing_profiles import signing_profile_arn
from registry.naming import account_of


@once
def signing_accounts(registry: Registry) -> dict[str, frozenset[str]]:
    """The accounts that push what a profile signs and are not its own, by the ARN of the profile."""
    found: dict[str, set[str]] = {}
    for grant in registry.grants:
        if grant.granted in (PUSH.name, "failover_push") and isinstance(
            grant.principal, ExistingRole | MadeRole | PipelineRole
        ):
            for at in locations_of(registry, grant):
                for profile in profiles_of(registry, grant.scope, at):
                    if account_of(profile) != grant.principal.account:
                        found.setdefault(profile, set()).add(grant.principal.account)
    return {profile: frozenset(accounts) for profile, accounts in sorted(found.items())}


def permissions_in(registry: Registry, at: Location) -> Iterator[tuple[str, str]]:
    """The profiles that are made at a location and the accounts that they let sign: what is declared there.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-signer-profilepermission.html
    """
    accounts = signing_accounts(registry)
    for profile in profiles_in(registry, at):
        for account in sorted(accounts.get(signing_profile_arn(at, profile), ())):
            yield profile, account


def profile_policies(registry: Registry, account: str) -> dict[str, list[dict[str, Any]]]:
    """The policies of an account's signing profiles, for `aws signer add-profile-permission`: who of elsewhere signs.

    Those of a profile that is made here are declared with it.
    https://docs.aws.amazon.com/signer/latest/developerguide/signing-profile-cross-account.html
    """
    made = {signing_profile_arn(at, name) for at in registry.locations for name in profiles_in(registry, at)}
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
        for profile, accounts in signing_accounts(registry).items()
        if account_of(profile) == account and profile not in made
    }
