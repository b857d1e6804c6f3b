"""Rules about KMS keys that the registry makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.findings import Severity
from registry.rules.rule import Problem, RuleContext, rule

KMS_API: Final = "https://docs.aws.amazon.com/kms/latest/APIReference"
KEY: Final = "kms_keys"


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
    used = {alias for at in registry.locations for alias in registry.keys_in(at)}
    for alias in declared.root.kms_keys:
        if alias not in used:
            yield Problem(
                at=(KEY, alias),
                message="nothing is encrypted with this key, so it is not made",
                given=alias,
                allowed="keys that a repository, a namespace, the defaults or a creation template name",
                way_out=f"write encryption_type: KMS and kms_key: {alias} where you want it, or remove it",
                key=True,
            )
