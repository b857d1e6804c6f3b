"""Rules about CloudFormation's limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from registry.findings import Severity, YamlPath
from registry.limits import CFN_GUIDE, SHARDS, STACK_RESOURCES, STACKS, TEMPLATE_BYTES
from registry.model import RepositoriesStackPlan
from registry.naming import ROOT_NAMESPACE
from registry.replacements.advice import OPERATIONS
from registry.rules.rule import Problem, RuleContext, rule
from registry.rules.weights import Weight, access_parts, registry_parts, repository_bytes, total

LIMITS_PAGE: Final = f"{CFN_GUIDE}/cloudformation-limits.html"
RESOURCES_IN_A_STACK: Final = STACK_RESOURCES - 20  # room for what a stack may hold besides
BYTES_IN_A_STACK: Final = TEMPLATE_BYTES - 20_000


@rule("stack-size", "Keep the repositories of one stack within 500 resources and 1 MB", LIMITS_PAGE)
def stack_size(declared: RuleContext) -> Iterator[Problem]:
    """CloudFormation refuses a larger stack. More shards of a namespace that is deployed already move repositories
    between stacks, which is an import and not a deploy.
    """
    if any(n > SHARDS[1] for n in declared.registry.shards.values()):
        return  # the rule `shards` says it; trying every shard of a million would take its time
    for unit in declared.registry.units_in(declared.registry.home):
        count, size = len(unit.repositories), sum(map(repository_bytes, unit.repositories))
        too_many = count > RESOURCES_IN_A_STACK
        if too_many or size > BYTES_IN_A_STACK:
            where, at, way_out = _shared(declared, unit) if unit.shared else _alone(declared, unit)
            yield Problem(
                at=at,
                message=f"{where} too many repositories",
                given=f"{count} repositories in one stack"
                + ("" if too_many else f", whose template comes to about {size / 1e6:.1f} MB"),
                allowed=f"at most {RESOURCES_IN_A_STACK}" + ("" if too_many else ", in a template of at most 1 MB"),
                way_out=f"{way_out}; repositories that are deployed already change their stack then: follow "
                f"{OPERATIONS}, `More shards`",
                key=True,
            )


def _alone(declared: RuleContext, unit: RepositoriesStackPlan) -> tuple[str, YamlPath, str]:
    """Whose stack is too large, where, and the way out."""
    name = unit.namespace
    where = "names without a namespace have" if name == ROOT_NAMESPACE else f"the stacks of the namespace {name} have"
    at = ("namespaces", name) if name in declared.root.namespaces else ("repositories",)
    return where, at, f"write namespaces: {{{name}: {{shards: {_shards(declared, name)}}}}}"


def _shared(declared: RuleContext, unit: RepositoriesStackPlan) -> tuple[str, YamlPath, str]:
    """The same of a stack that namespaces share: the largest of them should leave."""
    largest, number = Counter(it.namespace for it in unit.repositories).most_common(1)[0]
    return (
        f"the stack {unit.shared}, which namespaces share, has",
        ("namespaces", largest, "stack"),
        f"let some of them share another stack, for example {largest}, which has {number} of them",
    )


@rule("shared-stack-shards", "Give a namespace that shares a stack no shards", LIMITS_PAGE)
def shared_stack_shards(declared: RuleContext) -> Iterator[Problem]:
    """Shards are stacks of one namespace. What shares a stack is small."""
    for name, shape in declared.root.namespaces.items():
        if shape.stack and shape.shards > 1:
            yield Problem(
                at=("namespaces", name, "shards"),
                message=f"the namespace {name} shares the stack {shape.stack}, and has shards of its own, too",
                given=f"stack: {shape.stack}, shards: {shape.shards}",
                allowed="one of the two",
                way_out=f"leave out `shards`; or leave out `stack`, where {name} grows beyond "
                f"{RESOURCES_IN_A_STACK} repositories",
            )


def _shards(declared: RuleContext, namespace: str) -> int:
    """A count at which stacks are half full, so that the namespace can grow."""
    members = [r for r in declared.registry.repositories if r.namespace == namespace]
    stacks = max(len(members) / RESOURCES_IN_A_STACK, sum(map(repository_bytes, members)) / BYTES_IN_A_STACK)
    return min(int(2 * stacks) + 1, SHARDS[1])


@rule("access-stack-size", "Keep each Access stack within 500 resources and 1 MB", LIMITS_PAGE)
def access_stack_size(declared: RuleContext) -> Iterator[Problem]:
    """CloudFormation refuses a larger stack, and then no grant of it can be deployed. A principal that is deployed
    already does not change its stack: its role would be deleted and made anew.
    """
    registry = declared.registry
    for unit in (it for account in registry.accounts for it in registry.access_stacks_in(account)):
        account = unit.location.account
        parts = access_parts(registry, account, unit.name)
        if heavy := _heavy(parts):
            other = "another stack" if unit.name else "stack: NAME"
            apart = f"write {other} beside principals that are not deployed yet (one that moves gets its role anew)"
            yield _too_heavy(
                ("access",) if heavy == "providers" else ("principals",),
                f"the grants do not fit into the stack {unit.construct_id} of {account}"
                if unit.name
                else f"the grants do not fit into the Access stack of {account}",
                parts,
                {
                    "policies": f"{apart}; or grant on namespaces instead of on each repository",
                    "roles": f"{apart}; or let several repositories share a principal",
                    "providers": "create the providers elsewhere, and name them in access: {oidc_providers: [...]}",
                    "rest": f"{apart}; or write fewer creation templates",
                }[heavy],
            )


@rule("registry-stack-size", "Keep the Registry stack within 500 resources and 1 MB", LIMITS_PAGE)
def registry_stack_size(declared: RuleContext) -> Iterator[Problem]:
    """CloudFormation refuses a larger stack, and then no registry-wide setting can be deployed."""
    registry = declared.registry
    for at in registry.locations:
        parts = registry_parts(registry, at)
        heavy = _heavy(parts)
        if heavy is None:
            continue
        of_file = len(registry.creation_templates) > parts[heavy].resources // 2
        key = "replicas" if heavy == "creation_templates" and not of_file else heavy
        yield _too_heavy(
            (key,) if getattr(declared.root, key) else (),
            f"the registry-wide settings do not fit into the Registry stack of {at.beside(registry.home)}",
            parts,
            {
                "creation_templates": "join some under a shorter prefix; "
                "ROOT with applied_for: [REPLICATION] serves all replicas",
                "kms_keys": "let namespaces share keys",
                "pull_through_cache_rules": "join rules of the same upstream",
                "replicas": "give repositories a namespace (one filter for all of it), or replicas the same namespaces",
            }[heavy],
        )
        return  # what is too large is so in most locations


def _heavy(parts: Mapping[str, Weight]) -> str | None:
    """What makes a stack too large, if it is; of several the one with most resources, or where those fit most bytes."""
    stack = total(parts.values())
    if stack.resources > RESOURCES_IN_A_STACK:
        return max(parts, key=lambda name: parts[name].resources)
    return max(parts, key=lambda name: parts[name].size) if stack.size > BYTES_IN_A_STACK else None


def _too_heavy(at: YamlPath, message: str, parts: Mapping[str, Weight], way_out: str) -> Problem:
    stack = total(parts.values())
    return Problem(
        at=at,
        message=message,
        given=f"{stack.resources} resources, and a template of about {stack.size / 1e6:.1f} MB",
        allowed=f"at most {RESOURCES_IN_A_STACK} resources, in a template of at most 1 MB",
        way_out=way_out,
        key=True,
    )


@rule("stack-count", "Keep within 2,000 stacks in a region, or have the quota raised", LIMITS_PAGE, Severity.WARNING)
def stack_count(declared: RuleContext) -> Iterator[Problem]:
    """CloudFormation refuses the next stack, so the deploy stops at some namespace."""
    registry = declared.registry
    if any(n > SHARDS[1] for n in registry.shards.values()):
        return  # as in stack_size
    for at in registry.stack_locations:
        if (count := len(registry.stacks_in(at))) > STACKS:
            yield Problem(
                at=("repositories",),
                message=f"{at} would have more stacks than CloudFormation allows by default",
                given=f"{count:,} stacks of this registry, one for each namespace",
                allowed=f"{STACKS:,} stacks in a region, those of others counted too",
                way_out="let small namespaces share stacks (namespaces: {NAME: {stack: small}}) before their first "
                "deploy; or have the quota raised (Service Quotas, AWS CloudFormation, Stack count), then accept this "
                "warning",
                key=True,
            )
