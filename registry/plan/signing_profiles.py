"""Signing profiles that are made, and which other accounts may sign with them."""

from __future__ import annotations

from collections.abc import Iterator

from registry import naming
from registry.access.profiles import permissions_in
from registry.access.signers import profiles_in, rules_in
from registry.locations import Location
from registry.plan.change import Change, Part, Risk, comparison, follower, kinds_about
from registry.plan.sides import Side, Sides

SIGNER = "https://docs.aws.amazon.com/signer/latest/developerguide"
kind = kinds_about("Registry-wide settings")
MADE = kind(
    "signing-profile-made",
    Risk.SAFE,
    "A signing profile is created",
    "Where signatures are checked, add the profile to what is trusted.",
    f"{SIGNER}/signing-profiles.html",
)
LEFT = kind(
    "signing-profile-left",
    Risk.BREAKS,
    "A signing profile is no longer declared",
    "It stays in AWS, what it signed stays valid, and nothing new is signed with it. Its name is taken: a deploy that "
    "declares it once more fails.",
    f"{SIGNER}/signing-profiles.html",
)
VALIDITY = kind(
    "signing-profile-validity",
    Risk.BREAKS,
    "The validity of a profile's signatures changes, which CloudFormation can only replace",
    "The name of the profile is taken, so the deploy fails. Use a profile of another name.",
    f"{SIGNER}/signing-profiles.html",
)
OPENED = kind(
    "signing-profile-opened",
    Risk.OPENS,
    "Another account may sign with a profile",
    "It pushes what the profile signs. Its administrators decide who in it signs, and what.",
    f"{SIGNER}/signing-profile-cross-account.html",
)
CLOSED = kind(
    "signing-profile-closed",
    Risk.BREAKS,
    "Another account may no longer sign with a profile",
    "What it still pushes is not signed.",
    f"{SIGNER}/signing-profile-cross-account.html",
)

SIGNED = kind(
    "signing-of-replica",
    Risk.SAFE,
    "What is pushed to a replica is signed there",
    "A rule whose profile is made here holds wherever `failover_push` lets images be pushed.",
)
SIGNED_LESS = kind(
    "signing-of-replica-less",
    Risk.SAFE,
    "Less is signed at a replica, because less is pushed to it",
    "What is not pushed there is not signed there. Its signatures at home stay.",
)


@comparison
def profiles(sides: Sides) -> Iterator[Change]:
    """By name: only those that a rule signs with are made."""
    old, new = (_profiles(side) for side in sides.both)
    for name in sorted({*old, *new}):
        was, becomes = (side.registry.signing_profiles.get(name) for side in sides.both)
        here, there = new.get(name, frozenset()), old.get(name, frozenset())
        found = []
        if here - there:
            found.append((MADE, f"is created in {_places(sides, here - there)}"))
        if there - here:
            found.append((LEFT, f"is no longer declared in {_places(sides, there - here)}"))
        if was and becomes and was != becomes and here & there:
            found.append((VALIDITY, "its signatures would be valid for another time: this deploy will fail"))
        for of, message in found:
            where, gone = sides.at(("signing_profiles", name), ("signing",))
            yield Change(
                kind=of,
                subjects=(f"signing profile {name}",),
                message=message,
                before=f"valid for {was.signature_validity_in_months} months" if was else "not declared",
                after=f"valid for {becomes.signature_validity_in_months} months" if becomes else "not declared",
                where=where,
                gone=gone,
                explains=frozenset(
                    (side.stack(at, naming.REGISTRY_UNIT), naming.logical_id(name, "SigningProfile"), "")
                    for side in sides.both
                    for at in side.registry.locations
                ),
            )


@follower
def permissions(sides: Sides, explained: frozenset[Part]) -> Iterator[Change]:
    """Which accounts may sign: computed from grants of others, on what the profiles sign."""
    del explained
    old, new = (_permissions(side) for side in sides.both)
    for of, found, message in (
        (OPENED, new - old, "may sign, because it pushes what the profile signs"),
        (CLOSED, old - new, "may no longer sign: it pushes nothing more that the profile signs"),
    ):
        for profile, account in sorted({it[1:] for it in found}):
            where, gone = sides.at(("signing_profiles", profile), ("signing",))
            yield Change(
                kind=of,
                subjects=(f"account {account}",),
                message=f"{message} ({profile})",
                where=where,
                gone=gone,
                explains=frozenset(
                    _part(side, *it) for side in sides.both for it in found if it[1:] == (profile, account)
                ),
            )


@follower
def of_replicas(sides: Sides, explained: frozenset[Part]) -> Iterator[Change]:
    """What is signed at a replica follows what is pushed to it."""
    for at in sorted({at for side in sides.both for at in side.registry.locations}):
        parts = frozenset((side.stack(at, naming.REGISTRY_UNIT), "Signing", "") for side in sides.both)
        old, new = (rules_in(side.registry, at) for side in sides.both)
        if old != new and not parts & explained:
            less = any(rule not in new for rule in old)
            yield Change(
                kind=SIGNED_LESS if less else SIGNED,
                subjects=(f"signing in {at.beside(sides.new.registry.home)}",),
                message="less is signed: less is pushed there" if less else "what is pushed there is signed",
                explains=parts,
            )


def _part(side: Side, at: Location, profile: str, account: str) -> Part:
    return (
        side.stack(at, naming.REGISTRY_UNIT),
        naming.logical_id(f"{account}-{profile}", "SigningPermission"),
        "",
    )


def _profiles(side: Side) -> dict[str, frozenset[Location]]:
    """The locations of each profile that is made."""
    at_of: dict[str, set[Location]] = {}
    for at in side.registry.locations:
        for name in profiles_in(side.registry, at):
            at_of.setdefault(name, set()).add(at)
    return {name: frozenset(at) for name, at in at_of.items()}


def _permissions(side: Side) -> frozenset[tuple[Location, str, str]]:
    return frozenset(
        (at, profile, account)
        for at in side.registry.locations
        for profile, account in permissions_in(side.registry, at)
    )


def _places(sides: Sides, at: frozenset[Location]) -> str:
    return ", ".join(it.beside(sides.new.registry.home) for it in sorted(at))
