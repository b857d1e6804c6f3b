"""What a registry file says exists, made where the sandbox has none of it yet: roles, KMS keys, signing profiles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress

from registry.access.profiles import named_in
from registry.locations import Location
from registry.model import ExistingRole, Registry
from registry.model.signing_profiles import PLATFORM
from sandbox import show
from sandbox.clients import client
from sandbox.place import Place


def make_existing(place: Place, registry: Registry) -> None:
    """Make the roles that policies are attached to, the keys whose aliases repositories name, and the signing profiles
    that are named and that a stack lets others sign with.
    """
    for role in _roles(registry):
        _make_role(place, role)
    for at, alias in _aliases(registry):
        _make_key(place, at, alias)
    for at in registry.stack_locations:
        for profile in named_in(registry, at):
            _make_profile(place, at, profile)


def _roles(registry: Registry) -> list[ExistingRole]:
    """The roles of the registry's accounts that are made elsewhere."""
    roles = [grant.principal for grant in registry.grants if isinstance(grant.principal, ExistingRole)]
    return [role for role in dict.fromkeys(roles) if role.account in registry.accounts]


def _make_role(place: Place, role: ExistingRole) -> None:
    """A role that the account itself may assume, where there is none of the name yet."""
    path = role.arn.partition(":role")[2].removesuffix(role.role_name)
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{role.account}:root"}, "Action": "sts:AssumeRole"}
    iam = client(place, role.account, "us-east-1", "iam")
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(
            RoleName=role.role_name,
            Path=path,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
        show.note(f"made the role {role.role_name}, which the file says exists")


def _aliases(registry: Registry) -> Iterator[tuple[Location, str]]:
    """The aliases of keys that are not made by the stacks, each where something is encrypted with it."""
    for at in registry.locations:
        made = set(registry.kms_keys)
        used = {repository.encryption.key_in(at) for repository in registry.repositories_in(at)}
        yield from ((at, key) for key in sorted(filter(None, used - made)) if key.startswith("alias/"))


def _make_key(place: Place, at: Location, alias: str) -> None:
    kms = client(place, at.account, at.region, "kms")
    if any(row["AliasName"] == alias for row in kms.list_aliases()["Aliases"]):
        return
    kms.create_alias(AliasName=alias, TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    show.note(f"made the key {alias} in {at}, which the file says exists")


def _make_profile(place: Place, at: Location, profile: str) -> None:
    signer = client(place, at.account, at.region, "signer")
    try:
        signer.get_signing_profile(profileName=profile)
    except signer.exceptions.ResourceNotFoundException:
        signer.put_signing_profile(profileName=profile, platformId=PLATFORM)
        show.note(f"made the signing profile {profile} in {at}, which the file says exists")
