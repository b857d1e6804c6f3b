"""The graphs of dashboards: what each shows, as the properties of a metric widget.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeVar

from registry.model import Quotas
from registry.monitoring import metrics
from registry.monitoring.search import SEARCHES, images_of, usage_of

#: Metrics in one graph: 500 by the page above, expressions counted too.
METRICS: Final = 450
#: Lines of one graph: more cannot be told apart by their colours.
LINES: Final = 10
HOUR: Final = 3600
MINUTES: Final = 300
RED: Final = "#d13212"
ORANGE: Final = "#ff9900"
_T = TypeVar("_T")


def parts(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """The items in pieces of a size; the last one is shorter."""
    return (items[start : start + size] for start in range(0, len(items), size))


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


def pulls(region: str, names: Sequence[str], of: str) -> dict[str, Any]:
    """The pulls of an hour of these repositories; of the most pulled ones, where there are many."""
    most = f": the {LINES} most pulled" if len(names) > LINES else ""
    expression = {"id": "most", "expression": f"SORT(METRICS(), SUM, DESC, {LINES})", "label": ""}
    title = f"Pulls an hour in {region}{most}{of}"
    return _graph(region, title, [*_pull_metrics(names), [expression]], stacked=True)


def pulls_by_repository(region: str, names: Sequence[str], of: str) -> dict[str, Any]:
    """The pulls of the whole time that is shown, as bars."""
    expression = {"id": "most", "expression": f"SORT(METRICS(), SUM, DESC, {LINES})", "label": ""}
    return _graph(
        region,
        f"Pulls by repository in {region}{of}",
        [*_pull_metrics(names), [expression]],
        view="bar",
        setPeriodToTimeRange=True,
        legend={"position": "hidden"},
    )


def pulls_in_all(region: str, names: Sequence[str]) -> dict[str, Any]:
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


def fullest_of(region: str, names: Sequence[str], quotas: Quotas) -> dict[str, Any] | None:
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


def images(region: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Graphs of how many images each repository has; of the fullest ones, where there are many."""
    searches = images_of(names)
    pieces = list(parts(searches, SEARCHES))
    shown = []
    for part, expressions in enumerate(pieces, 1):
        lines = max(2, LINES // len(expressions))
        found = [
            [{"id": f"s{index}", "expression": f"SORT({expression}, MAX, DESC, {lines})", "label": _NAME}]
            for index, expression in enumerate(expressions)
        ]
        of = f" (part {part} of {len(pieces)})" if len(pieces) > 1 else ""
        most = ": the fullest" if len(names) > LINES else ""
        shown.append(_graph(region, f"Images in a repository, {region}{most}{of}", found, stat="Maximum"))
    return shown


#: The name of the repository, of a metric that knows it as `repository/NAME`.
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
_NAME: Final = "${PROP('Dim.ResourceId')}"


def most_pulled(region: str) -> dict[str, Any]:
    """The pulls of an hour of whatever is pulled most in a region."""
    query = metrics.most_pulled(LINES).text
    found = [[{"id": "most", "expression": query, "label": "${PROP('Dim.RepositoryName')}", "period": HOUR}]]
    return _graph(region, f"Pulls an hour: the {LINES} most pulled", found, stacked=True)


def most_images(region: str) -> dict[str, Any]:
    """The repositories of a region with the most images."""
    expression = metrics.images_of_repositories(LINES).text
    found = [[{"id": "most", "expression": expression, "label": _NAME, "period": HOUR}]]
    return _graph(region, f"Images: the {LINES} fullest repositories", found, stat="Maximum")


def repository_count(region: str, quotas: Quotas) -> dict[str, Any]:
    """How much of its quota of repositories a region has used, in percent."""
    found = [
        [{"id": "q", "expression": metrics.repositories().text, "period": HOUR, "visible": False}],
        [_percent("q", quotas.registered_repositories)],
    ]
    return _gauge(region, "Repositories in the region", found, quotas)


def fullest(region: str, quotas: Quotas) -> dict[str, Any]:
    """How full the fullest repository of a region is, in percent."""
    query = metrics.most_images().text
    found = [
        [{"id": "q", "expression": query, "period": HOUR, "visible": False}],
        [_percent("q", quotas.images_per_repository)],
    ]
    return _gauge(region, "Images: the fullest repository", found, quotas)


def calls(region: str, quotas: Quotas) -> dict[str, Any]:
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
