"""Which of the repositories that a grant speaks of a pull-through cache may fill. Total, as resolve.py is."""

from __future__ import annotations

from collections.abc import Iterator

from registry.limits import ROOT_PREFIX
from registry.locations import Location
from registry.model import Grant, Registry
from registry.patterns import below


def cached_scopes(registry: Registry, grant: Grant, at: Location) -> frozenset[str]:
    """The repositories of a grant below the prefixes of the cache rules of a location, as a grant names them.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
    """
    found = {scope for prefix in registry.caches_in(at) for scope in _shared(grant.scope, prefix)}
    return frozenset(scope for scope in found if not any(_inside(scope, other) for other in found - {scope}))


def is_cached(registry: Registry, repository: str, at: Location) -> bool:
    """Whether a cache of a location can make a repository."""
    return any(below(prefix, repository) for prefix in registry.caches_in(at))


def _shared(scope: str, prefix: str) -> Iterator[str]:
    """The names that a scope (a repository, or a namespace and `/*`) and a prefix have in common."""
    if prefix == ROOT_PREFIX or scope.startswith(f"{prefix}/"):
        yield scope
    elif scope.endswith("/*") and prefix.startswith(scope[:-1]):
        yield f"{prefix}/*"


def _inside(scope: str, other: str) -> bool:
    return other.endswith("/*") and scope.startswith(other[:-1])
