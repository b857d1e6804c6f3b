"""The dashboards of a registry as plain data: the body that CloudWatch takes, and where each widget stands.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry import naming
from registry.model import Quotas
from registry.monitoring import graphs
from registry.monitoring.names import dashboard_name

COLUMNS: Final = 24
#: Repositories of a namespace whose pulls are also shown as bars: each is a second time in the template then.
BARRED: Final = 60
#: Alarms in one widget (page above).
ALARMS: Final = 100
WEEK: Final = "-P7D"

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
    :param stack_region: as names.py takes it.
    """
    page = _Page()
    shown = "repositories without a namespace" if namespace == naming.ROOT_NAMESPACE else namespace
    title = f"## {registry}: {shown}\n"
    home, names = repositories[0]
    page.row(2, (COLUMNS, "text", _text(title + _counts(repositories) + _origin(registry, stack_region))))
    gauge = graphs.fullest_of(home, names, quotas)
    width = 6 if gauge else 12
    numbers = [(width, "metric", graphs.pulls_in_all(home, names))] + ([(6, "metric", gauge)] if gauge else [])
    page.row(6, *numbers, (12, "alarm", _alarm_list(alarms)) if alarms else (12, "text", _text(_NO_ALARMS)))
    bars = len(names) <= BARRED
    for region, there in repositories:
        for part, chunk in enumerate(graphs.parts(there, graphs.METRICS), 1):
            of = f" (part {part})" if len(there) > graphs.METRICS else ""
            beside = [(8, "metric", graphs.pulls_by_repository(region, chunk, of))] if bars else []
            page.row(7, (16 if bars else COLUMNS, "metric", graphs.pulls(region, chunk, of)), *beside)
    for pair in graphs.parts(graphs.images(home, names), 2):
        width = COLUMNS if len(pair) == 1 else COLUMNS // 2
        page.row(7, *((width, "metric", graph) for graph in pair))
    return Dashboard(
        name=dashboard_name(registry, namespace, stack_region), namespace=namespace, widgets=tuple(page.widgets)
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
    links = ", ".join(f"[{_said(each)}]({_link(dashboard_name(registry, each, stack_region))})" for each in namespaces)
    page.row(2, (COLUMNS, "text", _text(f"## {registry}\n" + (f"By namespace: {links}. " if links else "") + _ORIGIN)))
    if alarms:
        page.row(min(8, 2 + len(alarms) // 5), (COLUMNS, "alarm", _alarm_list(alarms)))
    for region in regions:
        page.row(1, (COLUMNS, "text", _text(f"### {region}", plain=True)))
        page.row(
            7,
            (6, "metric", graphs.repository_count(region, quotas)),
            (6, "metric", graphs.fullest(region, quotas)),
            (12, "metric", graphs.calls(region, quotas)),
        )
        page.row(7, (12, "metric", graphs.most_pulled(region)), (12, "metric", graphs.most_images(region)))
    return Dashboard(name=dashboard_name(registry, None, stack_region), namespace=None, widgets=tuple(page.widgets))


_ORIGIN: Final = "This dashboard comes from registry.yaml: change it there."
_NO_ALARMS: Final = "**No alarms.** Write `monitoring.alarms` in registry.yaml."


def _origin(registry: str, stack_region: str | None) -> str:
    return f"[The whole registry]({_link(dashboard_name(registry, None, stack_region))}). {_ORIGIN}"


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
