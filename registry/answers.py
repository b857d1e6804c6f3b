"""Questions about access: who may do what where, by which layer, and what another account has to allow itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registry import naming, patterns
from registry.access import by_role, identity_policies, locations_of, repository_statements, role_account
from registry.actions import GRANTED, LAMBDA_PULL, Purpose
from registry.ecr_actions import ON_REGISTRY, ON_REPOSITORIES
from registry.locations import Location
from registry.model import (
    Account,
    ExistingRole,
    Federated,
    Grant,
    LambdaFunctions,
    Organization,
    Principal,
    Registry,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """One statement that allows something: by which grant, in which locations, and where the statement is."""

    grant: Grant
    locations: tuple[Location, ...]
    statement: str


def identity(principal: Principal) -> str:
    """Who a principal is, in one line."""
    if isinstance(principal, Federated):
        return f"{principal.issuer} {principal.subject}"
    if isinstance(principal, ExistingRole):
        return principal.arn
    if isinstance(principal, Account):
        return f"account {principal.account}"
    if isinstance(principal, Organization):
        return principal.path or principal.id
    return f"Lambda {principal.function} of {principal.account}"


def action_named(word: str) -> str | None:
    """ECR's action of a name, with or without `ecr:` and in any case; None where there is none."""
    wanted = word.lower().removeprefix("ecr:")
    return next((f"ecr:{name}" for name in (*ON_REPOSITORIES, *ON_REGISTRY) if name.lower() == wanted), None)


def covers(grant: Grant, repository: str) -> bool:
    """Whether a grant speaks of a repository, declared or not."""
    if grant.scope.endswith("/*"):
        return repository.startswith(grant.scope[:-1])
    return repository == grant.scope


def allowed(registry: Registry, principal: str, action: str, repository: str) -> Iterator[Allowed]:
    """Every statement by which a principal may do an action (`ecr:…`) on a repository.

    It speaks of what is granted; what `repository_policy` says is as written there.
    """
    for grant in registry.grants:
        if grant.principal.name != principal or not covers(grant, repository):
            continue
        purpose = _purpose(grant)
        account = role_account(registry, grant.principal)
        own = account is not None and action in purpose.on_registry
        locations = locations_of(registry, grant)
        if not locations or not (own or action in purpose.on_repositories):
            continue
        inside = tuple(location for location in locations if location.account == account)
        outside = tuple(location for location in locations if location.account != account)
        if account is not None and (inside or own):
            statement = _of_role(registry, grant, account, action, repository)
            yield Allowed(grant=grant, locations=inside or locations, statement=statement)
        if outside and not own:
            yield Allowed(
                grant=grant, locations=outside, statement=_of_repository(registry, grant, outside[0], repository)
            )


def _purpose(grant: Grant) -> Purpose:
    if isinstance(grant.principal, LambdaFunctions):
        return LAMBDA_PULL
    return GRANTED["push" if grant.granted == "failover_push" else grant.granted]


def _of_repository(registry: Registry, grant: Grant, at: Location, repository: str) -> str:
    made = repository_statements([grant], at, registry.home)
    return f"{made[0]['Sid']} of the repository policy of {repository}"


def _of_role(registry: Registry, grant: Grant, account: str, action: str, repository: str) -> str:
    """Which statement of which managed policy of the role: the first that allows the action there."""
    principal = grant.principal
    role = (
        principal.role_name if isinstance(principal, ExistingRole) else naming.role_name(registry.name, principal.name)
    )
    arn = naming.repository_arn(locations_of(registry, grant)[0], repository)
    for number, document in enumerate(identity_policies(registry, by_role(registry, account)[principal]), start=1):
        for statement in document["Statement"]:
            if action in statement["Action"] and any(patterns.covers(it, arn) for it in statement["Resource"]):
                policy = naming.access_policy_name(registry.name, principal.name, number)
                return f"{statement['Sid']} of the managed policy {policy} of the role {role}"
    raise AssertionError(f"{action} on {repository} is granted to {principal.name}, and no statement says so")


def other_half(registry: Registry, account: str) -> dict[str, list[dict[str, Any]]]:
    """What another account has to allow its own side, by whom: the policies for its roles, or for anyone there.

    Access across accounts takes both: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
    """
    found: dict[str, list[Grant]] = {}
    for grant in registry.grants:
        principal = grant.principal
        if isinstance(principal, ExistingRole) and principal.account == account not in registry.accounts:
            found.setdefault(principal.arn, []).append(grant)
        elif isinstance(principal, Account) and principal.account == account:
            found.setdefault(f"any role of {account}", []).append(grant)
    return {who: list(identity_policies(registry, grants)) for who, grants in sorted(found.items())}
