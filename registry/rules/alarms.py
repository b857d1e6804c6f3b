"""Rules about alarms and dashboards: what they watch, how many there are, what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.findings import Severity, YamlPath, listed, shown
from registry.limits import ALARM_ACTIONS, DASHBOARD_METRICS, METRICS_OF_A_QUERY, TEMPLATE_BYTES
from registry.locations import located
from registry.monitoring.alarms import IMAGES
from registry.monitoring.watch import EVERY_NAMESPACE, alarms_in, dashboards_in, shown_namespaces
from registry.patterns import covers
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import PullsStopShape

PRICES: Final = "docs/alarms.md"
LIMITS: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"
#: How many alarms on single repositories a location may have: 200 leave room in the 500 resources of its stack.
NO_PULLS: Final = 200
#: Dashboards at which somebody should have looked at the price, and repositories.
DASHBOARDS: Final = 10
REPOSITORIES: Final = 1_000
#: What dashboards may have of a template; the rest is for event rules and alarms.
BYTES: Final = TEMPLATE_BYTES * 6 // 10
AT: Final[YamlPath] = ("monitoring", "alarms")


def _entries(declared: RuleContext) -> Iterator[tuple[YamlPath, PullsStopShape]]:
    said = declared.root.monitoring.alarms if declared.root.monitoring else None
    for index, entry in enumerate(said.pulls_stop if said else ()):
        yield (*AT, "pulls_stop", index), entry


@rule("alarm-location", "Watch pulls where the registry is", "docs/alarms.md", waits=True)
def alarm_location(declared: RuleContext) -> Iterator[Problem]:
    """Elsewhere there is nothing to be pulled, and no alarm is made."""
    registry = declared.registry
    names = [at.beside(registry.home) for at in registry.locations]
    for at, entry in _entries(declared):
        for index, written in enumerate(entry.locations):
            if located(written, registry.account) not in registry.locations:
                yield Problem(
                    at=(*at, "locations", index),
                    message="the registry is not there",
                    given=shown(written),
                    allowed=listed(names),
                    way_out="write the home region, or a replica as `replicas` has it; or remove it",
                )


@rule("alarm-unmatched", "Name repositories that are declared there", "docs/alarms.md", waits=True)
def alarm_unmatched(declared: RuleContext) -> Iterator[Problem]:
    """A name that nothing has watches nothing, and looks as if it did. Perhaps it is misspelled."""
    registry = declared.registry
    for at, entry in _entries(declared):
        written = [located(each, registry.account) for each in entry.locations] or [registry.home]
        there = {it.name for place in written if place in registry.locations for it in registry.repositories_in(place)}
        for index, pattern in enumerate(entry.repositories):
            if there and not any(covers(pattern, name) for name in there):
                yield Problem(
                    at=(*at, "repositories", index),
                    message="no declared repository there has such a name",
                    given=shown(pattern),
                    allowed="repositories of this file or of a team's, in the locations of the entry",
                    way_out="write it as under `repositories`, or remove it",
                )


@rule("alarm-count", f"Watch the pulls of at most {NO_PULLS} repositories in a location", LIMITS)
def alarm_count(declared: RuleContext) -> Iterator[Problem]:
    """Each is an alarm of its own, which is billed, and a resource of the stack, which takes 500. An alarm that is one
    of hundreds is not read.
    """
    registry = declared.registry
    for at in registry.locations:
        number = sum(1 for told in alarms_in(registry, at) if told.alarm.repository)
        if number > NO_PULLS:
            yield Problem(
                at=(*AT, "pulls_stop"),
                message=f"there are too many alarms in {at.beside(registry.home)}",
                given=f"{number:,} repositories that are always pulled",
                allowed=f"at most {NO_PULLS}",
                way_out="name the few whose silence means that something is wrong",
                key=True,
            )
            return


@rule("alarm-teams", f"Let at most {ALARM_ACTIONS - 1} teams hear of one repository's alarm", LIMITS)
def alarm_teams(declared: RuleContext) -> Iterator[Problem]:
    """CloudWatch tells five topics of an alarm, and one of them is that of everybody. Who has a chat has two topics."""
    registry = declared.registry
    for at in registry.locations:
        for told in alarms_in(registry, at):
            chats = len(told.chats)
            if 1 + len(told.teams) + chats > ALARM_ACTIONS:
                yield Problem(
                    at=("monitoring", "teams"),
                    message=f"too many teams would hear that nobody pulls {told.alarm.repository}",
                    given=f"{len(told.teams)}: {listed(told.teams)}" + f"; and {chats} topics of chats" * bool(chats),
                    allowed=f"at most {ALARM_ACTIONS - 1}" + ", topics of chats counted" * bool(chats),
                    way_out="join teams that have the same repositories, or take it out of pulls_stop",
                    key=True,
                )
                return


@rule(
    "alarm-images-cost",
    f"Know what it costs to watch the images of more than {REPOSITORIES:,} repositories, and accept it with a reason",
    PRICES,
    Severity.WARNING,
)
def alarm_images_cost(declared: RuleContext) -> Iterator[Problem]:
    """CloudWatch bills each repository that the alarm looks at as an alarm, in each location: `ecrctl cost` says how
    much. Of more than 10,000 it looks at the first 10,000 only.
    """
    registry = declared.registry
    for at in registry.locations:
        number = len(registry.repositories_in(at))
        if number > REPOSITORIES and any(told.alarm.id == IMAGES for told in alarms_in(registry, at)):
            some = f", and more than the {METRICS_OF_A_QUERY:,} that are looked at" * (number > METRICS_OF_A_QUERY)
            yield Problem(
                at=AT,
                message=f"the alarm on images looks at each repository of {at.beside(registry.home)}",
                given=f"{number:,} repositories, each billed as an alarm{some}",
                allowed=f"up to {REPOSITORIES:,}, or an accepted warning",
                way_out="see `ecrctl cost`, and accept this warning; or write watch without images: dashboards show "
                "the fullest ones",
                key=True,
            )
            return


@rule("dashboard-namespace", "Name namespaces that have repositories, or *", "docs/alarms.md", waits=True)
def dashboard_namespace(declared: RuleContext) -> Iterator[Problem]:
    """A dashboard of a namespace without declared repositories would be empty, so none is made."""
    said = declared.root.monitoring
    there = {it.namespace for it in declared.registry.repositories}
    for index, name in enumerate(said.dashboards if said else ()):
        if name not in there and name != EVERY_NAMESPACE:
            yield Problem(
                at=("monitoring", "dashboards", index),
                message="no declared repository is in this namespace",
                given=shown(name),
                allowed=f'{listed(sorted(there))}, or "{EVERY_NAMESPACE}" for all'
                if there
                else "namespaces with declared repositories",
                way_out="write the part of names before the first /; `_` stands for names without one",
            )


@rule(
    "dashboard-count",
    f"Know what more than {DASHBOARDS} dashboards cost, and accept it with a reason",
    PRICES,
    Severity.WARNING,
)
def dashboard_count(declared: RuleContext) -> Iterator[Problem]:
    """CloudWatch bills each but three small ones of an account, in every account that the registry is in: `ecrctl
    cost` says how much.
    """
    registry = declared.registry
    counted = {at: len(dashboards_in(registry, at)) for at in registry.locations}
    number = sum(counted.values())
    if max(counted.values(), default=0) > DASHBOARDS:
        yield Problem(
            at=("monitoring", "dashboards"),
            message="these are many dashboards",
            given=f"{number}, of {len(shown_namespaces(registry))} namespaces",
            allowed=f"up to {DASHBOARDS} in an account, or an accepted warning",
            way_out="name the namespaces that somebody looks at; or see `ecrctl cost`, and accept this warning",
            key=True,
        )


@rule("dashboard-size", f"Keep a dashboard within {DASHBOARD_METRICS:,} metrics, and all of them within 1 MB", LIMITS)
def dashboard_size(declared: RuleContext) -> Iterator[Problem]:
    """CloudWatch draws no more in one dashboard, and CloudFormation takes no larger template."""
    registry = declared.registry
    for at in registry.locations:
        dashboards = dashboards_in(registry, at)
        for each in dashboards:
            if each.metrics > DASHBOARD_METRICS:
                yield Problem(
                    at=("monitoring", "dashboards"),
                    message=f"the namespace {each.namespace} is too large for a dashboard",
                    given=f"{each.metrics:,} metrics: a repository is one in each of its regions, and one more",
                    allowed=f"at most {DASHBOARD_METRICS:,}",
                    way_out="name other namespaces; the dashboard of the whole registry shows the most pulled ones",
                    key=True,
                )
        written = sum(len(each.body.encode()) + each.body.count('"') for each in dashboards)
        if written > BYTES:
            yield Problem(
                at=("monitoring", "dashboards"),
                message="these dashboards do not fit into the Monitoring stack",
                given=f"about {written / 1e6:.1f} MB",
                allowed=f"at most {BYTES / 1e6:.1f} MB of the 1 MB of a template",
                way_out="name the namespaces that somebody looks at",
                key=True,
            )
