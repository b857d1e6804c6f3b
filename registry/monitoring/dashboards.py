"""The dashboards of a registry as plain data: the body that CloudWatch takes, and where each widget stands.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from registry import naming
from registry.model import Quotas
from registry.monitoring import metrics
from registry.monitoring.search import SEARCHES, images_of, usage_of

COLUMNS: Final = 24
#: Metrics in one graph: 500 by the page above, expressions counted too.
METRICS: Final = 450
#: Lines of one graph: more cannot be told apart by their colours.
LINES: Final = 10
#: Repositories of a namespace whose pulls are also shown as bars: each is a second time in the template then.
BARRED: Final = 60
#: Alarms in one widget (page above).
ALARMS: Final = 100
WEEK: Final = "-P7D"
HOUR: Final = 3600
MINUTES: Final = 300

RED: Final = "#d13212"
ORANGE: Final = "#ff9900"
BLUE: Final = "#1f77b4"

Widget = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """One dashboard: its name in CloudWatch, the namespace it shows (None: the whole registry), and its widgets."""

    name: str
    namespace: str | None
    widgets: tuple[Widget, ...]

    @property
    def metrics(self) -> int:
        """How many metrics and expressions all its widgets have."""
        return sum(len(it["properties"].get("metrics", ())) for it in self.widgets)

    @property
    def body(self) -> str:
        """What CloudWatch takes. JSON writes the texts, so that no name of a file can be more than a text in it."""
        shown = {"start": WEEK, "periodOverride": "inherit", "widgets": list(self.widgets)}
        return json.dumps(shown, separators=(",", ":"), sort_keys=True)


class _Page:
    """Rows of widgets, from the top to the bottom."""

    def __init__(self) -> None:
        self.widgets: list[Widget] = []
        self._y = 0

    def row(self, height: int, *parts: tuple[int, str, dict[str, Any]]) -> None:
        """Widgets beside each other: the width of each, its type, its properties."""
        x = 0
        for width, kind, properties in parts:
            self.widgets.append(
                {"type": kind, "x": x, "y": self._y, "width": width, "height": height, "properties": properties}
            )
            x += width
        assert x <= COLUMNS, x
        self._y += height


def of_namespace(
    registry: str,
    namespace: str,
    repositories: Sequence[tuple[str, Sequence[str]]],
    quotas: Quotas,
    alarms: Sequence[str],
    stack_region: str | None = None,
) -> Dashboard:
    """The dashboard of one namespace in one account.

    :param repositories: each region of the account, and the names that the namespace has there; the home first.
    :param alarms: the ARNs of the alarms about it.
    :param stack_region: as naming.dashboard_name takes it.
    """
    page = _Page()
    shown = "repositories without a namespace" if namespace == naming.ROOT_NAMESPACE else namespace
    title = f"## {registry}: {shown}\n"
    home, names = repositories[0]
    page.row(2, (COLUMNS, "text", _text(title + _counts(repositories) + _origin(registry, stack_region))))
    gauge = _fullest_of(home, names, quotas)
    width = 6 if gauge else 12
    numbers = [(width, "metric", _pulls_in_all(home, names))] + ([(6, "metric", gauge)] if gauge else [])
    page.row(6, *numbers, (12, "alarm", _alarm_list(alarms)) if alarms else (12, "text", _text(_NO_ALARMS)))
    bars = len(names) <= BARRED
    for region, there in repositories:
        for part, chunk in enumerate(_parts(there, METRICS), 1):
            of = f" (part {part})" if len(there) > METRICS else ""
            beside = [(8, "metric", _pulls_by_repository(region, chunk, of))] if bars else []
            page.row(7, (16 if bars else COLUMNS, "metric", _pulls(region, chunk, of)), *beside)
    graphs = _images(home, names, quotas)
    for pair in _parts(graphs, 2):
        width = COLUMNS if len(pair) == 1 else COLUMNS // 2
        page.row(7, *((width, "metric", graph) for graph in pair))
    return Dashboard(
        name=naming.dashboard_name(registry, namespace, stack_region), namespace=namespace, widgets=tuple(page.widgets)
    )


def of_registry(
    registry: str,
    regions: Sequence[str],
    namespaces: Sequence[str],
    quotas: Quotas,
    alarms: Sequence[str],
    stack_region: str | None = None,
) -> Dashboard:
    """The dashboard of all of a registry in one account, region by region.

    It asks by queries, so that it also shows repositories that no file declares, such as those of a cache.

    :param namespaces: those that have a dashboard of their own, to which it leads.
    :param alarms: the ARNs of all alarms in the account.
    """
    page = _Page()
    links = ", ".join(
        f"[{_said(each)}]({_link(naming.dashboard_name(registry, each, stack_region))})" for each in namespaces
    )
    page.row(2, (COLUMNS, "text", _text(f"## {registry}\n" + (f"By namespace: {links}. " if links else "") + _ORIGIN)))
    if alarms:
        page.row(min(8, 2 + len(alarms) // 5), (COLUMNS, "alarm", _alarm_list(alarms)))
    for region in regions:
        page.row(1, (COLUMNS, "text", _text(f"### {region}", plain=True)))
        page.row(
            7,
            (6, "metric", _repository_count(region, quotas)),
            (6, "metric", _fullest(region, quotas)),
            (12, "metric", _calls(region, quotas)),
        )
        page.row(7, (12, "metric", _most_pulled(region)), (12, "metric", _most_images(region, quotas)))
    return Dashboard(
        name=naming.dashboard_name(registry, None, stack_region), namespace=None, widgets=tuple(page.widgets)
    )


_ORIGIN: Final = "This dashboard comes from registry.yaml: what is changed here is gone after the next deploy."
_NO_ALARMS: Final = "**No alarms.** Write `monitoring.alarms` in registry.yaml."


def _origin(registry: str, stack_region: str | None) -> str:
    return f"[The whole registry]({_link(naming.dashboard_name(registry, None, stack_region))}). {_ORIGIN}"


def _link(dashboard: str) -> str:
    return f"#dashboards/dashboard/{dashboard}"


def _said(namespace: str) -> str:
    return "no namespace" if namespace == naming.ROOT_NAMESPACE else namespace


def _counts(repositories: Sequence[tuple[str, Sequence[str]]]) -> str:
    counted = [f"{len(names):,} in {region}" for region, names in repositories]
    return f"Declared repositories: {', '.join(counted)}. "


def _text(markdown: str, *, plain: bool = False) -> dict[str, Any]:
    return {"markdown": markdown} | ({"background": "transparent"} if plain else {})


def _alarm_list(alarms: Sequence[str]) -> dict[str, Any]:
    """The alarms in trouble come first; CloudWatch takes so many in one widget."""
    return {"title": "Alarms", "alarms": list(alarms[:ALARMS]), "sortBy": "stateUpdatedTimestamp"}


def _graph(region: str, title: str, metrics: list[Any], **more: Any) -> dict[str, Any]:
    """A graph of an hour a point: a week has 168 of them."""
    return {
        "title": title,
        "region": region,
        "view": "timeSeries",
        "stacked": False,
        "period": HOUR,
        "stat": "Sum",
        "metrics": metrics,
        "yAxis": {"left": {"min": 0, "showUnits": False}},
        "legend": {"position": "bottom"},
    } | more


def _pull_metrics(names: Sequence[str]) -> list[Any]:
    """Hidden, for expressions. `.` stands for the word above it: each name costs as few bytes as it can."""
    return [
        [*(("AWS/ECR", "RepositoryPullCount", "RepositoryName") if not index else (".", ".", ".")), name,
         {"id": f"p{index}", "visible": False}]
        for index, name in enumerate(names)
    ]  # fmt: skip


def _pulls(region: str, names: Sequence[str], of: str) -> dict[str, Any]:
    most = f": the {LINES} most pulled" if len(names) > LINES else ""
    expression = {"id": "most", "expression": f"SORT(METRICS(), SUM, DESC, {LINES})", "label": ""}
    title = f"Pulls an hour in {region}{most}{of}"
    return _graph(region, title, [*_pull_metrics(names), [expression]], stacked=True)


def _pulls_by_repository(region: str, names: Sequence[str], of: str) -> dict[str, Any]:
    expression = {"id": "most", "expression": f"SORT(METRICS(), SUM, DESC, {LINES})", "label": ""}
    return _graph(
        region,
        f"Pulls by repository in {region}{of}",
        [*_pull_metrics(names), [expression]],
        view="bar",
        setPeriodToTimeRange=True,
        legend={"position": "hidden"},
    )


def _pulls_in_all(region: str, names: Sequence[str]) -> dict[str, Any]:
    """The sum of the whole time that is shown; of the first ones, where there are more than a graph takes."""
    shown = names[:METRICS]
    of = f" of the first {METRICS} repositories" if len(names) > METRICS else ""
    return {
        "title": f"Pulls in {region}{of}",
        "region": region,
        "view": "singleValue",
        "sparkline": True,
        "setPeriodToTimeRange": True,
        "period": HOUR,
        "stat": "Sum",
        "metrics": [*_pull_metrics(shown), [{"id": "all", "expression": "SUM(METRICS())", "label": "pulls"}]],
    }


def _fullest_of(region: str, names: Sequence[str], quotas: Quotas) -> dict[str, Any] | None:
    """How full the fullest repository is, in percent; None of more repositories than one graph can search for."""
    searches = images_of(names)
    if len(searches) > SEARCHES:
        return None
    found: list[Any] = []
    for index, expression in enumerate(searches):
        found.append([{"id": f"s{index}", "expression": expression, "visible": False}])
        found.append([{"id": f"m{index}", "expression": f"MAX(s{index})", "visible": False}])
    most = f"MAX([{','.join(f'm{index}' for index in range(len(searches)))}])" if len(searches) > 1 else "m0"
    found.append([_percent(most, quotas.images_per_repository)])
    return _gauge(region, "Images: the fullest repository", found, quotas)


def _gauge(region: str, title: str, found: list[Any], quotas: Quotas) -> dict[str, Any]:
    return {
        "title": title,
        "region": region,
        "view": "gauge",
        "period": HOUR,
        "stat": "Maximum",
        "metrics": found,
        "yAxis": {"left": {"min": 0, "max": 100}},
        "annotations": {"horizontal": [_line("alarm", quotas.percent)]},
    }


def _percent(value: str, quota: int) -> dict[str, Any]:
    return {"id": "full", "expression": f"100*{value}/{quota}", "label": "percent of the quota"}


def _line(label: str, value: float, color: str = RED, fill: str = "above") -> dict[str, Any]:
    return {"label": label, "value": value, "color": color, "fill": fill}


def _images(region: str, names: Sequence[str], quotas: Quotas) -> list[dict[str, Any]]:
    """Graphs of how many images each repository has; of the fullest ones, where there are many."""
    searches = images_of(names)
    graphs = list(_parts(searches, SEARCHES))
    shown = []
    for part, expressions in enumerate(graphs, 1):
        lines = max(2, LINES // len(expressions))
        found = [
            [{"id": f"s{index}", "expression": f"SORT({expression}, MAX, DESC, {lines})", "label": _NAME}]
            for index, expression in enumerate(expressions)
        ]
        of = f" (part {part} of {len(graphs)})" if len(graphs) > 1 else ""
        most = ": the fullest" if len(names) > LINES else ""
        shown.append(_graph(region, f"Images in a repository, {region}{most}{of}", found, stat="Maximum"))
    return shown


#: The name of the repository, of a metric that knows it as `repository/NAME`.
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
_NAME: Final = "${PROP('Dim.ResourceId')}"


def _most_pulled(region: str) -> dict[str, Any]:
    query = metrics.most_pulled(LINES).text
    found = [[{"id": "most", "expression": query, "label": "${PROP('Dim.RepositoryName')}", "period": HOUR}]]
    return _graph(region, f"Pulls an hour: the {LINES} most pulled", found, stacked=True)


def _most_images(region: str, quotas: Quotas) -> dict[str, Any]:
    expression = metrics.images_of_repositories(LINES).text
    found = [[{"id": "most", "expression": expression, "label": _NAME, "period": HOUR}]]
    return _graph(region, f"Images: the {LINES} fullest repositories", found, stat="Maximum")


def _repository_count(region: str, quotas: Quotas) -> dict[str, Any]:
    found = [
        [{"id": "q", "expression": metrics.repositories().text, "period": HOUR, "visible": False}],
        [_percent("q", quotas.registered_repositories)],
    ]
    return _gauge(region, "Repositories in the region", found, quotas)


def _fullest(region: str, quotas: Quotas) -> dict[str, Any]:
    query = metrics.most_images().text
    found = [
        [{"id": "q", "expression": query, "period": HOUR, "visible": False}],
        [_percent("q", quotas.images_per_repository)],
    ]
    return _gauge(region, "Images: the fullest repository", found, quotas)


def _calls(region: str, quotas: Quotas) -> dict[str, Any]:
    """Five at most: the actions that are called most, measured by what AWS allows."""
    found = []
    for index, (action, rate) in enumerate(list(quotas.calls_per_second.items())[:SEARCHES]):
        found.append(
            [
                {
                    "id": f"s{index}",
                    "expression": f"100*SUM({usage_of(action, MINUTES)})/{rate * MINUTES}",
                    "label": action,
                }
            ]
        )
    return _graph(
        region,
        "Calls of the API in percent of what AWS allows",
        found,
        period=MINUTES,
        annotations={"horizontal": [_line("alarm", quotas.percent, ORANGE)]},
    )


_T = TypeVar("_T")


def _parts(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
