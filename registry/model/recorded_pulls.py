"""What the principals whose pulls ECR does not record are called in templates."""

from __future__ import annotations

from registry.naming import logical_id


def exclusion_id(arn: str) -> str:
    """Logical id of an exclusion: the account of its principal, the kind, and the name with its path."""
    return logical_id(arn.partition(":iam::")[2], "PullExclusion")
