"""What a rule is, and how all of them are run over one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from registry.findings import Finding, Severity
from registry.model import Registry
from registry.naming import namespace_of
from registry.shape import FileShape
from registry.sources import TEAM, Place, Sources
from registry.written import Written


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What rules look at: the files as written, and the registry they come to."""

    written: Written
    registry: Registry
    damaged: frozenset[Place]

    @property
    def root(self) -> FileShape:
        """The root file as written."""
        return self.written.root

    def intact(self, place: Place) -> bool:
        """Whether a part of the file, everything in it and all that it is in had the right shape."""
        if not self.damaged:
            return True
        return place not in self._around_damage and not any(place[:n] in self.damaged for n in range(len(place)))

    def read(self, repository: str, key: str) -> bool:
        """Whether each layer that may say a setting of a repository was intact: else its value is a guess."""
        if not self.damaged:
            return True
        layers: set[Place] = {at for at, _ in self.written.layers(repository)}
        layers.add(("namespaces", namespace_of(repository)))  # lost as a whole where namespaces had no map
        return all(self.intact((*layer, key)) for layer in layers)

    @cached_property
    def every_repository_read(self) -> bool:
        """Whether no part of a file that may declare repositories was lost: else one may exist after all."""
        lost = {place[2:] if place[0] == TEAM else place for place in self.damaged}
        return not lost & {(), ("repositories",), ("include",)}

    @cached_property
    def _around_damage(self) -> frozenset[Place]:
        return frozenset(lost[:n] for lost in self.damaged for n in range(len(lost) + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One breach of a rule; `at` is its place in the file, `key` says that the key itself is wrong."""

    at: Place
    message: str
    given: str = ""
    allowed: str = ""
    way_out: str = ""
    key: bool = False


Check = Callable[[Declared], Iterable[Problem]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of ECR, of AWS or of this project: `link` is where it comes from."""

    id: str
    title: str
    link: str
    severity: Severity
    check: Check


RULES: Final[dict[str, Rule]] = {}


def rule(id: str, title: str, link: str, severity: Severity = Severity.ERROR) -> Callable[[Check], Check]:
    """Register a check under an id, which findings and acceptances use."""

    def register(check: Check) -> Check:
        if id in RULES:
            raise ValueError(f"two rules have the id {id}")
        RULES[id] = Rule(id=id, title=title, link=link, severity=severity, check=check)
        return check

    return register


def run(declared: Declared, sources: Sources) -> Iterator[Finding]:
    """All findings of all rules."""
    for current in RULES.values():
        yield from findings_of(current, current.check(declared), sources)


def findings_of(current: Rule, problems: Iterable[Problem], sources: Sources) -> Iterator[Finding]:
    """The findings of one rule; it says the same thing of the same place once."""
    said: set[tuple[object, str]] = set()
    for problem in problems:
        position = sources.position(problem.at, key=problem.key)
        if (position, problem.message) in said:
            continue
        said.add((position, problem.message))
        yield Finding(
            current.id,
            current.severity,
            position,
            problem.message,
            problem.given,
            problem.allowed,
            problem.way_out,
            current.link,
        )
