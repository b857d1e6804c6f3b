"""Rules about KMS keys that the registry makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.findings import Severity, shown
from registry.limits import KMS_ALIAS, PENDING_DAYS, ROTATION_DAYS
from registry.rules.rule import Problem, RuleContext, rule

KMS_API: Final = "https://docs.aws.amazon.com/kms/latest/APIReference"
KEY: Final = "kms_keys"


@rule("kms-alias", "A key made here is named by an alias", f"{KMS_API}/API_CreateAlias.html")
def kms_alias(declared: RuleContext) -> Iterator[Problem]:
    """KMS refuses another alias, and `alias/aws/` belongs to AWS."""
    for alias in declared.root.kms_keys:
        if not KMS_ALIAS.fullmatch(alias):
            near = f"alias/{alias.removeprefix('alias/').removeprefix('aws/')}"
            yield Problem(
                at=(KEY, alias),
                message="KMS does not take this alias",
                given=shown(alias),
                allowed="alias/ and letters, digits, / _ and -; alias/aws/ is AWS's own",
                way_out=f"write {near}" if KMS_ALIAS.fullmatch(near) else "write one such as alias/images",
                key=True,
            )


@rule(
    "kms-key-days", "KMS counts rotation and deletion in days, within bounds", f"{KMS_API}/API_EnableKeyRotation.html"
)
def kms_key_days(declared: RuleContext) -> Iterator[Problem]:
    """KMS refuses numbers outside its bounds, and the deploy is rolled back."""
    bounds = {"rotation_period_in_days": ROTATION_DAYS, "pending_window_in_days": PENDING_DAYS}
    for alias, key in declared.root.kms_keys.items():
        for name, (least, most) in bounds.items():
            days = getattr(key, name)
            if days is not None and not least <= days <= most:
                yield Problem(
                    at=(KEY, alias, name),
                    message="KMS does not take this number of days",
                    given=str(days),
                    allowed=f"{least} to {most:,} days",
                    way_out=f"write {max(least, min(days, most))}",
                )


@rule(
    "kms-key-idle",
    "Use a key that is declared, or remove it",
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html",
    Severity.WARNING,
    waits=True,
)
def kms_key_idle(declared: RuleContext) -> Iterator[Problem]:
    """The key is not made, and repositories are encrypted with another key than you may believe."""
    registry = declared.registry
    used = {key.alias for at in registry.locations for key in registry.keys_in(at)}
    for alias in declared.root.kms_keys:
        if alias not in used and KMS_ALIAS.fullmatch(alias):
            yield Problem(
                at=(KEY, alias),
                message="nothing is encrypted with this key, so it is not made",
                given=alias,
                allowed="keys that a repository, a namespace, the defaults or a creation template name",
                way_out=f"write encryption_type: KMS and kms_key: {alias} where you want it, or remove it",
                key=True,
            )
