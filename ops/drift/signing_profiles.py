"""Signing profiles that the file makes, and whom these and others let sign: read from AWS Signer, and put back by it.

https://docs.aws.amazon.com/signer/latest/api/API_GetSigningProfile.html
https://docs.aws.amazon.com/signer/latest/api/API_ListProfilePermissions.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from ops.drift.kind import Named, Properties, StackKind
from ops.drift.repository_settings import Settings
from ops.drift.writer import Change, Writer, never
from registry.access.profiles import named_in, permissions_in
from registry.access.purposes import PUSH
from registry.access.signers import profiles_in
from registry.locations import Location
from registry.model import Registry
from registry.model.signing_profiles import PLATFORM, permission_id, validity

#: There is none, or there is one that signs no more: https://docs.aws.amazon.com/signer/latest/api/API_SigningProfile.html
_NONE: Final = "ResourceNotFoundException"
_ACTIVE: Final = "Active"


def _has_profiles(registry: Registry, at: Location) -> bool:
    return at in registry.locations and bool(profiles_in(registry, at))


def _profiles_declared(registry: Registry, at: Location) -> Named:
    return {
        name: {
            "platformId": PLATFORM,
            "signatureValidityPeriod": validity(registry.signing_profiles[name]),
            "status": _ACTIVE,
        }
        for name in profiles_in(registry, at)
    }


def _profiles(client: Any, registry: Registry, at: Location) -> Mapping[str, Callable[[], Settings | None]]:
    """Those of the file alone: an account has profiles for other things too."""

    def reader(name: str) -> Callable[[], Settings | None]:
        def read() -> Settings | None:
            try:
                said = client.get_signing_profile(profileName=name)
            except ClientError as problem:
                if problem.response["Error"]["Code"] == _NONE:
                    return None
                raise
            period = said.get("signatureValidityPeriod") or {}
            return {
                "platformId": said["platformId"],
                "signatureValidityPeriod": {"type": period.get("type"), "value": period.get("value")},
                "status": said["status"],
            }

        return read

    return {name: reader(name) for name in profiles_in(registry, at)}


def _profile_deployed(properties: Properties) -> tuple[str, Settings]:
    period = properties["SignatureValidityPeriod"]
    return properties["ProfileName"], {
        "platformId": properties["PlatformId"],
        "signatureValidityPeriod": {"type": period["Type"], "value": period["Value"]},
        "status": _ACTIVE,
    }


# Whom a profile lets sign

#: What a permission is called here: its profile and the account.
_BETWEEN: Final = " for "


def _permissions_declared(registry: Registry, at: Location) -> Named:
    return {
        f"{profile}{_BETWEEN}{account}": _permission(PUSH.on_profiles[0], permission_id(account))
        for profile, account in permissions_in(registry, at)
    }


def _permission(action: str, statement: str) -> Settings:
    return {"action": action, "statementId": statement}


def _has_permissions(registry: Registry, at: Location) -> bool:
    return _has_profiles(registry, at) or bool(named_in(registry, at))


def _permissions(client: Any, registry: Registry, at: Location) -> Mapping[str, Callable[[], Settings | None]]:
    """Of a profile that is not made here only those that the file adds: its owner may let in others."""
    found: dict[str, Callable[[], Settings | None]] = {}
    named = named_in(registry, at)
    for profile in (*profiles_in(registry, at), *named):
        for row in _rows(client, profile):
            if profile in named and row["statementId"] != permission_id(row["principal"]):
                continue
            settings = _permission(row["action"], row["statementId"])
            found[f"{profile}{_BETWEEN}{row['principal']}"] = partial(dict, settings)
    return found


def _rows(client: Any, profile: str) -> list[Any]:
    """The permissions of a profile, page by page; none where there is no profile."""
    rows: list[Any] = []
    asked = {"profileName": profile}
    try:
        while True:
            page = client.list_profile_permissions(**asked)
            rows += page.get("permissions", ())
            if not (token := page.get("nextToken")):
                return rows
            asked["nextToken"] = token
    except ClientError as problem:
        if problem.response["Error"]["Code"] == _NONE:
            return []
        raise


def _permission_deployed(properties: Properties) -> tuple[str, Settings]:
    name = f"{properties['ProfileName']}{_BETWEEN}{properties['Principal']}"
    return name, _permission(properties["Action"], properties["StatementId"])


SIGNING_PROFILE: Final = StackKind(
    noun="signing profile",
    service="signer",
    where=_has_profiles,
    type="AWS::Signer::SigningProfile",
    identifier="Arn",
    declared=_profiles_declared,
    deployed=_profile_deployed,
    find=_profiles,
)
SIGNING_PERMISSION: Final = StackKind(
    noun="permission to sign",
    service="signer",
    where=_has_permissions,
    type="AWS::Signer::ProfilePermission",
    identifier="StatementId",
    declared=_permissions_declared,
    deployed=_permission_deployed,
    find=_permissions,
)

_FIXED: Final = (
    "AWS Signer makes a profile once, and its name is taken for years: declare a profile of another name, and sign "
    "with that one"
)


def _add_permission(client: Any, change: Change) -> None:
    profile, _, account = change.name.partition(_BETWEEN)
    client.add_profile_permission(
        profileName=profile,
        action=change.wanted["action"],
        principal=account,
        statementId=change.wanted["statementId"],
    )


SIGNING_WRITERS: Final[Mapping[str, Writer]] = {
    SIGNING_PROFILE.noun: Writer(
        create=never,
        update=never,
        unchangeable=dict.fromkeys(("", "platformId", "signatureValidityPeriod", "status"), _FIXED),
        outside="a profile of this name exists: name it by its ARN (signing_profile_arn), or declare another name",
    ),
    SIGNING_PERMISSION.noun: Writer(
        create=_add_permission,
        update=_add_permission,
        unchangeable=dict.fromkeys(
            ("action", "statementId"),
            "the account may sign by another statement: remove that (`aws signer remove-profile-permission`), and run "
            "this again",
        ),
        outside="somebody added it by hand: remove it (`aws signer remove-profile-permission`), and deploy",
    ),
}
