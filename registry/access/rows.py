"""Who may do what where, as a list: one row for each grant, and for each audience of a policy that is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from registry.access.cache_role import upstream_statements
from registry.access.explain import identity
from registry.access.openings import Audience, openings
from registry.access.policies import locations_of
from registry.access.policy_language import Statement, actions_known, actions_of, many, principals_of
from registry.access.publishing import PUBLIC_HOST
from registry.findings import YamlPath
from registry.locations import Location
from registry.model import (
    CreationTemplate,
    LambdaFunctions,
    Organization,
    Principal,
    Registry,
    Repository,
    ServicePrincipal,
)
from registry.naming import ROOT_NAMESPACE, namespace_of
from registry.patterns import names_below


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Somebody (`principal`: by name, where the file has one for exactly these) may do something somewhere.

    `at` is the place that says so.
    """

    principal: str
    who: str
    may: str
    where: str
    locations: tuple[Location, ...]
    at: YamlPath


def rows(registry: Registry) -> list[Row]:
    """Every grant, what every `repository_policy` and `registry_policy` opens and denies, and the caches of others."""
    granted = [
        Row(
            principal=grant.principal.name,
            who=identity(grant.principal),
            may=grant.granted,
            where=grant.scope,
            locations=locations_of(registry, grant),
            at=grant.at,
        )
        for grant in registry.grants
    ]
    return [*granted, *_public(registry), *_written(registry), *_of_registries(registry), *_of_caches(registry)]


def _public(registry: Registry) -> Iterator[Row]:
    """What is published: everybody may pull, and some may push."""
    for unit in registry.published:
        for it in unit.repositories:
            at: YamlPath = ("public_repositories", it.name)
            where, here = f"{PUBLIC_HOST} {it.name}", (unit.location,)
            yield Row(principal="", who="everybody", may="pull", where=where, locations=here, at=at)
            for who, place in it.pushers:
                yield Row(principal=who.name, who=identity(who), may="push", where=where, locations=here, at=place)


def audience_of(registry: Registry, audience: Audience) -> str:
    """The name of the principal that is exactly this audience; empty where there is none."""
    return next((it.name for it in registry.principals if exact_audience(it) == audience), "")


def exact_audience(principal: Principal) -> Audience | None:
    """Whom a policy lets in that names a principal and nobody else; None where that hangs on the region."""
    if isinstance(principal, LambdaFunctions):
        return None  # its ARN is another in each region
    if isinstance(principal, ServicePrincipal):
        return Audience(service=principal.service, source=principal.source or principal.account)
    if isinstance(principal, Organization):
        return Audience(organization=principal.id, path=f"{principal.path}/*" if principal.path else None)
    return Audience(
        arn=getattr(principal, "arn", None),
        account=principal.account,
        organization=getattr(principal, "of_organization", None),
    )


def _written(registry: Registry) -> Iterator[Row]:
    having: dict[YamlPath, list[Repository | CreationTemplate]] = {}
    every: list[Repository | CreationTemplate] = [*registry.repositories, *registry.creation_templates]
    for kind in every:
        if kind.written_at:
            having.setdefault(kind.written_at[0][:-2], []).append(kind)
    for kinds in having.values():
        first = kinds[0]
        locations = tuple(at for at in registry.locations if any(it in _held(registry, at) for it in kinds))
        where = _where(registry, kinds)
        statements = json.loads(first.policy_in(locations[0]) or "{}")["Statement"][: len(first.written_at)]
        for who, may, index, name in _said(registry, statements):
            yield Row(principal=name, who=who, may=may, where=where, locations=locations, at=first.written_at[index])


def _of_registries(registry: Registry) -> Iterator[Row]:
    for at, policy in registry.registry_policies.items():
        statements = policy.document["Statement"]
        for who, may, index, name in _said(registry, statements):
            where, place = _resources(statements[index]), (*policy.at, "Statement", index)
            yield Row(principal=name, who=who, may=may, where=where, locations=(at,), at=place)


def _of_caches(registry: Registry) -> Iterator[Row]:
    """Which caches of another account pull from a location."""
    for at in registry.locations:
        for statement, prefix in upstream_statements(registry, at):
            for who, may, _, name in _said(registry, [statement]):
                where, place = _resources(statement), ("pull_through_cache_rules", prefix)
                yield Row(principal=name, who=who, may=may, where=where, locations=(at,), at=place)


def _resources(statement: Statement) -> str:
    """The repositories a statement speaks of, by name."""
    but = statement.get("NotResource")
    names = ", ".join(it.partition(":repository/")[2] or it for it in many(statement.get("Resource") or but))
    return names if but is None else f"all but {names}"


def _held(registry: Registry, at: Location) -> Sequence[Repository | CreationTemplate]:
    return (*registry.repositories_in(at), *registry.templates_in(at))


def _said(registry: Registry, statements: list[dict[str, Any]]) -> Iterator[tuple[str, str, int, str]]:
    """Who, what, the statement's index, and the principal's name."""
    for opening in openings({"Statement": statements}):
        known = actions_known(statements[opening.statement])
        may = f"{_actions(opening.actions, known)}{f' where {opening.condition}' if opening.condition else ''}"
        yield str(opening.audience), may, opening.statement, audience_of(registry, opening.audience)
    for index, statement in enumerate(statements):
        if statement["Effect"] == "Deny":
            listed = ", ".join(
                value for _, value in principals_of(statement.get("Principal", statement.get("NotPrincipal")))
            )
            who = f"all but {listed}" if "NotPrincipal" in statement else "everybody" if listed == "*" else listed
            conditions = {**statement, "Condition": statement.get("Condition", {})}
            every = ", ".join(
                f"{written} {key} {' or '.join([values] if isinstance(values, str) else values)}"
                for written, keys in conditions["Condition"].items()
                for key, values in keys.items()
            )
            denied = _actions(actions_of(statement), actions_known(statement))
            yield who, f"denied: {denied}{f' where {every}' if every else ''}", index, ""


def _actions(actions: frozenset[str], known: frozenset[str]) -> str:
    others = sorted(known - actions)
    if len(others) < len(actions):
        return f"ecr:* but {', '.join(others)}" if others else "ecr:*"
    return ", ".join(sorted(actions))


def _where(registry: Registry, kinds: list[Repository | CreationTemplate]) -> str:
    """The repositories of one policy: a whole namespace or registry as such, others by name."""
    first = kinds[0]
    if isinstance(first, CreationTemplate):
        return f"{names_below(first.prefix)} (template {first.prefix})"
    names = [it.name for it in kinds if isinstance(it, Repository)]
    if "repositories" in first.written_at[0] and len(names) == 1:
        return names[0]
    if len(names) == len(registry.repositories):
        return "*"
    namespaces = {namespace_of(name) for name in names}
    for namespace in sorted(namespaces - {ROOT_NAMESPACE}):
        inside = [it.name for it in registry.repositories if it.namespace == namespace]
        if set(inside) <= set(names):
            names = [f"{namespace}/*", *(name for name in names if name not in inside)]
    return ", ".join(names)
