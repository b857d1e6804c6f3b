"""Principals, from what is written to the model, and whom the roles made for them trust. Total, as resolve.py is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from registry import naming
from registry.limits import GITHUB_ISSUER
from registry.model import (
    Account,
    ExistingRole,
    Federated,
    LambdaFunctions,
    Organization,
    PipelineRole,
    Principal,
    RoleSettings,
)
from registry.shape import EVERYWHERE, GITLAB_HOST, AccessShape, FileShape, PrincipalShape

GITHUB_AUDIENCE: Final = "sts.amazonaws.com"  # what aws-actions/configure-aws-credentials asks for


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
    if shape.github is not None:
        arn = _role_arn(name, root)
        return Federated(name=name, arn=arn, issuer=GITHUB_ISSUER, audience=GITHUB_AUDIENCE, subject=_github(shape))
    if shape.gitlab is not None:
        host, arn = shape.gitlab_host or GITLAB_HOST, _role_arn(name, root)
        return Federated(name=name, arn=arn, issuer=host, audience=f"https://{host}", subject=_gitlab(shape))
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
        return LambdaFunctions(name=name, account=shape.lambda_account, function=shape.lambda_function or "*")
    return None


def _role_arn(principal: str, root: FileShape) -> str:
    """ARN of the role made for a principal, in the account of the registry."""
    own = root.registry
    role = naming.role_name(own.name, principal)
    return naming.role_arn(own.account, own.region, role_settings(root).path, role)


def _github(shape: PrincipalShape) -> str:
    """The `sub` of GitHub's tokens: the immutable form where the ids are written, else the classic one.

    https://docs.github.com/en/actions/reference/security/oidc
    """
    owner, _, repository = (shape.github or "").partition("/")
    if shape.owner_id is not None and shape.repository_id is not None:
        owner, repository = f"{owner}@{shape.owner_id}", f"{repository}@{shape.repository_id}"
    if shape.environment is not None:
        job = f"environment:{shape.environment}"
    elif shape.tag is not None:
        job = f"ref:refs/tags/{shape.tag}"
    elif shape.branch is not None:
        job = f"ref:refs/heads/{shape.branch}"
    else:
        job = "pull_request"
    return f"repo:{owner}/{repository}:{job}"


def _gitlab(shape: PrincipalShape) -> str:
    """The `sub` of GitLab's ID tokens. https://docs.gitlab.com/ci/secrets/id_token_authentication/"""
    kind, ref = ("tag", shape.tag) if shape.tag is not None else ("branch", shape.branch)
    return f"project_path:{shape.gitlab}:ref_type:{kind}:ref:{ref}"


def identity_of(shape: PrincipalShape) -> tuple[Any, ...]:
    """What makes two principals the same: everything but who may grant to them and how they are bounded."""
    said = shape.model_dump(exclude={"teams", "outside_organization", "without_boundary"}, exclude_none=True)
    return tuple(sorted(said.items()))
