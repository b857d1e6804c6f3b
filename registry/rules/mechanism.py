"""What a rule is, and how all of them are run over one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from registry.document import Document
from registry.findings import Finding, Severity
from registry.model import Registry
from registry.naming import namespace_of
from registry.shape import FileShape, Settings

Place = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What rules look at: the file as written, and the registry it comes to."""

    file: FileShape
    registry: Registry
    damaged: frozenset[Place]

    def layers(self) -> Iterator[tuple[Place, Settings]]:
        """Every layer as written, defaults first, with its place."""
        yield ("defaults",), self.file.defaults
        for name, namespace in self.file.namespaces.items():
            yield ("namespaces", name), namespace
        for name, repository in self.file.repositories.items():
            yield ("repositories", name), repository

    def intact(self, place: Place) -> bool:
        """Whether a part of the file, everything in it and all that it is in had the right shape."""
        if not self.damaged:
            return True
        return place not in self._around_damage and not any(place[:n] in self.damaged for n in range(len(place)))

    def read(self, repository: str, key: str) -> bool:
        """Whether each layer that may say a setting of a repository was intact: else its value is a guess."""
        layers: tuple[Place, ...] = (
            ("defaults",),
            ("namespaces", namespace_of(repository)),
            ("repositories", repository),
        )
        return all(self.intact((*layer, key)) for layer in layers)

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


def run(declared: Declared, document: Document) -> Iterator[Finding]:
    """All findings of all rules; one rule says the same thing of the same place once."""
    said: set[tuple[str, object, str]] = set()
    for current in RULES.values():
        for problem in current.check(declared):
            position = document.position(problem.at, key=problem.key)
            if (current.id, position, problem.message) in said:
                continue
            said.add((current.id, position, problem.message))
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
