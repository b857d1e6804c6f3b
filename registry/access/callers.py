"""A declared principal as IAM sees it ask: its ARN, and what is known of its requests."""

from __future__ import annotations

from typing import Final

from registry import naming
from registry.access.verdicts import ANYTHING, Caller
from registry.locations import Location
from registry.model import (
    Account,
    ExistingRole,
    LambdaFunctions,
    MadeRole,
    PipelineRole,
    Principal,
    Registry,
    ServicePrincipal,
)

LAMBDA: Final = "lambda.amazonaws.com"


def caller_of(registry: Registry, principal: Principal, at: Location) -> Caller:
    """The caller that a principal is, at a location; of an account or an organization any role in it."""
    partition = naming.partition(registry.region)
    if isinstance(principal, LambdaFunctions):
        function = principal.function.replace("*", ANYTHING)
        arn = f"arn:{partition}:lambda:{at.region}:{principal.account}:function:{function}"
        return Caller(arn=LAMBDA, known={"aws:sourcearn": (arn,), "aws:sourceaccount": (principal.account,)})
    if isinstance(principal, ServicePrincipal):
        known = {"aws:sourceaccount": (principal.account,)}
        if principal.source is not None:
            known["aws:sourcearn"] = (principal.source,)
        return Caller(arn=principal.service, known=known)
    if isinstance(principal, MadeRole | ExistingRole):
        own = principal.account in registry.accounts or isinstance(principal, MadeRole)
        organization = registry.roles.organization if own else getattr(principal, "of_organization", None)
        return _role(principal.arn, organization, ())
    if isinstance(principal, PipelineRole):
        return _role(principal.arn, registry.roles.organization, ())
    if isinstance(principal, Account):
        return _role(f"arn:{partition}:iam::{principal.account}:role/{ANYTHING}", principal.of_organization, ())
    path = f"{principal.path or f'{principal.id}/{ANYTHING}'}/"
    return _role(f"arn:{partition}:iam::{ANYTHING}:role/{ANYTHING}", principal.id, (path,))


def _role(arn: str, organization: str | None, paths: tuple[str, ...]) -> Caller:
    known: dict[str, tuple[str, ...]] = {
        "aws:principalarn": (arn,),
        "aws:principalaccount": (naming.account_of(arn),),
        "aws:principalorgid": (organization,) if organization else (),
        "aws:principalisawsservice": ("false",),
        "aws:principaltype": ("AssumedRole",),
    }
    if paths or not organization:
        known["aws:principalorgpaths"] = paths
    return Caller(arn=arn, known=known)
