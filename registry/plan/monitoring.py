"""Monitoring: who hears of what, and who no longer does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from registry import naming
from registry.cost.monitored import charges
from registry.cost.prices import Item
from registry.findings import YamlPath
from registry.locations import Location
from registry.model import Monitoring, MonitoringTeam, Targets
from registry.monitoring.chat import ROLE, chat_configurations_in, topic_ids
from registry.monitoring.event_rules import event_rules
from registry.monitoring.events import SEVERITIES
from registry.plan.change import Change, Kind, Part, Risk, comparison, follower, kinds_about
from registry.plan.sides import Side, Sides

kind = kinds_about("Monitoring")
ADDED = kind(
    "monitoring-added",
    Risk.COSTS,
    "The registry is watched",
    "A KMS key is billed by the month in each location, messages by their number.",
    "docs/monitoring.md",
)
REMOVED = kind(
    "monitoring-removed",
    Risk.BREAKS,
    "The registry is no longer watched",
    "`ecrctl retire` removes the stacks, and nobody hears of anything any more. Whoever wants to do something unseen "
    "begins here.",
    "docs/monitoring.md",
)
DEAFER = kind(
    "monitoring-less",
    Risk.BREAKS,
    "Somebody hears of less",
    "What is no longer told happens unseen. Alarms and automation behind it stop, too.",
    "docs/monitoring.md",
)
TARGET = kind(
    "monitoring-target-added",
    Risk.OPENS,
    "Messages go somewhere new",
    "They name repositories, images, their vulnerabilities, and who does what. An address outside the company gets "
    "them as well.",
    "docs/monitoring.md",
)
MORE = kind("monitoring-more", Risk.SAFE, "Somebody hears of more", "More messages come to those who have targets.")
KEY = kind(
    "monitoring-topic-key",
    Risk.BREAKS,
    "The topics get another key",
    "A key whose policy does not let EventBridge use it stops every message; they are then in the dead-letter queue.",
    "docs/monitoring.md",
)
RULES = kind(
    "event-rules",
    Risk.SAFE,
    "Event rules follow the repositories",
    "They name the repositories of a team, and those whose tags must match; chats follow the topics that are there.",
)


@dataclass(frozen=True, slots=True)
class _Difference:
    of: Kind
    about: str
    message: str
    before: str
    after: str
    place: YamlPath


@comparison
def monitoring(sides: Sides) -> Iterator[Change]:
    """By topic: that of everybody, and those of the teams."""
    old, new = (side.registry.monitoring for side in sides.both)
    for each in _differences(old, new):
        where, gone = sides.at(each.place, ("monitoring",))
        yield Change(
            kind=each.of,
            subjects=(each.about,),
            message=each.message,
            before=each.before,
            after=each.after,
            where=where,
            gone=gone,
            explains=frozenset(part for side in sides.both for part in _parts(side, each.about)),
            bill=charges(sides.prices, sides.old.registry, sides.new.registry, Item.KEY) if each.of is ADDED else (),
        )


_STACK, _EVERYBODY = "monitoring", "everybody"


def _differences(old: Monitoring | None, new: Monitoring | None) -> Iterator[_Difference]:
    if old == new:
        return
    if old is None or new is None:
        of, message = (ADDED, "every location is watched") if old is None else (REMOVED, "nothing is watched any more")
        yield _Difference(of, _STACK, message, _events(old), _events(new), ("monitoring",))
        if new is not None:
            yield from _targets(_EVERYBODY, None, new.targets, ())
            for team in new.teams:
                yield from _targets(f"team {team.name}", None, team.targets, ("teams", team.name))
        return
    if set(old.events) != set(new.events):
        less = bool(set(old.events) - set(new.events))
        words = "fewer events are told" if less else "more events are told"
        yield _Difference(DEAFER if less else MORE, _STACK, words, _events(old), _events(new), _at("events", "trail"))
    elif old.trail != new.trail:
        yield _Difference(MORE, _STACK, "another trail records", old.trail or "none", new.trail or "none", _at("trail"))
    yield from _severity(_EVERYBODY, old.severity, new.severity, ())
    if dict(old.keys) != dict(new.keys):
        before, after = (", ".join(it.keys.values()) or "made here" for it in (old, new))
        yield _Difference(KEY, _STACK, "the topics are encrypted with another key", before, after, _at("kms_key"))
    yield from _targets(_EVERYBODY, old.targets, new.targets, ())
    yield from _teams(old, new)


def _teams(old: Monitoring, new: Monitoring) -> Iterator[_Difference]:
    before, after = ({team.name: team for team in side.teams} for side in (old, new))
    for name in sorted({*before, *after}):
        was, becomes, about, place = before.get(name), after.get(name), f"team {name}", ("teams", name)
        if becomes is None:
            yield _Difference(DEAFER, about, "no longer hears of anything", "a topic", "none", _at(*place))
            continue
        if was is None:
            yield _Difference(MORE, about, "hears of its own repositories", "none", "a topic", _at(*place))
        elif (was.namespaces, was.owner) != (becomes.namespaces, becomes.owner):
            less = bool(was.owner or becomes.owner or set(was.namespaces) - set(becomes.namespaces))
            words = "hears of other repositories" if less else "hears of more repositories"
            yield _Difference(DEAFER if less else MORE, about, words, _whose(was), _whose(becomes), _at(*place))
        if was is not None:
            yield from _severity(about, was.severity, becomes.severity, place)
        yield from _targets(about, was.targets if was else None, becomes.targets, place)


def _severity(about: str, was: str, becomes: str, place: YamlPath) -> Iterator[_Difference]:
    order = list(map(str, SEVERITIES))
    if was != becomes:
        less = order.index(becomes) < order.index(was)
        words = "only of worse findings is told" if less else "less severe findings are told, too"
        yield _Difference(DEAFER if less else MORE, about, words, was, becomes, _at(*place, "severity"))


def _targets(about: str, was: Targets | None, becomes: Targets, place: YamlPath) -> Iterator[_Difference]:
    for key in _NOUNS:
        before, after = (set(map(str, getattr(it, key) if it else ())) for it in (was, becomes))
        there, here = (", ".join(sorted(each)) or "none" for each in (before, after))
        if after - before:
            yield _Difference(TARGET, about, f"messages go to another {_NOUNS[key]}", there, here, _at(*place, key))
        if before - after:
            yield _Difference(DEAFER, about, f"{_NOUNS[key]}: one no longer hears of it", there, here, _at(*place, key))


def _whose(team: MonitoringTeam) -> str:
    return f"owner {team.owner}" if team.owner else ", ".join(team.namespaces)


_NOUNS = {
    "email": "e-mail address",
    "https": "HTTPS endpoint",
    "sqs": "SQS queue",
    "slack": "Slack channel",
    "microsoft_teams": "Microsoft Teams channel",
}


def _at(*steps: str | int) -> YamlPath:
    return ("monitoring", *steps)


def _events(watched: Monitoring | None) -> str:
    return ", ".join(watched.events) if watched else "nothing"


def _parts(side: Side, about: str) -> Iterator[Part]:
    """The whole stacks, or the topics of everybody or of a team, with subscriptions, rules and chats."""
    team = about.removeprefix("team ") if about.startswith("team ") else None
    for at in side.registry.locations:
        stack = side.stack(at, naming.MONITORING_UNIT)
        if about == _STACK and side.registry.monitors(at):
            yield stack, "", ""
        yield from ((stack, rule.logical_id, "") for rule in event_rules(side.registry, at) if rule.team == team)
        if about != _STACK:
            yield from ((stack, name, "") for name in _topic(side, team))
            yield from ((stack, name, "") for name, _ in _chats(side, at))


def _topic(side: Side, team: str | None) -> Iterator[str]:
    """The logical ids of what a topic has, and that of chats."""
    audiences = side.registry.monitoring.audiences if side.registry.monitoring else {}
    if team in audiences:
        yield from topic_ids(team, audiences[team])


def _chats(side: Side, at: Location) -> Iterator[tuple[str, object]]:
    """The configurations of chats, and their role, by logical id."""
    found = chat_configurations_in(side.registry, at)
    yield from ((each.id, each) for each in found)
    if found:
        yield ROLE, "made"


@follower
def rules_follow(sides: Sides, explained: frozenset[Part]) -> Iterator[Change]:
    """Rules that another change of the file makes other ones: a repository, a replica, an owner."""
    old, new = (dict(_rules(side)) for side in sides.both)
    parts = {part for part in {*old, *new} if old.get(part) != new.get(part)}
    stacks = {part[0] for part in explained if part[1:] == ("", "")}
    left = frozenset(part for part in parts if part not in explained and part[0] not in stacks)
    if left:
        yield Change(
            kind=RULES,
            subjects=("event rules",),
            message="follow the rest",
            after=f"{len(left):,} resource{'' if len(left) == 1 else 's'}",
            explains=left,
        )


def _rules(side: Side) -> Iterator[tuple[Part, object]]:
    for at in side.registry.locations:
        yield from _of(side, at)


def _of(side: Side, at: Location) -> Iterator[tuple[Part, object]]:
    stack = side.stack(at, naming.MONITORING_UNIT)
    yield from (((stack, name, ""), chat) for name, chat in _chats(side, at))
    for rule in event_rules(side.registry, at):
        yield (stack, rule.logical_id, ""), rule
        if rule.team:  # its topic is there where something of it is
            yield from (((stack, name, ""), "made") for name in _topic(side, rule.team))
