"""Whom the owner of a signing profile has to let sign: those who push here, from another account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registry.access.policies import VERSION, locations_of
from registry.access.purposes import PUSH
from registry.access.signers import profiles_in, profiles_of
from registry.locations import Location
from registry.model import Account, ExistingRole, MadeRole, PipelineRole, Registry
from registry.model.once import once
from registry.model.signing_profiles import signing_profile_arn
from registry.naming import account_of, region_of


@once
def signing_accounts(registry: Registry) -> dict[str, frozenset[str]]:
    """The accounts that push what a profile signs and are not its own, by the ARN of the profile."""
    found: dict[str, set[str]] = {}
    for grant in registry.grants:
        if grant.granted in (PUSH.name, "failover_push") and isinstance(
            grant.principal, Account | ExistingRole | MadeRole | PipelineRole
        ):
            for at in locations_of(registry, grant):
                for profile in profiles_of(registry, grant.scope, at):
                    if account_of(profile) != grant.principal.account:
                        found.setdefault(profile, set()).add(grant.principal.account)
    return {profile: frozenset(accounts) for profile, accounts in sorted(found.items())}


def named_in(registry: Registry, at: Location) -> tuple[str, ...]:
    """The names of the profiles of a location that exist, and with which other accounts sign what they push."""
    if at not in registry.locations:
        return ()
    made = profiles_in(registry, at)
    names = [arn.rpartition("/")[2] for arn in signing_accounts(registry) if _location(arn) == at]
    return tuple(name for name in sorted(names) if name not in made)


def permissions_in(registry: Registry, at: Location) -> Iterator[tuple[str, str]]:
    """The profiles of a location and the other accounts that the file lets sign with them: what is declared there.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-signer-profilepermission.html
    """
    accounts = signing_accounts(registry)
    for profile in (*profiles_in(registry, at), *named_in(registry, at)):
        for account in sorted(accounts.get(signing_profile_arn(at, profile), ())):
            yield profile, account


def profile_policies(registry: Registry, account: str) -> dict[str, list[dict[str, Any]]]:
    """The policies of an account's signing profiles, for `aws signer add-profile-permission`: who of elsewhere signs.

    Those of a profile where the registry is are declared in its Registry stack there.
    https://docs.aws.amazon.com/signer/latest/developerguide/signing-profile-cross-account.html
    """
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
        if account_of(profile) == account and _location(profile) not in registry.locations
    }


def _location(profile: str) -> Location:
    return Location(account_of(profile), region_of(profile))
