"""How a repository or registry policy lets principals in: whom it names, and under which condition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry import naming
from registry.access.purposes import GRANTED, LAMBDA_PULL
from registry.model import (
    Account,
    ExistingRole,
    LambdaFunctions,
    MadeRole,
    Organization,
    Principal,
    ServicePrincipal,
)


def kind_of(principal: Principal) -> str:
    """What principals of one statement have in common: how IAM knows them."""
    if isinstance(principal, ServicePrincipal):
        words = ".".join(word.capitalize() for word in principal.service.split("."))
        return f"Service {words} {'One' if principal.source else 'Account'}"
    bound = getattr(principal, "of_organization", None)
    path = "Unit" if isinstance(principal, Organization) and principal.path else ""
    return f"{type(principal).__name__}{path}{'Bound' if bound else ''}"


def let_in(everyone: Sequence[Principal], region: str, purpose: str) -> dict[str, Any]:
    """Principal, Action and Condition of one statement of a repository's policy for principals of one kind."""
    first = everyone[0]
    actions = list(GRANTED[purpose].on_repositories)
    partition = naming.partition(region)
    if isinstance(first, LambdaFunctions):
        sources = sorted(
            f"arn:{partition}:lambda:{region}:{it.account}:function:{it.function}"
            for it in everyone
            if isinstance(it, LambdaFunctions)
        )
        # https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-permissions
        return {
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": sorted(LAMBDA_PULL.on_repositories),
            "Condition": {"StringLike": {"aws:SourceArn": sources}},
        }
    if isinstance(first, ServicePrincipal):
        # https://docs.aws.amazon.com/codebuild/latest/userguide/sample-ecr.html
        sources = sorted(it.source for it in everyone if isinstance(it, ServicePrincipal) and it.source)
        accounts = sorted({it.account for it in everyone if isinstance(it, ServicePrincipal)})
        return {
            "Principal": {"Service": first.service},
            "Action": sorted(actions),
            "Condition": {
                **({"ArnEquals": {"aws:SourceArn": sources}} if sources else {}),
                "StringEquals": {"aws:SourceAccount": accounts},
            },
        }
    if isinstance(first, Organization):
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        found = [it for it in everyone if isinstance(it, Organization)]
        if paths := sorted(f"{it.path}/*" for it in found if it.path):
            condition: dict[str, Any] = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": paths}}
        else:
            condition = {"StringEquals": {"aws:PrincipalOrgID": sorted(it.id for it in found)}}
        return {"Principal": "*", "Action": sorted(actions), "Condition": condition}
    accounts = sorted({it.account for it in everyone if isinstance(it, MadeRole | ExistingRole | Account)})
    conditions: dict[str, Any] = {}
    if roles := sorted(it.arn for it in everyone if isinstance(it, MadeRole | ExistingRole)):
        # The account is named, not the role: a role that is made anew would be another principal.
        conditions["ArnEquals"] = {"aws:PrincipalArn": roles}
    if isinstance(first, ExistingRole | Account) and first.of_organization:
        conditions["StringEquals"] = {"aws:PrincipalOrgID": first.of_organization}
    return {
        "Principal": {"AWS": [f"arn:{partition}:iam::{account}:root" for account in accounts]},
        "Action": sorted(actions),
        **({"Condition": conditions} if conditions else {}),
    }
