"""Access by effect: who may do what where that could not before, and who no longer can, however it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from registry import naming
from registry.access.openings import Audience
from registry.access.policies import role_account
from registry.access.registry_policy import registry_policy
from registry.limits import IAM_GUIDE
from registry.locations import Location
from registry.model import CreationTemplate, Grant, Principal
from registry.naming import namespace_of
from registry.patterns import covers, names_below
from registry.plan.change import Change, Kind, Part, Risk, comparison, kinds_about
from registry.plan.principals import renewed
from registry.plan.relation import (
    LIKE,
    REGISTRY,
    Source,
    Told,
    beyond,
    called,
    in_words,
    of_grants,
    of_registry,
    of_repository,
)
from registry.plan.sides import Line, Side, Sides

_LINK = f"{IAM_GUIDE}/reference_policies_evaluation-logic.html"
kind = kinds_about("Access")
GAINED = kind(
    "access-gained",
    Risk.OPENS,
    "Somebody may do what they could not do before",
    "Compared by effect, from grants, raw policies and the registry policy together: what was allowed in other words "
    "is no gain. A repository that is new is compared with the others of its namespace.",
    _LINK,
)
LOST = kind(
    "access-lost",
    Risk.BREAKS,
    "Somebody can no longer do what they could do before",
    "A pipeline that pushes, or a node that pulls, fails from the deploy on.",
    _LINK,
)
LATER = kind(
    "access-later",
    Risk.SAFE,
    "A grant holds for other repositories to come",
    "Only for those that replication creates and no file declares; what holds for declared ones is told apart.",
)
#: What the registry policies of a location allow, before and after, by repository.
_Policies = dict[Location, tuple[dict[str, Told], dict[str, Told]]]
#: Somebody, under a condition, by one place of the file.
Cause = tuple[Audience, str, Source]


@dataclass
class _Found:
    """What is gained or lost by one cause: actions by the repository, and where those are."""

    actions: dict[str, set[str]] = field(default_factory=dict)
    locations: set[Location] = field(default_factory=set)
    parts: set[Part] = field(default_factory=set)


class _Ledger:
    """Gains, or losses, by their causes."""

    def __init__(self, sides: Sides, side: Side, of: Kind) -> None:
        self.sides, self.side, self.of = sides, side, of
        self.verb = "may now" if side is sides.new else "can no longer"
        self.found: dict[Cause, _Found] = {}

    def add(self, told: Told, name: str, at: Location, parts: Iterable[Part]) -> None:
        """What is allowed on a repository at a location by one side alone."""
        for may, source in told.items():
            found = self.found.setdefault((may.who, may.condition, source), _Found())
            found.actions.setdefault(name, set()).add(may.action)
            found.locations.add(at)
            found.parts.update(parts)

    def changes(self) -> Iterator[Change]:
        """One for each cause and each set of actions."""
        for (who, condition, source), found in self.found.items():
            by_actions: dict[frozenset[str], list[str]] = {}
            for name, named in found.actions.items():
                by_actions.setdefault(frozenset(named), []).append(name)
            where, gone = self._line(who, source)
            for actions, names in by_actions.items():
                yield Change(
                    kind=self.of,
                    subjects=tuple(names),
                    message=self._said(who, condition, actions, names, found.locations),
                    where=where,
                    gone=gone,
                    concerns=tuple(dict.fromkeys(it for name in names for it in self.sides.people(name))),
                    explains=frozenset(found.parts) | self._roles(source.principal),
                )

    def _said(self, who: Audience, condition: str, actions: frozenset[str], names: list[str], at: set[Location]) -> str:
        number = f"{len(names):,} {'repository' if len(names) == 1 else 'repositories'}"
        if any(name.startswith(LIKE) for name in names):
            number = f"{len(names):,} {'name' if len(names) == 1 else 'names'}"
        regions = ", ".join(it.beside(self.side.registry.home) for it in sorted(at))
        where = f" where {condition}" if condition else ""
        count = f" ({len(actions)} actions)" if len(actions) > 1 else ""
        return f"{called(self.side, who)} {self.verb} {in_words(actions)}{count} on {number} in {regions}{where}"

    def _line(self, who: Audience, source: Source) -> Line:
        """Where it is granted; what was granted before changes with the organization that it is bound to."""
        old, new = (it.registry.roles.organization for it in self.sides.both)
        if old != new and who.account and source.principal is not None:
            name = source.principal.name
            if all(any(it.principal.name == name for it in side.registry.grants) for side in self.sides.both):
                return self.sides.at(("access", "organization"))
        return self.side.position(source.at), self.side is self.sides.old

    def _roles(self, principal: Principal | None) -> frozenset[Part]:
        if principal is None:
            return frozenset()
        named = (side.principals.get(principal.name) for side in self.sides.both)
        return frozenset(
            part
            for side, it in zip(self.sides.both, named, strict=True)
            if it is not None
            for part in side.parts_of_principal(it)
        )


class _Ledgers:
    """What is gained and lost, and what of it holds only for repositories to come."""

    def __init__(self, sides: Sides) -> None:
        self.sides, self.own, self.others = sides, frozenset(sides.new.registry.accounts), renewed(sides)
        self.known = _Known(sides.old, self.others)
        self.gained, self.lost = _Ledger(sides, sides.new, GAINED), _Ledger(sides, sides.old, LOST)
        self.later, self.no_longer = _Ledger(sides, sides.new, LATER), _Ledger(sides, sides.old, LATER)

    def changes(self) -> Iterator[Change]:
        """All of them."""
        for each in (self.gained, self.lost, self.later, self.no_longer):
            yield from each.changes()


@comparison
def access(sides: Sides) -> Iterator[Change]:
    """On every repository and creation template, and by the policies of registries."""
    found, policies = _Ledgers(sides), _registry_policies(sides)
    _repositories(found, policies)
    _creation_templates(found)
    _names(found)
    _registries(found, policies)
    yield from found.changes()


def _repositories(found: _Ledgers, policies: _Policies) -> None:
    sides = found.sides
    for name, new in sides.new.repositories.items():
        old = sides.old.repositories.get(name)
        before, after = sides.old.locations(new.namespace), sides.new.locations(new.namespace)
        if old == new and before == after and not policies:
            continue
        for at in after:
            was, becomes = policies.get(at, ({}, {}))
            there, moved = found.known.before(name, at)
            there = there | was.get(name, {})
            here = of_repository(sides.new, new, at, found.others) | becomes.get(name, {})
            parts = [
                *(part for part in sides.parts_of(name, "RepositoryPolicyText") if part[0][0] == at),
                *((side.stack(at, naming.REGISTRY_UNIT), "RegistryPolicy", "") for side in sides.both if policies),
            ]
            found.gained.add(beyond(here, there, found.own, moved), name, at, parts)
            if old is not None and at in before:
                found.lost.add(beyond(there, here, found.own), name, at, parts)


def _creation_templates(found: _Ledgers) -> None:
    sides, own = found.sides, found.own
    for at, label, old_template, new_template, parts in _templates(sides):
        here = of_repository(sides.new, new_template, at, found.others) if new_template else {}
        there = of_repository(sides.old, old_template, at, found.others) if old_template else {}
        name = label.partition(" ")[0]
        more, moved = (there, ("", "")) if old_template else found.known.before(name, at)
        declared = any(name == names_below(prefix) for side in sides.both for prefix in _declared(side))
        (found.gained if declared else found.later).add(beyond(here, more, own, moved), label, at, parts)
        if new_template is not None:
            (found.lost if declared else found.no_longer).add(beyond(there, here, own), label, at, parts)


def _names(found: _Ledgers) -> None:
    """By grants on namespaces of which nothing is declared."""
    old, new = found.sides.both
    for side, other, ledger in ((new, old, found.gained), (old, new, found.lost)):
        for namespace, grants in _on_names_alone(side).items():
            home, name = side.registry.home, names_below(namespace)
            here = of_grants(side, grants, home, found.others)
            there, moved = _Known(other, found.others).before(name, home)
            ledger.add(beyond(here, there, found.own, moved), f"{LIKE}{name}", home, ())


def _registries(found: _Ledgers, policies: _Policies) -> None:
    for at, (was, becomes) in policies.items():
        parts = [(side.stack(at, naming.REGISTRY_UNIT), "RegistryPolicy", "") for side in found.sides.both]
        for mine, theirs, ledger in ((becomes, was, found.gained), (was, becomes, found.lost)):
            for name, told in mine.items():
                if name == REGISTRY or name.startswith(LIKE):
                    ledger.add(beyond(told, _of_wider(theirs, name), found.own), name, at, parts)


def _on_names_alone(side: Side) -> dict[str, list[Grant]]:
    """The grants to roles on namespaces of which no repository is declared: a role's policy names what AWS has of them.

    Repositories that another file declares, for example. Where one is declared here, what it has says enough.
    """
    known = {it.namespace for it in side.registry.repositories}
    found: dict[str, list[Grant]] = {}
    for grant in side.registry.grants:
        namespace = grant.scope.removesuffix("/*")
        if namespace not in (grant.scope, *known) and role_account(side.registry, grant.principal) is not None:
            found.setdefault(namespace, []).append(grant)
    return found


def _declared(side: Side) -> Iterator[str]:
    """The prefixes of creation templates that the file declares."""
    return (it.prefix for it in side.registry.creation_templates)


def _registry_policies(sides: Sides) -> _Policies:
    """What the registry policies allow, before and after, in the locations of both where those are not the same."""
    both = [at for at in sides.new.registry.locations if at in sides.old.registry.locations]
    different = [at for at in both if len({str(registry_policy(side.registry, at)) for side in sides.both}) > 1]
    return {at: (of_registry(sides.old, at), of_registry(sides.new, at)) for at in different}


def _of_wider(told: dict[str, Told], name: str) -> Told:
    """What is allowed on all names of a pattern, by it or by one that covers it."""
    found: Told = {}
    for other, more in told.items():
        if other == name or (other.startswith(LIKE) and covers(other, name)):
            found |= more
    return found


class _Known:
    """What the old side allows, for a repository or for what its namespace has."""

    def __init__(self, side: Side, others: frozenset[str]) -> None:
        self.side, self.others = side, others
        self.namespaces: dict[tuple[str, Location], Told] = {}

    def before(self, name: str, at: Location) -> tuple[Told, tuple[str, str]]:
        """What is compared with a repository at a location, and the regions of the two."""
        namespace = namespace_of(name)
        here = at if at in self.side.locations(namespace) else self.side.registry.home
        repository = self.side.repositories.get(name)
        if repository is not None:
            return of_repository(self.side, repository, here, self.others), (here.region, at.region)
        return self.of_namespace(name, here), (here.region, at.region)

    def of_namespace(self, name: str, at: Location) -> Told:
        """What is allowed on any repository of a namespace, and on those to come; one without is alone."""
        namespace = namespace_of(name)
        if namespace == naming.ROOT_NAMESPACE:
            return {}
        if (namespace, at) not in self.namespaces:
            told: Told = {}
            for it in self.side.namespaces.get(namespace, ()):
                told |= of_repository(self.side, it, at, self.others)
            grants: list[Grant] = [it for it in self.side.registry.grants if it.scope == f"{namespace}/*"]
            self.namespaces[namespace, at] = told | of_grants(self.side, grants, at, self.others)
        return self.namespaces[namespace, at]


Template = tuple[Location, str, CreationTemplate | None, CreationTemplate | None, list[Part]]


def _templates(sides: Sides) -> Iterator[Template]:
    """Creation templates of either side, by location."""
    for at in sides.new.registry.locations:
        old, new = ({it.prefix: it for it in side.registry.templates_in(at)} for side in sides.both)
        if at not in sides.old.registry.locations:
            continue
        for prefix in sorted({*old, *new}):
            if old.get(prefix) != new.get(prefix):
                parts = [part for side in sides.both for part in side.parts_of_template(prefix) if part[0][0] == at]
                yield at, f"{names_below(prefix)} (creation template)", old.get(prefix), new.get(prefix), parts
