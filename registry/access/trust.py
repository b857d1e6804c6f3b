"""Who may take the roles made here: OIDC providers and trust policies."""

from __future__ import annotations

from typing import Any

from registry import naming
from registry.access.policies import VERSION
from registry.access.publishing import publishers
from registry.model import Federated, Registry


def made_providers(registry: Registry) -> dict[str, list[str]]:
    """The OpenID Connect providers that are made: issuers of the principals that have a grant or publish, with the
    audiences.

    Those that `access.oidc_providers` names exist.
    """
    audiences: dict[str, set[str]] = {}
    for principal in {*(grant.principal for grant in registry.grants), *publishers(registry)}:
        if isinstance(principal, Federated):
            arn = provider_arn(registry.account, registry.region, principal.issuer)
            if arn not in registry.roles.existing_providers:
                audiences.setdefault(principal.issuer, set()).add(principal.audience)
    return {issuer: sorted(names) for issuer, names in sorted(audiences.items())}


def provider_arn(account: str, region: str, issuer: str) -> str:
    """ARN of an account's OpenID Connect provider for an issuer; `region` says the partition."""
    return f"arn:{naming.partition(region)}:iam::{account}:oidc-provider/{issuer}"


def trust_conditions(principal: Federated) -> dict[str, dict[str, str]]:
    """The conditions under which a web identity may assume the role: exact `aud`, and `sub` exact but for `*`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_secure-by-default.html
    """
    audience = {f"{principal.issuer}:aud": principal.audience}
    subject = {f"{principal.issuer}:sub": principal.subject}
    if "*" in principal.subject:
        return {"StringEquals": audience, "StringLike": subject}
    return {"StringEquals": {**audience, **subject}}


def trust_policy(principal: Federated, account: str, region: str) -> dict[str, Any]:
    """The trust policy of the role made for a principal: who may assume it."""
    return {
        "Version": VERSION,
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider_arn(account, region, principal.issuer)},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": trust_conditions(principal),
            }
        ],
    }
