"""Which namespaces there are, and which of them each replica receives. Total, as resolve.py is."""

from __future__ import annotations

from registry.locations import Location, located
from registry.naming import namespace_of
from registry.resolve.files import Written
from registry.resolve.registry_wide import namespace_below


def spoken_of(written: Written) -> frozenset[str]:
    """Every namespace that a file says something about, also those that no repository is in yet."""
    root = written.root
    below = {namespace for prefix in root.creation_templates if (namespace := namespace_below(prefix))}
    teams = {team.namespace for team in written.teams.values()}
    return frozenset({*map(namespace_of, written.entries), *root.namespaces, *teams, *below})


def namespaces_of(written: Written) -> dict[Location, frozenset[str]]:
    """The namespaces of each replica: those it names, or all that have repositories, or whatever is spoken of."""
    root, present = written.root, frozenset(map(namespace_of, written.entries))
    return {
        located(name, root.registry.account): frozenset(shape.namespaces)
        if shape.namespaces is not None
        else spoken_of(written)
        if shape.all_repositories
        else present
        for name, shape in root.replicas.items()
    }
