"""The two sides of a plan: the registry before a change and after it, with the lines of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from registry import naming
from registry.access.delivery_roles import policy_id
from registry.access.policies import role_account, role_policies
from registry.cost.price_file import shipped
from registry.cost.prices import Prices
from registry.findings import Finding, Position, YamlPath
from registry.load import CheckResult
from registry.locations import Location
from registry.model import (
    CreationTemplate,
    Federated,
    MadeRole,
    PipelineRole,
    PodIdentity,
    Principal,
    Registry,
    Repository,
)
from registry.naming import namespace_of
from registry.patterns import names_below
from registry.plan.change import Part
from registry.reading.sources import Sources
from registry.replacements.find import StackKey
from registry.resolve.files import Written
from registry.resolve.registry import resolved

#: A line of the file, and whether it is one of the old file that is no longer there.
Line = tuple[Position, bool]
#: What a layer has for a key that it does not write.
_UNWRITTEN: Final = (None, ())


@dataclass(frozen=True)
class Side:
    """A registry, the files that it was resolved from, and the warnings that they accept."""

    registry: Registry
    written: Written
    sources: Sources
    accepted: tuple[Finding, ...] = ()

    def position(self, place: YamlPath) -> Position:
        """Where the key at a place stands."""
        return self.sources.position(place, key=True)

    @cached_property
    def repositories(self) -> dict[str, Repository]:
        """The declared repositories by name."""
        return {it.name: it for it in self.registry.repositories}

    @cached_property
    def namespaces(self) -> dict[str, list[Repository]]:
        """The declared repositories by namespace."""
        found: dict[str, list[Repository]] = {}
        for it in self.registry.repositories:
            found.setdefault(it.namespace, []).append(it)
        return found

    @cached_property
    def principals(self) -> dict[str, Principal]:
        """The principals by name."""
        return {it.name: it for it in self.registry.principals}

    def locations(self, namespace: str) -> tuple[Location, ...]:
        """Where the repositories of a namespace are."""
        replicas = (it.location for it in self.registry.replicas if namespace in it.namespaces)
        return (self.registry.home, *replicas)

    def stack(self, at: Location, unit: str) -> StackKey:
        """A stack by its construct id."""
        return at, naming.stack_name(self.registry.name, unit)

    def access_stack(self, account: str, principal: str = "") -> StackKey:
        """The Access stack of an account, or the one that has what a principal gets there."""
        return self.stack(Location(account, self.registry.region), self.registry.access_unit_of(principal))

    @cached_property
    def stacks(self) -> frozenset[StackKey]:
        """Every stack there is."""
        registry = self.registry
        return frozenset((at, name) for at in registry.stack_locations for name in registry.stack_names_in(at))

    def unit_of(self, name: str) -> str:
        """The construct id of the Repositories stack that holds a repository."""
        return self.registry.unit_of(name)

    def parts_of(self, name: str, *properties: str) -> Iterator[Part]:
        """A declared repository in the templates of all its locations: the whole of it, or some properties."""
        if name in self.repositories:
            unit = self.unit_of(name)
            for at in self.locations(namespace_of(name)):
                for each in properties or ("",):
                    yield self.stack(at, unit), naming.logical_id(name), each

    def parts_of_template(self, prefix: str) -> Iterator[Part]:
        """A creation template in the templates of all its locations."""
        for at in self.registry.locations:
            if any(it.prefix == prefix for it in self.registry.templates_in(at)):
                yield self.stack(at, naming.REGISTRY_UNIT), naming.logical_id(prefix, "Template"), ""

    def parts_of_principal(self, principal: Principal) -> Iterator[Part]:
        """The role of a principal, its policies, and the provider that vouches for it."""
        account = role_account(self.registry, principal)
        documents = role_policies(self.registry, account).get(principal) if account else None
        if account is None or documents is None:
            return
        if isinstance(principal, PipelineRole):
            stack = self.stack(self.registry.home, naming.delivery_unit(principal.repository))
            yield from ((stack, policy_id(principal, number), "") for number in range(1, len(documents) + 1))
            return
        stack = self.access_stack(account, principal.name)
        for number in range(1, len(documents) + 1):
            yield stack, naming.logical_id(f"{principal.name}-{number}", "Policy"), ""
        if isinstance(principal, MadeRole):
            yield stack, naming.logical_id(principal.name, "Role"), ""
        if isinstance(principal, PodIdentity) and principal.associated:
            yield stack, naming.logical_id(principal.name, "Association"), ""
        if isinstance(principal, Federated):
            yield self.access_stack(account), naming.logical_id(principal.issuer, "Provider"), ""

    def layers(self, name: str) -> dict[YamlPath, Any]:
        """The layers that speak of a declared repository, or of a namespace (`web/*`), nearest first."""
        if name in self.written.entries:
            return dict(self.written.layers(name))
        namespace = namespace_of(name)
        return dict(self.written.namespace_layers(namespace, self.team_of(namespace)))

    def team_of(self, namespace: str) -> str | None:
        """The file of the team whose namespace it is."""
        return self._teams.get(namespace)

    @cached_property
    def _teams(self) -> dict[str, str]:
        """The first team file of each namespace."""
        return {it.namespace: file for file, it in reversed([*self.written.teams.items()])}

    def people(self, name: str) -> tuple[str, ...]:
        """Who is responsible for a repository: its owner, and the file of its team."""
        repository = self.repositories.get(name)
        owner = repository.owner if repository else None
        return tuple(word for word in (owner, self.team_of(namespace_of(name))) if word)


def side_of(outcome: CheckResult, sources: Sources) -> Side | None:
    """One side, of what checking its files came to; also of files with errors, as far as they can be resolved."""
    if outcome.written is None:
        return None
    return Side(outcome.registry or resolved(outcome.written), outcome.written, sources, outcome.accepted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What has the settings of repositories, on both sides: a declared one, or a creation template (`of`, `prefix`).

    `name` is the repository's, or `web/*`.
    """

    name: str
    label: str
    old: Repository | CreationTemplate
    new: Repository | CreationTemplate
    line: Callable[..., Line | None]
    parts: Callable[..., frozenset[Part]]
    people: tuple[str, ...]

    @property
    def declared(self) -> bool:
        """Whether it is a repository that exists, and no template of those to come."""
        return isinstance(self.new, Repository)


@dataclass(frozen=True)
class Sides:
    """The old side and the new one, and what AWS bills."""

    old: Side
    new: Side
    prices: Prices = field(default_factory=shipped)

    @property
    def both(self) -> tuple[Side, Side]:
        """The old one first."""
        return self.old, self.new

    def at(self, *places: YamlPath) -> Line:
        """The line of the first place that is written, in the new file if possible; else where the new file begins."""
        for place in places:
            for side in (self.new, self.old):
                if side.sources.has(place):
                    return side.position(place), side is self.old
        return self.new.position(()), False

    def cause(self, name: str, *keys: str) -> Line | None:
        """The line that makes a setting of a repository (or of `web/*`) another one, in the nearest layer that differs.

        None where no layer differs.
        """
        old, new = self.old.layers(name), self.new.layers(name)
        for here, there, side in ((new, old, self.new), (old, new, self.old)):
            for key in keys:
                for place, layer in here.items():
                    value = getattr(layer, key)
                    other = getattr(there[place], key) if place in there else None
                    if value not in _UNWRITTEN and value != other:
                        return side.position((*place, key)), side is self.old
        return None

    def entry(self, name: str) -> Line:
        """Where a repository is declared, or what stands nearest to a namespace (`web/*`)."""
        for side in (self.new, self.old):
            if name in side.written.entries:
                return side.position(side.written.entries[name].place), side is self.old
        return self.at(("namespaces", namespace_of(name)), ("defaults",))

    def parts_of(self, name: str, *properties: str) -> frozenset[Part]:
        """A repository in the templates of both sides."""
        return frozenset(part for side in self.both for part in side.parts_of(name, *properties))

    def people(self, name: str) -> tuple[str, ...]:
        """Who is responsible for a repository, before and after."""
        return tuple(dict.fromkeys(who for side in self.both for who in side.people(name)))

    @cached_property
    def kept(self) -> tuple[str, ...]:
        """The repositories that both sides declare."""
        return tuple(name for name in self.new.repositories if name in self.old.repositories)

    @cached_property
    def holders(self) -> tuple[Holder, ...]:
        """Everything with settings of repositories that both sides have and that is not the same."""
        return tuple(self._holders())

    def _holders(self) -> Iterator[Holder]:
        for name in self.kept:
            old, new = self.old.repositories[name], self.new.repositories[name]
            if old != new:
                yield Holder(
                    name=name,
                    label=name,
                    old=old,
                    new=new,
                    line=lambda *keys, name=name: self.cause(name, *keys),
                    parts=lambda *properties, name=name: self.parts_of(name, *properties),
                    people=self.people(name),
                )
        before, after = (_templates(side) for side in self.both)
        for prefix, new_template in after.items():
            if prefix in before and before[prefix] != new_template:
                name = names_below(prefix)
                yield Holder(
                    name=name,
                    label=f"{name} (creation template)",
                    old=before[prefix],
                    new=new_template,
                    line=lambda *keys, prefix=prefix: self._of_template(prefix, *keys),
                    parts=lambda *_, prefix=prefix: frozenset(
                        part for side in self.both for part in side.parts_of_template(prefix)
                    ),
                    people=self.people(name),
                )

    def _of_template(self, prefix: str, *keys: str) -> Line | None:
        """The line that makes a setting of a creation template another one: its own, or of its namespace's layers."""
        old, new = (side.written.root.creation_templates.get(prefix) for side in self.both)
        if old is None or new is None:
            return self.cause(names_below(prefix), *keys)
        for key in keys:
            if getattr(old, key, None) != getattr(new, key, None):
                return self.at(("creation_templates", prefix, key))
        return None


def _templates(side: Side) -> dict[str, CreationTemplate]:
    """Every creation template, those for replication included that no file declares."""
    found = {it.prefix: it for at in side.registry.locations for it in side.registry.templates_in(at)}
    return found | {it.prefix: it for it in side.registry.creation_templates}
