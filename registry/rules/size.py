"""Rules about CloudFormation's limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from registry.limits import CFN_GUIDE, STACK_RESOURCES, TEMPLATE_BYTES
from registry.model import Repository
from registry.naming import ROOT_NAMESPACE
from registry.rules.mechanism import Declared, Problem, rule

LIMITS_PAGE: Final = f"{CFN_GUIDE}/cloudformation-limits.html"
REPOSITORIES_IN_A_STACK: Final = STACK_RESOURCES - 20  # room for what a stack may hold besides
BYTES_IN_A_STACK: Final = TEMPLATE_BYTES - 20_000
MAX_SHARDS: Final = 100


@rule("shards", "A namespace has 1 to 100 shards", LIMITS_PAGE)
def shards(declared: Declared) -> Iterator[Problem]:
    for name, namespace in declared.root.namespaces.items():
        if namespace.shards is not None and not 1 <= namespace.shards <= MAX_SHARDS:
            yield Problem(
                at=("namespaces", name, "shards"),
                message="this is not a shard count",
                given=str(namespace.shards),
                allowed=f"1 to {MAX_SHARDS}",
                way_out=f"write one for each {REPOSITORIES_IN_A_STACK // 2} repositories to come",
            )


@rule("stack-size", "A Repositories stack stays within CloudFormation's 500 resources and 1 MB", LIMITS_PAGE)
def stack_size(declared: Declared) -> Iterator[Problem]:
    if any(n > MAX_SHARDS for n in declared.registry.shards.values()):
        return  # the rule `shards` says it; trying every shard of a million would take its time
    for unit in declared.registry.units_in(declared.registry.home):
        count, size = len(unit.repositories), sum(map(template_bytes, unit.repositories))
        too_many = count > REPOSITORIES_IN_A_STACK
        if (too_many or size > BYTES_IN_A_STACK) and declared.intact(("namespaces", unit.namespace, "shards")):
            where = (
                "names without a namespace" if unit.namespace == ROOT_NAMESPACE else f"the namespace {unit.namespace}"
            )
            yield Problem(
                at=("namespaces", unit.namespace) if unit.namespace in declared.root.namespaces else ("repositories",),
                message=f"{where} has too many repositories for its stacks",
                given=f"{count} repositories in one stack"
                + ("" if too_many else f", whose template comes to about {size / 1e6:.1f} MB"),
                allowed=f"at most {REPOSITORIES_IN_A_STACK}" + ("" if too_many else ", in a template of at most 1 MB"),
                way_out=f"write namespaces: {{{unit.namespace}: {{shards: {_shards(declared, unit.namespace)}}}}} "
                "before the first deploy; later it would move repositories between stacks",
                key=True,
            )


def template_bytes(repository: Repository) -> int:
    """About how many bytes of a template a repository takes; not fewer. tests/registry/test_rules.py weighs it."""
    key = max(repository.encryption.keys.values(), key=len, default="")
    texts = [key, repository.lifecycle.text if repository.lifecycle else ""]
    texts += [word for tag in repository.tags for word in tag]
    return (
        700  # the keys that are always there, with their indentation
        + 4 * len(repository.name)
        + sum(len(json.dumps(text)) for text in texts)
        + sum(150 + len(tag) for tag in repository.exclusion_filters)
        + 60 * len(repository.tags)
        + max(map(_policy_bytes, repository.policies.values()), default=0)
    )


@lru_cache  # one policy may be that of every repository
def _policy_bytes(policy: str) -> int:
    """A policy document in a template, where it stands four levels deep, each of one space."""
    lines = json.dumps(json.loads(policy), indent=1).splitlines()
    return 40 + sum(len(line) + 5 for line in lines)  # 40: its key


def _shards(declared: Declared, namespace: str) -> int:
    """A count at which stacks are half full, so that the namespace can grow."""
    members = [r for r in declared.registry.repositories if r.namespace == namespace]
    stacks = max(len(members) / REPOSITORIES_IN_A_STACK, sum(map(template_bytes, members)) / BYTES_IN_A_STACK)
    return min(int(2 * stacks) + 1, MAX_SHARDS)
