"""What CloudWatch takes as the body of a dashboard, as far as registry/monitoring/dashboards.py uses it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
`setPeriodToTimeRange` stands in no page; the console writes it, and the CDK does (aws_cloudwatch.SingleValueWidget).
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

STRINGS: Final = ("title", "region", "stat", "view", "label", "color", "fill", "expression", "id", "markdown")
VIEWS: Final = ("timeSeries", "singleValue", "gauge", "bar", "pie", "table")
METRIC: Final = {
    "title", "region", "view", "stacked", "period", "stat", "metrics", "yAxis", "legend", "annotations",
    "sparkline", "setPeriodToTimeRange",
}  # fmt: skip
RENDERED: Final = {"id", "expression", "label", "period", "stat", "visible", "color", "yAxis", "region"}


def problems(body: str) -> list[str]:
    """What CloudWatch would refuse, or draw otherwise than meant; nothing where all is well."""
    shown = json.loads(body)
    found = [f"unknown key {key}" for key in set(shown) - {"start", "end", "periodOverride", "widgets", "variables"}]
    if not re.fullmatch(r"-PT?\d+[MHDW]", shown["start"]):
        found.append(f"start: {shown['start']}")
    if shown["periodOverride"] not in ("auto", "inherit"):
        found.append(f"periodOverride: {shown['periodOverride']}")
    widgets = shown["widgets"]
    if len(widgets) > 500:
        found.append(f"{len(widgets)} widgets")
    metrics = sum(len(it["properties"].get("metrics", ())) for it in widgets)
    if metrics > 2500:
        found.append(f"{metrics} metrics")
    for number, widget in enumerate(widgets):
        found += [f"widget {number}: {each}" for each in _widget(widget)]
    return found + _overlaps(widgets)


def _overlaps(widgets: list[dict[str, Any]]) -> list[str]:
    taken: dict[tuple[int, int], int] = {}
    found = []
    for number, it in enumerate(widgets):
        for x in range(it["x"], it["x"] + it["width"]):
            for y in range(it["y"], it["y"] + it["height"]):
                if taken.setdefault((x, y), number) != number:
                    found.append(f"widgets {taken[x, y]} and {number} overlap")
    return sorted(set(found))


def _widget(it: dict[str, Any]) -> list[str]:
    found = [f"unknown key {key}" for key in set(it) - {"type", "x", "y", "width", "height", "properties"}]
    if not (0 <= it["x"] <= 23 and it["y"] >= 0 and 1 <= it["width"] <= 24 - it["x"] and 1 <= it["height"] <= 1000):
        found.append("outside the grid")
    properties = it["properties"]
    match it["type"]:
        case "text":
            found += [f"unknown key {key}" for key in set(properties) - {"markdown", "background"}]
            if properties.get("background", "solid") not in ("solid", "transparent"):
                found.append("background")
        case "alarm":
            found += [f"unknown key {key}" for key in set(properties) - {"title", "alarms", "sortBy", "states"}]
            if not 1 <= len(properties["alarms"]) <= 100:
                found.append(f"{len(properties['alarms'])} alarms")
            found += [f"no ARN of an alarm: {arn}" for arn in properties["alarms"] if not _ALARM.fullmatch(arn)]
        case "metric":
            found += _metric(properties)
        case other:
            found.append(f"type {other}")
    return found


_ALARM: Final = re.compile(r"arn:aws(-[a-z-]+)?:cloudwatch:[a-z0-9-]+:\d{12}:alarm:.{1,255}")


def _metric(it: dict[str, Any]) -> list[str]:
    found = [f"unknown key {key}" for key in set(it) - METRIC]
    if not it.get("region"):
        found.append("no region")
    if it["view"] not in VIEWS:
        found.append(f"view {it['view']}")
    if it["view"] == "gauge" and not {"min", "max"} <= set(it.get("yAxis", {}).get("left", {})):
        found.append("a gauge without min and max")
    if it["period"] % 60:
        found.append(f"period {it['period']}")
    if not 0 < len(it["metrics"]) <= 500:
        found.append(f"{len(it['metrics'])} metrics")
    if it.get("legend", {"position": "bottom"})["position"] not in ("bottom", "right", "hidden"):
        found.append("legend")
    for entry in it["metrics"]:
        options = entry[-1] if isinstance(entry[-1], dict) else {}
        found += [f"unknown key {key}" for key in set(options) - RENDERED]
        if "id" in options and not re.fullmatch(r"[a-z][a-zA-Z0-9_]*", options["id"]):
            found.append(f"id {options['id']}")
        if "expression" in options and len(entry) != 1:
            found.append(f"an expression beside a metric: {entry}")
    for line in it.get("annotations", {}).get("horizontal", ()):
        found += [f"unknown key {key}" for key in set(line) - {"label", "value", "color", "fill"}]
        if not re.fullmatch("#[0-9a-f]{6}", line["color"]):
            found.append(f"color {line['color']}")
    return found
