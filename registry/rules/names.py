"""Rules about names of repositories and namespaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from registry.findings import Severity, listed, shown
from registry.limits import ECR_GUIDE, NAMESPACE, REPOSITORY_NAME
from registry.naming import ROOT_NAMESPACE, namespace_of
from registry.nearest import Nearest
from registry.resolve.registry_wide import namespace_below
from registry.rules.rule import Problem, RuleContext, rule

#: How the addresses of private registries begin: https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
_URI: Final = re.compile(r"[0-9]{12}\.dkr[.-]ecr[.-][a-z0-9.-]+(?:/|\Z)")


def namespaces_used(declared: RuleContext) -> set[str]:
    """The namespaces that have a repository, those with an illegal name left out."""
    return {n for n in map(namespace_of, declared.written.entries) if n == ROOT_NAMESPACE or NAMESPACE.fullmatch(n)}


@rule(
    "repository-name-uri",
    "Write a repository's name without the registry's host",
    f"{ECR_GUIDE}/Repositories.html",
    Severity.WARNING,
)
def repository_name_uri(declared: RuleContext) -> Iterator[Problem]:
    """The name would contain the host, and every image address would have the host twice."""
    for name, entry in declared.written.every_entry():
        if found := _URI.match(name):
            rest = name[found.end() :]
            yield Problem(
                at=entry.place,
                message="this is an image address: the registry's host would become part of the name",
                given=shown(name, 90),
                allowed="the part after the host",
                way_out=f"write {rest}" if REPOSITORY_NAME.fullmatch(rest) else "write the name alone",
                key=True,
            )


@rule(
    "namespace-unused",
    "Declare a repository in the namespace, or remove the namespace",
    f"{ECR_GUIDE}/Repositories.html",
    Severity.WARNING,
    waits=True,
)
def namespace_unused(declared: RuleContext) -> Iterator[Problem]:
    """Its settings and grants hold for nothing. Mostly the name is misspelled."""
    root = declared.root
    prefixes = (*root.creation_templates, *root.pull_through_cache_rules)
    used = namespaces_used(declared) | {namespace for prefix in prefixes if (namespace := namespace_below(prefix))}
    nearest, allowed = Nearest(sorted(used)), listed(sorted(used))
    for name in declared.root.namespaces:
        if name not in used and name != ROOT_NAMESPACE:
            yield Problem(
                at=("namespaces", name),
                message=f"no repository is in the namespace {name}",
                given=name,
                allowed=allowed,
                way_out=nearest.way_out(name) or f"declare a repository {name}/…, or remove the namespace",
                key=True,
            )
