"""Which of the repositories that a grant speaks of a pull-through cache may fill. Total, as resolve.py is."""

from __future__ import annotations

from collections.abc import Iterator

from registry.limits import ROOT_PREFIX
from registry.model import Grant, Registry


def cached_scopes(registry: Registry, grant: Grant) -> frozenset[str]:
    """The repositories of a grant below the prefixes of cache rules, as a grant names them.

    ECR fetches at home, where the rules are.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
    """
    found = {scope for prefix in registry.pull_through_cache_rules for scope in _shared(grant.scope, prefix)}
    return frozenset(scope for scope in found if not any(_inside(scope, other) for other in found - {scope}))


def _shared(scope: str, prefix: str) -> Iterator[str]:
    """The names that a scope (a repository, or a namespace and `/*`) and a prefix have in common."""
    if prefix == ROOT_PREFIX or scope.startswith(f"{prefix}/"):
        yield scope
    elif scope.endswith("/*") and prefix.startswith(scope[:-1]):
        yield f"{prefix}/*"


def _inside(scope: str, other: str) -> bool:
    return other.endswith("/*") and scope.startswith(other[:-1])
