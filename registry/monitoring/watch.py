"""Which alarms and dashboards a registry comes to, in each location and account, and who hears of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from registry import naming
from registry.locations import Location
from registry.model import Monitoring, MonitoringTeam, Registry, Repository
from registry.model.once import once
from registry.monitoring import alarms, dashboards, names
from registry.monitoring.alarms import Alarm
from registry.monitoring.dashboards import Dashboard
from registry.monitoring.event_rules import teams_in
from registry.patterns import covers

EVERY_NAMESPACE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alarm, the teams that hear of it beside those who hear of everything, and of whom a chat hears, too."""

    alarm: Alarm
    teams: tuple[str, ...]
    chats: tuple[str | None, ...]

    @property
    def topics(self) -> Iterator[tuple[str | None, bool]]:
        """Whose topics hear (None: everybody's), and whether it is that of their chats."""
        yield from ((team, False) for team in (None, *self.teams))
        yield from ((team, True) for team in self.chats)


def hears(team: MonitoringTeam, repository: Repository) -> bool:
    """Whether a repository is a team's own: of its namespaces, or with its owner."""
    return repository.namespace in team.namespaces or (team.owner is not None and repository.owner == team.owner)


@once
def topic_teams(registry: Registry, at: Location) -> tuple[MonitoringTeam, ...]:
    """The teams that have a topic in a location: those that an event can be about there, or an alarm."""
    watched = registry.monitoring
    if watched is None:
        return ()
    about = {name for told in _silent(registry, at) for name in told.teams}
    about |= {team.name for team in teams_in(registry, at)}
    return tuple(team for team in watched.teams if team.name in about)


@once
def alarms_in(registry: Registry, at: Location) -> tuple[Told, ...]:
    """The alarms of a location.

    Of what an account has once in a region only where the file manages that: two files would tell the same twice.
    """
    watched = registry.monitoring
    if watched is None or watched.alarms is None or not registry.monitors(at):
        return ()
    said, quotas, name = watched.alarms, watched.quotas, registry.name
    found: list[Alarm] = []
    if registry.manages_registry:
        found += [alarms.images(name, quotas)] if "images" in said.watch else []
        found += [alarms.repositories(name, quotas)] if "repositories" in said.watch else []
        found += alarms.calls(name, quotas) if "calls" in said.watch else []
    if "delivery" in said.watch:
        found.append(alarms.undelivered_events(name, names.dead_letter_queue_name(name)))
        found += (
            alarms.failed_notifications(name, names.topic_name(name, team), team)
            for team in (None, *(each.name for each in topic_teams(registry, at)))
        )
    return (*(_told(watched, alarm, ()) for alarm in found), *_silent(registry, at))


def _told(watched: Monitoring, alarm: Alarm, teams: tuple[str, ...]) -> Told:
    return Told(alarm=alarm, teams=teams, chats=tuple(it for it in (None, *teams) if watched.audiences[it].chat))


def _silent(registry: Registry, at: Location) -> Iterator[Told]:
    """The alarms about repositories that nobody pulls any more, which their teams hear of."""
    watched = registry.monitoring
    if watched is None:
        return
    repositories = {it.name: it for it in registry.repositories_in(at)}
    for name, hours in _must_be_pulled(registry, at).items():
        teams = tuple(team.name for team in watched.teams if hears(team, repositories[name]))
        yield _told(watched, alarms.no_pulls(registry.name, name, hours), teams)


def _must_be_pulled(registry: Registry, at: Location) -> dict[str, int]:
    """Repositories that are always pulled in a location, by name, and the hours; of several entries the fewest."""
    said = registry.monitoring.alarms if registry.monitoring else None
    found: dict[str, int] = {}
    for entry in said.pulls_stop if said else ():
        if at not in entry.locations:
            continue
        for it in registry.repositories_in(at):
            if any(covers(pattern, it.name) for pattern in entry.repositories):
                found[it.name] = min(entry.hours, found.get(it.name, entry.hours))
    return dict(sorted(found.items()))


def dashboard_location(registry: Registry, account: str) -> Location | None:
    """Where the dashboards and chats of an account are declared: AWS keeps both once for all its regions.

    The home region, if the registry is there, or the first one that it has in the account; None where it is not.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
    """
    here = [at for at in registry.locations if at.account == account]
    return next((at for at in here if at.region == registry.region), here[0] if here else None)


@once
def dashboards_in(registry: Registry, at: Location) -> tuple[Dashboard, ...]:
    """The dashboards that are declared in a location: those of its account, or none."""
    watched = registry.monitoring
    if watched is None or not watched.dashboards or dashboard_location(registry, at.account) != at:
        return ()
    return tuple(_dashboards(registry, at))


def shown_namespaces(registry: Registry) -> tuple[str, ...]:
    """The namespaces that get a dashboard, those of declared repositories."""
    asked = registry.monitoring.dashboards if registry.monitoring else ()
    declared = dict.fromkeys(it.namespace for it in registry.repositories)
    return tuple(sorted(each for each in declared if each in asked or EVERY_NAMESPACE in asked))


def _dashboards(registry: Registry, home: Location) -> Iterator[Dashboard]:
    assert registry.monitoring is not None
    quotas = registry.monitoring.quotas
    places = [home, *(at for at in registry.locations if at.account == home.account and at != home)]
    told = {at: alarms_in(registry, at) for at in places}
    by_namespace: dict[str, list[tuple[str, list[str]]]] = {}
    for at in places:
        for it in registry.repositories_in(at):
            of = by_namespace.setdefault(it.namespace, [])
            if not of or of[-1][0] != at.region:
                of.append((at.region, []))
            of[-1][1].append(it.name)
    shown = [each for each in shown_namespaces(registry) if each in by_namespace]
    every = [naming.alarm_arn(at, each.alarm.name) for at in places for each in told[at]]
    stack = None if home.region == registry.region else home.region
    yield dashboards.of_registry(registry.name, [at.region for at in places], shown, quotas, every, stack)
    for namespace in shown:
        about = [
            naming.alarm_arn(at, each.alarm.name)
            for at in places
            for each in told[at]
            if each.alarm.id == alarms.IMAGES
            or (each.alarm.repository and naming.namespace_of(each.alarm.repository) == namespace)
        ]
        yield dashboards.of_namespace(registry.name, namespace, by_namespace[namespace], quotas, about, stack)
