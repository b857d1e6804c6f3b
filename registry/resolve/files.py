"""Everything the files say, as written: the root file and the team files, behind one set of questions.

Total: also for files that rules refuse, so that rules can ask. Where two files declare one repository the
first one counts, and a rule says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from registry.findings import TEAM_FILE, YamlPath
from registry.naming import namespace_of
from registry.shape import CreationTemplateShape, FileShape, Lifecycle, RegistryPolicyShape, Settings, TeamShape

Layer = tuple[YamlPath, Settings]


@dataclass(frozen=True, slots=True)
class DeclaredRepository:
    """A repository where it is declared; `team` is the name of the team's file, None for the root file."""

    place: YamlPath
    settings: Settings
    team: str | None


@dataclass(frozen=True)
class Written:
    """The files of one registry; team files by name."""

    root: FileShape
    teams: Mapping[str, TeamShape] = field(default_factory=dict)

    @cached_property
    def entries(self) -> Mapping[str, DeclaredRepository]:
        """Every repository by name."""
        return dict(reversed(list(self.every_entry())))

    def every_entry(self) -> Iterator[tuple[str, DeclaredRepository]]:
        """Every entry of every file, also those whose name another file has too."""
        for name, settings in self.root.repositories.items():
            yield name, DeclaredRepository(("repositories", name), settings, None)
        for file, team in self.teams.items():
            for name, settings in team.repositories.items():
                yield name, DeclaredRepository((TEAM_FILE, file, "repositories", name), settings, file)

    def layers(self, repository: str) -> Iterator[Layer]:
        """The layers that speak of a repository, nearest first, each with its place."""
        entry = self.entries[repository]
        yield entry.place, entry.settings
        yield from self.namespace_layers(namespace_of(repository), entry.team)

    def namespace_layers(self, namespace: str, team: str | None) -> Iterator[Layer]:
        """The layers that speak of every repository of a namespace; `team` is the name of the team's file."""
        if team is not None:
            yield (TEAM_FILE, team, "defaults"), self.teams[team].defaults
        if namespace in self.root.namespaces:
            yield ("namespaces", namespace), self.root.namespaces[namespace]
        yield ("defaults",), self.root.defaults

    def every_layer(self) -> Iterator[Layer]:
        """Every layer as written, farthest first, with its place."""
        yield ("defaults",), self.root.defaults
        for name, namespace in self.root.namespaces.items():
            yield ("namespaces", name), namespace
        for file, team in self.teams.items():
            yield (TEAM_FILE, file, "defaults"), team.defaults
        for _, entry in self.every_entry():
            yield entry.place, entry.settings

    def creation_templates(self) -> Iterator[tuple[YamlPath, CreationTemplateShape]]:
        """Every creation template with its place."""
        for prefix, template in self.root.creation_templates.items():
            yield ("creation_templates", prefix), template

    def registry_policies(self) -> Iterator[tuple[YamlPath, RegistryPolicyShape]]:
        """Every registry policy that is written, with its place."""
        if self.root.registry_policy is not None:
            yield ("registry_policy",), self.root.registry_policy
        for location, replica in self.root.replicas.items():
            if replica.registry_policy is not None:
                yield ("replicas", location, "registry_policy"), replica.registry_policy

    def with_settings(self) -> Iterator[tuple[YamlPath, Settings | CreationTemplateShape]]:
        """Every layer and every creation template: they have most keys in common."""
        yield from self.every_layer()
        yield from self.creation_templates()

    def origin(self, repository: str, key: str) -> YamlPath:
        """Where a repository's setting is written: the place in the nearest layer that has it, or of the entry."""
        for place, settings in self.layers(repository):
            if getattr(settings, key) is not None:
                return (*place, key)
        return self.entries[repository].place

    def lifecycles(self) -> Iterator[tuple[YamlPath, str, Lifecycle]]:
        """Every lifecycle of every file, with its place and name."""
        for name, lifecycle in self.root.lifecycles.items():
            yield ("lifecycles", name), name, lifecycle
        for file, team in self.teams.items():
            for name, lifecycle in team.lifecycles.items():
                yield (TEAM_FILE, file, "lifecycles", name), name, lifecycle

    def lifecycle_place(self, name: str, team: str | None) -> YamlPath | None:
        """Where the lifecycle stands that a layer of a team's file (or of the root file) means by a name."""
        if team is not None and name in self.teams[team].lifecycles:
            return (TEAM_FILE, team, "lifecycles", name)
        return ("lifecycles", name) if name in self.root.lifecycles else None

    def lifecycle_of(self, repository: str) -> YamlPath | None:
        """Where the lifecycle of a repository stands; None for the built-in one and for one that is not there."""
        for place, settings in self.layers(repository):
            if settings.lifecycle is not None:
                return self.lifecycle_place(settings.lifecycle, team_of(place))
        return None


def team_of(place: YamlPath) -> str | None:
    """The team's file a place stands in, or None for the root file."""
    return str(place[1]) if place and place[0] == TEAM_FILE else None
