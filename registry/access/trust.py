"""Who may take the roles made here: OIDC providers and trust policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registry import naming
from registry.access.policies import VERSION
from registry.access.publishing import publishers
from registry.model import Federated, MadeRole, PodIdentity, Pods, Registry


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


def associations(registry: Registry) -> list[PodIdentity]:
    """The principals whose association with a cluster is made here: those with a grant, or that publish."""
    granted = {*(grant.principal for grant in registry.grants), *publishers(registry)}
    found = [it for it in granted if isinstance(it, PodIdentity) and it.associated]
    return sorted(found, key=lambda it: it.name)


def association_arn(cluster: str, association_id: str) -> str:
    """ARN of an association with a cluster (its ARN), by the id that EKS gives it; `*` is every one in a policy."""
    return f"{cluster.replace(':cluster/', ':podidentityassociation/')}/{association_id}"


def provider_arn(account: str, region: str, issuer: str) -> str:
    """ARN of an account's OpenID Connect provider for an issuer, path included; `region` says the partition."""
    return f"arn:{naming.partition(region)}:iam::{account}:oidc-provider/{issuer}"


def trust_policy(principal: MadeRole, account: str, region: str) -> dict[str, Any]:
    """The trust policy of the role made for a principal: who may assume it."""
    if isinstance(principal, PodIdentity):
        return {"Version": VERSION, "Statement": [_of_pods(each) for each in principal.pods]}
    provider = provider_arn(account, region, principal.issuer)
    return {"Version": VERSION, "Statement": [_of_tokens(provider, each) for each in _conditions(principal)]}


def _conditions(principal: Federated) -> Iterator[dict[str, Any]]:
    """The conditions under which a web identity may assume the role: exact `aud`, and `sub` exact but for wildcards.

    Exact subjects are never beside patterns in one condition, which would read them as patterns, too.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_secure-by-default.html
    """
    audience = {f"{principal.issuer}:aud": principal.audience}
    key = f"{principal.issuer}:sub"
    patterns = [each for each in principal.subjects if "*" in each or "?" in each]
    if exact := [each for each in principal.subjects if each not in patterns]:
        yield {"StringEquals": {**audience, key: _one_or_all(exact)}}
    if patterns:
        yield {"StringEquals": audience, "StringLike": {key: _one_or_all(patterns)}}


def _one_or_all(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _of_tokens(provider: str, condition: dict[str, Any]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }


def _of_pods(pods: Pods) -> dict[str, Any]:
    """EKS, for one service account of one cluster, by the session tags that it sets and nobody else can.

    Lists of values in one statement would let in each service account of each namespace of each cluster.

    An association with session tags switched off gets no credentials.
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
    """
    return {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": pods.cluster,
                "aws:RequestTag/kubernetes-namespace": pods.namespace,
                "aws:RequestTag/kubernetes-service-account": pods.service_account,
            }
        },
    }
