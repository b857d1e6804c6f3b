"""Principals, from what is written to the model, and whom the roles made for them trust. Total, as resolve.py is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from registry import naming
from registry.model import (
    Account,
    ExistingRole,
    Federated,
    LambdaFunctions,
    Organization,
    PipelineRole,
    PodIdentity,
    Pods,
    Principal,
    RoleSettings,
    ServicePrincipal,
)
from registry.resolve.subjects import identities, tokens_of
from registry.shape import EVERYWHERE, AccessShape, FileShape, PrincipalShape


def principals_of(root: FileShape) -> dict[str, Principal]:
    """Every principal by name; one that says nothing is left out."""
    found = {name: _principal(name, shape, root) for name, shape in sorted(root.principals.items())}
    return {name: principal for name, principal in found.items() if principal is not None}


def pipeline_role(root: FileShape, repository: str, part: Literal["build", "promote"]) -> PipelineRole:
    """The role of a part of a pipeline that does something in ECR."""
    name = naming.pipeline_principal(root.registry.name, repository, part)
    return PipelineRole(name=name, arn=_role_arn(name, root), repository=repository, part=part)


def role_settings(root: FileShape) -> RoleSettings:
    """What the roles made here have in common."""
    access = root.access
    return RoleSettings(
        organization=access.organization,
        path=naming.iam_path(access.path, root.registry.name),
        boundaries=MappingProxyType(boundaries_of(access)),
        max_session_duration=access.max_session_duration,
        existing_providers=frozenset(access.oidc_providers),
    )


def boundaries_of(access: AccessShape) -> Mapping[str, str]:
    """The permissions boundaries by account: written as text it is that of its own account, `aws` where it is AWS's."""
    return {
        naming.account_of(arn) if account == EVERYWHERE else account: arn
        for account, arn in access.permissions_boundary.items()
    }


def _principal(name: str, shape: PrincipalShape, root: FileShape) -> Principal | None:
    bound = None if shape.outside_organization else root.access.organization
    if (tokens := tokens_of(shape)) is not None:
        arn, issuer, audience = _role_arn(name, root), tokens.issuer, tokens.audience
        return Federated(name=name, arn=arn, issuer=issuer, audience=audience, subjects=tokens.subjects)
    if shape.pod_identity is not None:
        pods = shape.pod_identity
        return PodIdentity(
            name=name,
            arn=_role_arn(name, root),
            cluster=pods.cluster,
            namespace=pods.namespace,
            service_account=pods.service_account,
            associated=bool(pods.association),
            also=tuple(
                Pods(it.cluster, it.namespace, it.service_account)
                for where, each in identities(shape)
                if where and (it := each.pod_identity) is not None
            ),
        )
    if shape.role is not None:
        return ExistingRole(name=name, arn=shape.role, of_organization=bound, bounded=not shape.without_boundary)
    if shape.account is not None:
        return Account(name=name, account=shape.account, of_organization=bound)
    if shape.organization is not None:
        return Organization(name=name, id=shape.organization, path=None)
    if shape.organizational_unit is not None:
        unit = shape.organizational_unit
        return Organization(name=name, id=unit.partition("/")[0], path=unit)
    if shape.lambda_account is not None:
        functions = shape.lambda_function or shape.lambda_function_pattern or "*"
        return LambdaFunctions(name=name, account=shape.lambda_account, function=functions)
    if shape.service is not None:
        service, source = shape.service, shape.service.source_arn
        account = service.source_account or naming.account_of(source or "")
        return ServicePrincipal(name=name, service=service.name, account=account, source=source)
    return None


def _role_arn(principal: str, root: FileShape) -> str:
    """ARN of the role made for a principal, in the account of the registry."""
    own = root.registry
    role = naming.role_name(own.name, principal)
    return naming.role_arn(own.account, own.region, role_settings(root).path, role)


def identity_of(shape: PrincipalShape) -> str:
    """What makes two principals the same: everything but who may grant to them, where they stand, how they are bounded
    and its forms.
    """
    forms = ("also", "classic_subject", "every_role_writes")
    unlike = ("teams", "stack", "outside_organization", "without_boundary", *forms)
    exclude: dict[str, bool | dict[str, bool]] = {**dict.fromkeys(unlike, True), "pod_identity": {"association": True}}
    return json.dumps(shape.model_dump(exclude=exclude, exclude_none=True), sort_keys=True)
