"""Which monitoring reaches a repository: who hears of it, of what, and which alarms speak of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from registry.model import Registry, Repository, Targets
from registry.monitoring import alarms
from registry.monitoring.event_rules import event_rules
from registry.monitoring.watch import alarms_in, hears
from registry.shape import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Who hears of a repository: `team` (None: who hears of everything), of which kinds of events, and where."""

    team: str | None
    kinds: tuple[EventKind, ...]
    targets: Targets

    def __str__(self) -> str:
        """The same in words: `team web hears of scans and tags (ops@example.com)`."""
        who = "everybody" if self.team is None else f"team {self.team}"
        return (
            f"{who} hears of {', '.join(self.kinds) or 'alarms only'} ({', '.join(self.where) or 'nobody subscribes'})"
        )

    @property
    def where(self) -> tuple[str, ...]:
        """Addresses, queues and channels."""
        return (*(endpoint for _, endpoint in self.targets.by_protocol()), *map(str, self.targets.chat))


def heard_of(registry: Registry, repository: Repository) -> Iterator[Heard]:
    """Who hears of a repository, everybody first; nobody without `monitoring`."""
    watched = registry.monitoring
    if watched is None:
        return
    teams = [None, *(team.name for team in watched.teams if hears(team, repository))]
    rules = {(rule.team, rule.kind) for at in registry.locations for rule in event_rules(registry, at)}
    for team in teams:
        kinds = tuple(kind for kind in watched.events if (team, kind) in rules and _speaks_of(kind, repository))
        yield Heard(team=team, kinds=kinds, targets=watched.audiences[team])


def _speaks_of(kind: EventKind, repository: Repository) -> bool:
    """Caches fill repositories of their own; where nothing is said of tags, none breaks it."""
    return kind != "pull_through_cache" and (kind != "tags" or bool(repository.tags_must_match))


def alarms_of(registry: Registry, repository: Repository) -> tuple[str, ...]:
    """The names of the alarms that can name a repository, in whatever location."""
    found = (
        told.alarm.name
        for at in registry.locations
        for told in alarms_in(registry, at)
        if told.alarm.repository == repository.name or told.alarm.id == alarms.IMAGES
    )
    return tuple(dict.fromkeys(found))
