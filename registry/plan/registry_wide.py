"""What AWS keeps once per account and region: keys, caches, signing, account settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry import naming
from registry.cost.charges import Charge, month
from registry.cost.declared import VERSIONS, secrets
from registry.cost.money import Range
from registry.cost.prices import Item
from registry.limits import ECR_GUIDE
from registry.locations import Location
from registry.patterns import covers
from registry.plan.change import Change, Part, Risk, comparison, kinds_about
from registry.plan.sides import Side, Sides
from registry.shape import KmsKeyShape, PullThroughCacheRuleShape, SigningRuleShape

kind = kinds_about("Registry-wide settings")
KEY_ADDED = kind(
    "kms-key-made",
    Risk.COSTS,
    "A KMS key is created",
    "KMS bills each key monthly, in every location that has one.",
)
KEY_LEFT = kind(
    "kms-key-left",
    Risk.BREAKS,
    "A KMS key is no longer declared",
    "It stays in AWS and goes on being billed, and nothing declares its rotation and its policy. Who deletes it makes "
    "every image unreadable that is encrypted with it.",
    f"{ECR_GUIDE}/encryption-at-rest.html",
)
KEY_WINDOW = kind(
    "kms-key-window",
    Risk.DESTROYS,
    "The deletion of a KMS key can be undone for fewer days",
    "After them the key is gone, and with it every image that is encrypted with it.",
)
KEY_CHANGED = kind("kms-key-changed", Risk.SAFE, "A KMS key rotates otherwise", "Encrypted data stays readable.")
CACHE_ADDED = kind(
    "cache-added",
    Risk.OPENS,
    "Images of an upstream registry can be pulled",
    "Whoever may pull below the prefix has ECR fetch images, and create repositories for them, that nobody here built. "
    "Their storage is billed.",
    f"{ECR_GUIDE}/pull-through-cache.html",
)
CACHE_CHANGED = kind(
    "cache-changed",
    Risk.BREAKS,
    "A pull-through cache rule changes, which CloudFormation can only replace",
    "The prefix is taken, so the deploy fails.",
    f"{ECR_GUIDE}/pull-through-cache.html",
)
CACHE_REMOVED = kind(
    "cache-removed",
    Risk.BREAKS,
    "An upstream registry can no longer be pulled from",
    "What is cached stays; the first pull of anything else fails.",
    f"{ECR_GUIDE}/pull-through-cache.html",
)
SIGN_LESS = kind(
    "signing-less",
    Risk.BREAKS,
    "Images are no longer signed, or by another profile",
    "Where signatures are checked, images without one, or with another signer's, are refused.",
    f"{ECR_GUIDE}/managed-signing.html",
)
SIGN_MORE = kind("signing-more", Risk.SAFE, "More images are signed", "Those who push them get the permission for it.")
SETTING = kind(
    "account-setting",
    Risk.SAFE,
    "An account setting of ECR changes",
    "`ecrctl settings` applies it; CloudFormation cannot.",
)
SCOPE = kind(
    "registry-policy-scope",
    Risk.OPENS,
    "A registry policy holds for every action of ECR",
    "Where the scope was V1, ECR ignored what a registry policy says of pulls, pushes and deletions. From `ecrctl "
    "settings` on it holds, also for what somebody wrote there long ago.",
    f"{ECR_GUIDE}/registry-permissions-account-settings.html",
)
_SCOPE: Final = "REGISTRY_POLICY_SCOPE"


def _home(sides: Sides, logical_id: str) -> frozenset[Part]:
    return frozenset((side.stack(side.registry.home, naming.REGISTRY_UNIT), logical_id, "") for side in sides.both)


def _everywhere(sides: Sides, logical_id: str) -> frozenset[Part]:
    return frozenset(
        (side.stack(at, naming.REGISTRY_UNIT), logical_id, "") for side in sides.both for at in side.registry.locations
    )


@comparison
def kms_keys(sides: Sides) -> Iterator[Change]:
    """The keys that are made: only those that something is encrypted with."""
    old, new = (_keys(side) for side in sides.both)
    for alias in sorted({*old, *new}):
        was, becomes = (side.registry.kms_keys.get(alias) for side in sides.both)
        here, there = new.get(alias, frozenset()), old.get(alias, frozenset())
        found = []
        if here - there:
            found.append((KEY_ADDED, f"is created in {_places(sides, here - there)}"))
        if there - here:
            found.append((KEY_LEFT, f"is no longer declared in {_places(sides, there - here)}"))
        if was and becomes and was != becomes and here & there:
            sooner = becomes.pending_window_in_days < was.pending_window_in_days
            words = (
                "its deletion can be undone for fewer days" if sooner else "rotates otherwise, or is kept for longer"
            )
            found.append((KEY_WINDOW if sooner else KEY_CHANGED, words))
        for of, message in found:
            where, gone = sides.at(("kms_keys", alias))
            yield Change(
                kind=of,
                subjects=(alias,),
                message=message,
                before=_days(was) if was else "not declared",
                after=_days(becomes) if becomes else "not declared",
                where=where,
                gone=gone,
                explains=frozenset(part for side in sides.both for part in _key_parts(side, alias)),
                bill=tuple(month(sides.prices, Item.KEY, at, VERSIONS) for at in sorted(here - there))
                if of is KEY_ADDED
                else (),
            )


def _places(sides: Sides, at: frozenset[Location]) -> str:
    return ", ".join(it.beside(sides.new.registry.home) for it in sorted(at))


def _keys(side: Side) -> dict[str, frozenset[Location]]:
    """The locations of each key that is made."""
    found: dict[str, set[Location]] = {}
    for at in side.registry.locations:
        for alias in side.registry.keys_in(at):
            found.setdefault(alias, set()).add(at)
    return {alias: frozenset(at) for alias, at in found.items()}


def _key_parts(side: Side, alias: str) -> Iterator[Part]:
    for at in _keys(side).get(alias, frozenset()):
        for what in ("Key", "Alias"):
            name = naming.logical_id(alias.removeprefix("alias/"), what)
            yield side.stack(at, naming.REGISTRY_UNIT), name, ""


def _days(key: KmsKeyShape) -> str:
    return f"rotation {key.rotation_period_in_days} days, deletion {key.pending_window_in_days} days"


@comparison
def caches(sides: Sides) -> Iterator[Change]:
    """By prefix."""
    old, new = (side.registry.pull_through_cache_rules if side.registry.manages_registry else {} for side in sides.both)
    for prefix in sorted({*old, *new}):
        was, becomes = old.get(prefix), new.get(prefix)
        if was == becomes:
            continue
        of, message = (
            (CACHE_ADDED, "images of an upstream can be pulled below this prefix")
            if was is None
            else (CACHE_REMOVED, "nothing more is fetched below this prefix")
            if becomes is None
            else (CACHE_CHANGED, "changes, which CloudFormation can only replace: this deploy will fail")
        )
        where, gone = sides.at(("pull_through_cache_rules", prefix))
        yield Change(
            kind=of,
            subjects=(f"cache {prefix}",),
            message=message,
            before=was.host or was.upstream_registry if was else "none",
            after=becomes.host or becomes.upstream_registry if becomes else "none",
            where=where,
            gone=gone,
            explains=_home(sides, naming.logical_id(prefix, "Cache")),
            bill=_secret(sides, becomes),
        )


def _secret(sides: Sides, rule: PullThroughCacheRuleShape | None) -> tuple[Charge, ...]:
    """A secret that nothing named before; one that is no longer named stays, and is billed."""
    named = rule.credential_arn if rule else None
    if not named or named in secrets(sides.old.registry):
        return ()
    return (month(sides.prices, Item.SECRET, sides.new.registry.home, Range.of(1)),)


@comparison
def signing(sides: Sides) -> Iterator[Change]:
    """Which images are signed, with which profile."""
    old, new = (side.registry.signing if side.registry.manages_registry else () for side in sides.both)
    if old == new:
        return
    less = [rule for rule in old if not any(_signs_all(other, rule) for other in new)]
    where, gone = sides.at(("signing",))
    roles = (part for side in sides.both for it in side.registry.principals for part in side.parts_of_principal(it))
    yield Change(
        kind=SIGN_LESS if less else SIGN_MORE,
        subjects=("signing",),
        message="images are no longer signed, or by another profile" if less else "more images are signed",
        before=_signed(old),
        after=_signed(new),
        where=where,
        gone=gone,
        explains=_everywhere(sides, "Signing") | frozenset(roles),
    )


def _signs_all(wide: SigningRuleShape, narrow: SigningRuleShape) -> bool:
    if (wide.signing_profile_arn, wide.signing_profile) != (narrow.signing_profile_arn, narrow.signing_profile):
        return False
    if wide.repository_filters is None or narrow.repository_filters is None:
        return wide.repository_filters is None
    return all(any(covers(one, each) for one in wide.repository_filters) for each in narrow.repository_filters)


def _signed(rules: tuple[SigningRuleShape, ...]) -> str:
    words = [
        f"{(rule.signing_profile_arn or rule.signing_profile or '').rpartition('/')[2]}: "
        f"{'all' if rule.repository_filters is None else ', '.join(rule.repository_filters)}"
        for rule in rules
    ]
    return "; ".join(words) or "none"


@comparison
def account_settings(sides: Sides) -> Iterator[Change]:
    """Those that are written; what is not stays as it is."""
    old, new = (dict(side.registry.account_settings) for side in sides.both)
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            where, gone = sides.at(("account_settings", name.lower()), ("account_settings",))
            scope = name == _SCOPE and name in new
            yield Change(
                kind=SCOPE if scope else SETTING,
                subjects=(name,),
                message="what a registry policy says of any action holds" if scope else "changes",
                before=old.get(name, "not written"),
                after=new.get(name, "not written"),
                where=where,
                gone=gone,
            )
