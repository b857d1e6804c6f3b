"""What is computed from the rest of the file, and is not the same because something else is not.

These come last: they speak of the parts of the templates that no other change explains.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from registry import naming
from registry.access.audit import audit_policy
from registry.access.cache_role import cache_role_policies, needs_cache_role
from registry.access.creation_role import creation_role_policies, needs_creation_role, role_of
from registry.access.delivery_roles import delivery_roles, policy_id
from registry.access.endpoint_policies import policy_of, s3_policy
from registry.access.policies import role_policies
from registry.access.registry_policy import registry_policy
from registry.access.trust import trust_policy
from registry.model import Federated, MadeRole, PipelineRole, PodIdentity
from registry.model.replication import replication_rules
from registry.plan.change import Change, Kind, Part, Risk, follower, kinds_about
from registry.plan.sides import Side, Sides

kind = kinds_about("What follows from the rest")
_WHY = "Compared by effect, nobody gains or loses anything beyond what other changes say."
ROLES = kind("role-policies", Risk.SAFE, "Policies of roles are written anew", _WHY)
POLICIES = kind("repository-policies", Risk.SAFE, "Repository policies are written anew", _WHY)
REGISTRY = kind("registry-policy", Risk.SAFE, "A registry policy is written anew", _WHY)
ENDPOINTS = kind(
    "endpoint-policies",
    Risk.SAFE,
    "Endpoint policies follow the grants",
    "They let through who has a grant, and grants are told apart.",
)
AUDIT = kind("audit-policy", Risk.SAFE, "Auditors may read in other places", "They read settings and no image.")
CREATION = kind(
    "creation-role", Risk.SAFE, "The role in which ECR creates follows its templates", "ECR alone may assume it."
)
CACHE = kind(
    "cache-role-follows",
    Risk.SAFE,
    "The role in which ECR pulls from other accounts follows its caches",
    "ECR alone may assume it. What the caches pull is told apart, and the other account has to allow it, too.",
)
TEMPLATES = kind(
    "replica-templates",
    Risk.SAFE,
    "Templates of a replica follow their namespaces",
    "They are for repositories that only replication creates.",
)
REPLICATION = kind(
    "replication-filters",
    Risk.SAFE,
    "The filters of the replication follow the repositories",
    "They name what is declared, so that nothing else is copied.",
)
Documents = Mapping[Part, Any]


def _roles(side: Side) -> Iterator[tuple[Part, Any]]:
    registry = side.registry
    for account in registry.accounts:
        for principal, documents in role_policies(registry, account).items():
            if isinstance(principal, PipelineRole):
                continue  # _deliveries has all roles of pipelines
            stack = side.access_stack(account, principal.name)
            for number, document in enumerate(documents, start=1):
                names = naming.access_policy_name(registry.name, principal.name, number)
                yield (stack, naming.logical_id(f"{principal.name}-{number}", "Policy"), ""), (document, names)
            if isinstance(principal, MadeRole):
                trust = trust_policy(principal, account, registry.region)
                yield (stack, naming.logical_id(principal.name, "Role"), ""), trust["Statement"]
            if isinstance(principal, PodIdentity) and principal.associated:
                yield (stack, naming.logical_id(principal.name, "Association"), ""), principal.cluster
            if isinstance(principal, Federated):
                yield (
                    (side.access_stack(account), naming.logical_id(principal.issuer, "Provider"), ""),
                    sorted({it.audience for it in role_policies(registry, account) if isinstance(it, Federated)}),
                )


def _deliveries(side: Side) -> Iterator[tuple[Part, Any]]:
    for role, documents in delivery_roles(side.registry).items():
        stack = side.stack(side.registry.home, naming.delivery_unit(role.repository))
        for number, document in enumerate(documents, start=1):
            yield (stack, policy_id(role, number), ""), document


def _policies(side: Side) -> Iterator[tuple[Part, Any]]:
    for at in side.registry.locations:
        for it in side.registry.repositories_in(at):
            part = (side.stack(at, side.unit_of(it.name)), naming.logical_id(it.name), "RepositoryPolicyText")
            text = it.policy_in(at)
            yield part, text and json.loads(text)


def _registry_policies(side: Side) -> Iterator[tuple[Part, Any]]:
    for at in side.registry.locations:
        if policy := registry_policy(side.registry, at):
            yield (side.stack(at, naming.REGISTRY_UNIT), "RegistryPolicy", ""), policy


def _endpoints(side: Side) -> Iterator[tuple[Part, Any]]:
    for network in side.registry.networks:
        stack = side.stack(network.location, network.construct_id)
        for service in network.services:
            part = (stack, naming.logical_id(service, "Endpoint"), "PolicyDocument")
            yield part, policy_of(side.registry, network, service)
        if network.s3 == "gateway":
            yield (stack, "LayerGateway", "PolicyDocument"), s3_policy(network)


def _audit(side: Side) -> Iterator[tuple[Part, Any]]:
    for account in side.registry.accounts:
        stack = side.access_stack(account)
        yield (stack, "AuditPolicy", ""), audit_policy(side.registry, account)


def _creation(side: Side) -> Iterator[tuple[Part, Any]]:
    for account in side.registry.accounts:
        if needs_creation_role(side.registry, account):
            stack = side.access_stack(account)
            yield (stack, "CreationRole", ""), "made"
            for number, document in enumerate(creation_role_policies(side.registry, account), start=1):
                yield (stack, f"CreationPolicy{'' if number == 1 else number}", ""), document


def _cache_roles(side: Side) -> Iterator[tuple[Part, Any]]:
    for account in side.registry.accounts:
        if needs_cache_role(side.registry, account):
            stack = side.access_stack(account)
            yield (stack, "UpstreamRole", ""), "made"
            for number, document in enumerate(cache_role_policies(side.registry, account), start=1):
                yield (stack, f"UpstreamPolicy{'' if number == 1 else number}", ""), document


def _templates(side: Side) -> Iterator[tuple[Part, Any]]:
    for at in side.registry.locations:
        for it in side.registry.templates_in(at):
            said = {key: value for key, value in vars_of(it).items() if key not in ("grants", "written_at", "policies")}
            text = it.policy_in(at)
            part = (side.stack(at, naming.REGISTRY_UNIT), naming.logical_id(it.prefix, "Template"), "")
            yield part, (said, text, role_of(side.registry, it, at), side.registry.template_key_in(it, at))


def vars_of(of: Any) -> dict[str, Any]:
    """The fields of a frozen class with slots."""
    return {name: getattr(of, name) for name in of.__dataclass_fields__}


def _replication(side: Side) -> Iterator[tuple[Part, Any]]:
    if rules := replication_rules(side.registry):
        yield (side.stack(side.registry.home, naming.REGISTRY_UNIT), "Replication", ""), rules


_FOLLOWING: tuple[tuple[Kind, str, Callable[[Side], Iterator[tuple[Part, Any]]]], ...] = (
    (ROLES, "policies of roles", _roles),
    (ROLES, "policies of pipelines", _deliveries),
    (POLICIES, "repository policies", _policies),
    (REGISTRY, "the registry policy", _registry_policies),
    (ENDPOINTS, "endpoint policies", _endpoints),
    (AUDIT, "the policy of auditors", _audit),
    (CREATION, "the role in which ECR creates", _creation),
    (CACHE, "the role in which ECR pulls upstream", _cache_roles),
    (TEMPLATES, "templates of replicas", _templates),
    (REPLICATION, "the replication", _replication),
)


@follower
def following(sides: Sides, explained: frozenset[Part]) -> Iterator[Change]:
    """One change for each kind of document."""
    stacks = {part[0] for part in explained if part[1:] == ("", "")}
    for of, what, documents in _FOLLOWING:
        old, new = (dict(documents(side)) for side in sides.both)
        parts = frozenset(
            part
            for part in {*old, *new}
            if old.get(part) != new.get(part)
            and part[0] not in stacks
            and part not in explained
            and (*part[:2], "") not in explained
        )
        if parts:
            yield Change(
                kind=of,
                subjects=(what,),
                message="are written anew, with the same effect" if of in (ROLES, POLICIES) else "follow the rest",
                after=f"{len(parts):,} resource{'' if len(parts) == 1 else 's'}",
                explains=parts,
            )
