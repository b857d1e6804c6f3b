"""Settings that repeat become those of a namespace, or of all: as few places as say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from registry.naming import namespace_of

V = TypeVar("V", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Layers(Generic[V]):
    """Where a setting is written: for all (None: nowhere), by namespace, by repository."""

    default: V | None = None
    namespaces: Mapping[str, V] = field(default_factory=dict)
    repositories: Mapping[str, V] = field(default_factory=dict)

    def above(self, repository: str) -> V | None:
        """What the layers above a repository come to; None where none of them says anything."""
        return self.namespaces.get(namespace_of(repository), self.default)


def fold(values: Mapping[str, V | None], built_in: V | None = None) -> Layers[V]:
    """The layers that give each repository its value, in the fewest places.

    :param values: by repository; those that are left out may come to anything.
    :param built_in: what holds where no layer says anything. None: nothing does, and a repository whose value is None
        can be below no layer that says something, because no key takes a setting away.
    """
    members: dict[str, dict[str, V | None]] = {}
    for repository, value in sorted(values.items()):
        members.setdefault(namespace_of(repository), {})[repository] = value
    everything = Counter(values.values())
    candidates: list[V | None] = [None, *_by_frequency(everything)]
    default = min(
        candidates,
        key=lambda value: (
            (0 if value is None else 1)
            + sum(
                _cost(each, _inherited(value, built_in), _best(each, _inherited(value, built_in)))
                for each in members.values()
            ),
            candidates.index(value),
        ),
    )
    inherited = _inherited(default, built_in)
    namespaces: dict[str, V] = {}
    own: dict[str, V] = {}
    for namespace, each in members.items():
        chosen = _best(each, inherited)
        if chosen is not None:
            namespaces[namespace] = chosen
        holds = inherited if chosen is None else chosen
        own |= {name: value for name, value in each.items() if value is not None and value != holds}
    return Layers(default, namespaces, own)


def _inherited(default: V | None, built_in: V | None) -> V | None:
    return built_in if default is None else default


def _best(members: Mapping[str, V | None], inherited: V | None) -> V | None:
    """What a namespace says for its repositories; None where saying nothing takes no more places."""
    options: list[V | None] = [None, *_by_frequency(Counter(members.values()))]
    return min(options, key=lambda value: (_cost(members, inherited, value), options.index(value)))


def _cost(members: Mapping[str, V | None], inherited: V | None, said: V | None) -> int:
    """The places it takes: of the namespace itself, and of the repositories that say otherwise; too many where one
    cannot.
    """
    holds = inherited if said is None else said
    if holds is not None and None in members.values():
        return len(members) * 1_000_000
    return (0 if said is None else 1) + sum(value != holds for value in members.values())


def _by_frequency(values: Counter[V | None]) -> list[V]:
    """The values that are there, the most frequent first, equals in the order of their texts."""
    there = [value for value in values if value is not None]
    return sorted(there, key=lambda value: (-values[value], repr(value)))
