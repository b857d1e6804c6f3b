"""With which signing profiles ECR signs what is pushed. Total, as resolve.py is."""

from __future__ import annotations

from registry.model import Registry
from registry.patterns import meet
from registry.shape import SigningRuleShape


def profiles_of(registry: Registry, scope: str) -> frozenset[str]:
    """The profiles (ARNs) that sign images of a scope: a repository, or a namespace and `/*`.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
    """
    return frozenset(rule.signing_profile_arn for rule in registry.signing if signs(rule, scope))


def signs(rule: SigningRuleShape, scope: str) -> bool:
    """Whether a rule may sign something of a scope; one without filters signs every image."""
    return rule.repository_filters is None or any(meet(pattern, scope) for pattern in rule.repository_filters)
