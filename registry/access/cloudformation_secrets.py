"""What CloudFormation may do with the secrets of pull-through caches.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from registry.access.cache_role import made_secrets
from registry.locations import Location, value_at
from registry.model import Registry

#: AWS::SecretsManager::Secret, kept once its first deploy has come through; its text never changes
SECRETS: Final = (
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteSecret",
    "secretsmanager:DescribeSecret",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:UpdateSecret",
)


def read_secrets(registry: Registry, here: Sequence[Location]) -> list[str]:
    """The secrets of upstream registries, which CloudFormation reads for their rules."""
    named = {
        arn
        for at in here
        for rule in (registry.caches_in(at).values() if registry.manages_registry else ())
        if (arn := value_at(rule.credential_arn, at))
    }
    return sorted(named.union(made_secrets(registry, here)))


def secrets(registry: Registry, here: Sequence[Location]) -> Iterator[dict[str, Any]]:
    """Statements about the secrets of some locations."""
    if read := read_secrets(registry, here):
        yield {"Sid": "Secrets", "Action": ["secretsmanager:GetSecretValue"], "Resource": read}
    if made := made_secrets(registry, here):
        yield {"Sid": "NewSecrets", "Action": list(SECRETS), "Resource": made}
