"""The EventBridge rules of a location: for everybody and for each team, one for each kind of event, or a few.

A pattern that is longer than EventBridge takes is split, by repositories: two rules never tell the same event twice to
the same topic.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry import naming
from registry.limits import EVENT_PATTERN_LENGTH
from registry.locations import Location
from registry.model import Monitoring, MonitoringTeam, Registry, Repository
from registry.model.once import once
from registry.monitoring.chat_messages import chat_message, chat_values
from registry.monitoring.events import ENHANCED_SCANS, SEVERITIES, WATCHED, Watched
from registry.monitoring.names import event_rule_name
from registry.shape import EventKind, FindingSeverity

Pattern = dict[str, Any]
#: For a day, with EventBridge's own growing intervals; then the event is in the dead-letter queue.
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
MAXIMUM_EVENT_AGE: Final = 86_400
MAXIMUM_RETRY_ATTEMPTS: Final = 185
#: A lifecycle's run is a management event that only reads, which EventBridge delivers to a rule that asks for all.
#: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
_STATES: Final = {"lifecycles": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """A rule that tells a topic of events; `team` is whose topic, None that of everybody.

    `pattern` is what EventBridge compares with events, `values` and `text` its input transformer; `chat_values` and
    `chat` that of a chat topic, empty where the audience has no channel.
    """

    name: str
    logical_id: str
    kind: EventKind
    team: str | None
    pattern: Mapping[str, Any]
    values: Mapping[str, str]
    text: str
    chat_values: Mapping[str, str]
    chat: str

    @property
    def state(self) -> str:
        """How it is switched on."""
        return _STATES.get(self.kind, "ENABLED")

    @property
    def description(self) -> str:
        """What it is about, and whose."""
        return WATCHED[self.kind].about + (f": {self.team}" if self.team else "")


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of repositories: of a whole namespace, or one."""

    word: str
    whole: bool

    def matcher(self, of_arn: str) -> Any:
        """What EventBridge compares with a name, or with an ARN that begins with `of_arn`."""
        if not self.whole:
            return f"{of_arn}{self.word}"
        if self.word == naming.ROOT_NAMESPACE:
            return {"anything-but": {"wildcard": f"{of_arn}*/*"}}
        return {"prefix": f"{of_arn}{self.word}/"}


@once
def event_rules(registry: Registry, at: Location) -> tuple[EventRule, ...]:
    """The rules of a location that the registry is in; those of everybody come first.

    A team of which nothing is in a location has none there.
    """
    watched = registry.monitoring
    if watched is None:
        return ()
    found = [rule for kind in watched.events for rule in _rules(registry, at, watched, kind, None)]
    for team in watched.teams:
        found += [rule for kind in watched.events for rule in _rules(registry, at, watched, kind, team)]
    return tuple(found)


def teams_in(registry: Registry, at: Location) -> tuple[MonitoringTeam, ...]:
    """The teams that can hear of something in a location."""
    watched = registry.monitoring
    heard = {rule.team for rule in event_rules(registry, at)}
    return tuple(team for team in (watched.teams if watched else ()) if team.name in heard)


def _rules(
    registry: Registry, at: Location, watched: Monitoring, kind: EventKind, team: MonitoringTeam | None
) -> Iterator[EventRule]:
    if kind == "replication" and len(registry.locations) == 1:
        return
    if kind == "pull_through_cache" and (at != registry.home or not _has_caches(registry)):
        return
    heard = None if team is None else _heard(registry, at, team)
    if heard == ():
        return
    severity = watched.severity if team is None else team.severity
    name = None if team is None else team.name
    chats = bool(watched.audiences[name].chat)
    number = 0
    for event in _events(registry, kind):
        for pattern in _patterns(registry, at, kind, event, heard, severity):
            number += 1
            yield EventRule(
                name=event_rule_name(registry.name, kind, name, number),
                logical_id=naming.logical_id(name or "", f"{_camel(kind)}Rule") + (f"N{number}" if number > 1 else ""),
                kind=kind,
                team=name,
                pattern=pattern,
                values={**event.values, **event.where},
                text=message(registry.name, event),
                chat_values=chat_values(event) if chats else {},
                chat=chat_message(registry.name, event) if chats else "",
            )


def _camel(kind: EventKind) -> str:
    return "".join(word.capitalize() for word in kind.split("_"))


def _has_caches(registry: Registry) -> bool:
    return bool(registry.pull_through_cache_rules) or not registry.manages_registry


def _events(registry: Registry, kind: EventKind) -> tuple[Watched, ...]:
    """The events of a kind; scans are of one type or the other, or unknown where another file says which."""
    if kind != "scans":
        return (WATCHED[kind],)
    if not registry.manages_registry:
        return (WATCHED[kind], ENHANCED_SCANS)
    return (ENHANCED_SCANS if registry.scanning.scan_type == "ENHANCED" else WATCHED[kind],)


def message(registry: str, event: Watched) -> str:
    """The template of a message: each line a text in quotes, as EventBridge delivers it to a topic.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """
    first, *others = event.told
    return "\n".join(json.dumps(line) for line in (f"{registry}: {first}", *others))


def _patterns(
    registry: Registry,
    at: Location,
    kind: EventKind,
    event: Watched,
    heard: tuple[_Names, ...] | None,
    severity: FindingSeverity,
) -> Iterator[Pattern]:
    def whole(detail: Mapping[str, Any]) -> Pattern:
        return {"source": [event.source], "detail-type": [event.detail_type], "detail": detail}

    if kind == "tags":
        groups = _by_tags(registry, at, heard)
        yield from _packed(groups, lambda some: whole({**event.detail, **_bad_tags(some)}))
        return
    bare = {**event.detail, **_severe(kind, severity)}
    arn = naming.repository_arn(at, "") if event.of_arn else ""
    if heard is None:
        any_image = _nested(event.repository, [{"exists": True}]) if event.of_arn else {}
        yield whole(_merged(bare, any_image))
        return
    yield from _packed(
        heard,
        lambda some: whole(_merged(bare, _nested(event.repository, [names.matcher(arn) for names in some]))),
    )


def _severe(kind: EventKind, severity: FindingSeverity) -> dict[str, Any]:
    """What of a finding, or of the counts of a scan, says that something is at or above a severity."""
    worse = SEVERITIES[: SEVERITIES.index(severity) + 1]
    if kind == "findings":
        return {"severity": list(worse)}
    if kind != "scans":
        return {}
    counted = (*worse, "TOTAL") if severity == SEVERITIES[-1] else worse  # Inspector counts no LOW ones by themselves
    found = [{each: [{"numeric": [">", 0]}]} for each in counted]
    return {"finding-severity-counts": {"$or": found} if len(found) > 1 else found[0]}


def _heard(registry: Registry, at: Location, team: MonitoringTeam) -> tuple[_Names, ...]:
    """What a team hears of in a location: its namespaces that are there, or its owner's repositories."""
    there = registry.repositories_in(at)
    if team.owner is None:
        here = None if at == registry.home else next(it.namespaces for it in registry.replicas if it.location == at)
        return tuple(_Names(each, whole=True) for each in team.namespaces if here is None or each in here)
    return _names(registry, there, [it for it in there if it.owner == team.owner])


def _names(registry: Registry, there: Sequence[Repository], some: Sequence[Repository]) -> tuple[_Names, ...]:
    """Names of repositories, as namespaces where all that are declared in one are among them."""
    chosen = {it.name for it in some}
    left = {it.namespace for it in there if it.name not in chosen}
    whole = sorted({it.namespace for it in some} - left)
    single = sorted(it.name for it in some if it.namespace in left)
    return (*(_Names(each, whole=True) for each in whole), *(_Names(each, whole=False) for each in single))


_Group = tuple[tuple[str, ...], _Names]


def _by_tags(registry: Registry, at: Location, heard: tuple[_Names, ...] | None) -> tuple[_Group, ...]:
    """Which tags are allowed, and the names for which they are; a pattern that allows every tag is none."""
    there = registry.repositories_in(at)
    allowed = {it.name: _wildcards(it.tags_must_match) for it in there}
    kinds = sorted({each for each in allowed.values() if each})
    return tuple(
        (each, names)
        for each in kinds
        for names in _names(
            registry, there, [it for it in there if allowed[it.name] == each and (heard is None or _hears(heard, it))]
        )
    )


def _hears(heard: tuple[_Names, ...], repository: Repository) -> bool:
    return any(names.word == (repository.namespace if names.whole else repository.name) for names in heard)


def _wildcards(patterns: Sequence[str]) -> tuple[str, ...]:
    """Patterns as EventBridge takes them, without two wildcards in a row; none where one allows everything."""
    found = sorted({re.sub(r"\*+", "*", each) for each in patterns})
    return () if "*" in found else tuple(found)


def _bad_tags(groups: Sequence[_Group]) -> dict[str, Any]:
    """A tag that is not allowed. A push without a tag, such as that of an image in a list, has an empty one.

    https://github.com/awslabs/cfn-ecr-aws-soci-index-builder/pull/137
    """
    by_tags: dict[tuple[str, ...], list[_Names]] = {}
    for tags, names in groups:
        by_tags.setdefault(tags, []).append(names)
    found = [
        {
            "repository-name": [each.matcher("") for each in names],
            "image-tag": [{"anything-but": {"wildcard": [*tags, ""]}}],
        }
        for tags, names in by_tags.items()
    ]
    return {"$or": found} if len(found) > 1 else found[0]


def _packed(parts: Sequence[Any], pattern: Callable[[Sequence[Any]], Pattern]) -> Iterator[Pattern]:
    """As few patterns as their length allows, each of parts that follow each other; one that is too long alone."""
    some: list[Any] = []
    for part in parts:
        if some and length(pattern([*some, part])) > EVENT_PATTERN_LENGTH:
            yield pattern(some)
            some = []
        some.append(part)
    if some:
        yield pattern(some)


def length(pattern: Mapping[str, Any]) -> int:
    """Characters of a pattern, as JSON with spaces: never fewer than EventBridge counts.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
    """
    return len(json.dumps(pattern))


def _nested(path: Sequence[str], value: Any) -> dict[str, Any]:
    for step in reversed(path):
        value = {step: value}
    return dict(value)


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Two patterns whose leaves are not the same."""
    found = dict(one)
    for key, value in other.items():
        here = found.get(key)
        found[key] = _merged(here, value) if isinstance(here, dict) and isinstance(value, dict) else value
    return found
