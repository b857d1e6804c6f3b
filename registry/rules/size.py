"""Rules about CloudFormation's limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.limits import CFN_GUIDE, STACK_RESOURCES
from registry.naming import ROOT_NAMESPACE
from registry.rules.mechanism import Declared, Problem, rule

LIMITS_PAGE: Final = f"{CFN_GUIDE}/cloudformation-limits.html"
REPOSITORIES_IN_A_STACK: Final = STACK_RESOURCES - 20  # room for what a stack may hold besides
MAX_SHARDS: Final = 100


@rule("shards", "A namespace has 1 to 100 shards", LIMITS_PAGE)
def shards(declared: Declared) -> Iterator[Problem]:
    for name, namespace in declared.file.namespaces.items():
        if namespace.shards is not None and not 1 <= namespace.shards <= MAX_SHARDS:
            yield Problem(
                at=("namespaces", name, "shards"),
                message="this is not a shard count",
                given=str(namespace.shards),
                allowed=f"1 to {MAX_SHARDS}",
                way_out=f"write one for each {REPOSITORIES_IN_A_STACK // 2} repositories to come",
            )


@rule("stack-size", "A Repositories stack stays within CloudFormation's 500 resources", LIMITS_PAGE)
def stack_size(declared: Declared) -> Iterator[Problem]:
    if any(n > MAX_SHARDS for n in declared.registry.shards.values()):
        return  # the rule `shards` says it; trying every shard of a million would take its time
    for unit in declared.registry.units_in(declared.registry.region):
        count = len(unit.repositories)
        if count > REPOSITORIES_IN_A_STACK:
            where = (
                "names without a namespace" if unit.namespace == ROOT_NAMESPACE else f"the namespace {unit.namespace}"
            )
            total = 2 * sum(r.namespace == unit.namespace for r in declared.registry.repositories)
            yield Problem(
                at=("namespaces", unit.namespace) if unit.namespace in declared.file.namespaces else ("repositories",),
                message=f"{where} has too many repositories for its stacks",
                given=f"{count} repositories in one stack",
                allowed=f"at most {REPOSITORIES_IN_A_STACK}",
                way_out=f"write namespaces: {{{unit.namespace}: {{shards: {total // REPOSITORIES_IN_A_STACK + 1}}}}} "
                "before the first deploy; later it would move repositories between stacks",
                key=True,
            )
