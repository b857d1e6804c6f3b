"""The body of a dashboard as a page, drawn as CloudWatch draws it: a grid of 24 columns, cards, graphs, a legend.

It is for looking at: whether titles fit, whether lines can be told apart, whether the rows make sense.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from tests.cloudwatch import CloudWatch, Series

COLUMN: Final = 60  # pixels; the console of a screen of 1,500
ROW: Final = 46
#: The colours that CloudWatch gives to lines, in their order.
COLORS: Final = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22",
                 "#17becf")  # fmt: skip
STATES: Final = {"ALARM": "#d13212", "INSUFFICIENT_DATA": "#879596", "OK": "#1d8102"}

STYLE: Final = """
body{margin:0;background:#f2f3f3;font:13px/1.35 Helvetica,Arial,sans-serif;color:#16191f}
main{position:relative;margin:8px}
section{position:absolute;box-sizing:border-box;padding:4px}
article{height:100%;box-sizing:border-box;background:#fff;border:1px solid #d5dbdb;border-radius:4px;
  padding:8px 10px;overflow:hidden;display:flex;flex-direction:column}
article.plain{background:none;border-color:transparent;padding:0 10px}
h4{flex:none;margin:0 0 4px;font-size:13px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
h2,h3{margin:0 0 2px;font-size:19px}h3{font-size:16px}p{margin:2px 0}
svg{flex:1;min-height:0;width:100%}
ul{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:0 14px}
li{white-space:nowrap}li i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px}
.number{font-size:40px;line-height:1.2}.small{color:#687078}
.alarms{overflow:auto;display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:0 18px;
  grid-auto-rows:min-content}
.alarms li{border-bottom:1px solid #eaeded;padding:2px 0;overflow:hidden;text-overflow:ellipsis}
"""
_GREY: Final = "#687078"


def picture(body: str, regions: Mapping[str, CloudWatch], states: Mapping[str, str]) -> str:
    """The page of a dashboard.

    :param regions: the metrics of each region.
    :param states: the state of each alarm, by its ARN.
    """
    widgets = json.loads(body)["widgets"]
    height = max(it["y"] + it["height"] for it in widgets) * ROW
    cards = "".join(_card(it, regions, states) for it in widgets)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Dashboard</title><style>{STYLE}</style>'
        f'<main style="width:{24 * COLUMN}px;height:{height}px">{cards}</main></html>'
    )


def _card(it: Mapping[str, Any], regions: Mapping[str, CloudWatch], states: Mapping[str, str]) -> str:
    place = (
        f"left:{it['x'] * COLUMN}px;top:{it['y'] * ROW}px;width:{it['width'] * COLUMN}px;height:{it['height'] * ROW}px"
    )
    properties = it["properties"]
    plain = ' class="plain"' if properties.get("background") == "transparent" else ""
    if it["type"] == "text":
        inside = _markdown(properties["markdown"])
    elif it["type"] == "alarm":
        inside = _alarms(properties, states)
    else:
        lines = regions[properties["region"]].graph(properties)
        size = it["width"] * COLUMN - 30, it["height"] * ROW - 90
        inside = f"<h4>{escape(properties['title'])}</h4>" + _VIEWS[properties["view"]](properties, lines, size)
    return f'<section style="{place}"><article{plain}>{inside}</article></section>'


def _markdown(text: str) -> str:
    """As much of Markdown as the dashboards use: headings, links, bold, code."""
    made = []
    for line in text.split("\n"):
        escaped = re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r'<a href="\2">\1</a>', escape(line))
        escaped = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", escaped)
        escaped = re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped)
        marks, _, words = escaped.partition(" ")
        level = len(marks) if marks and set(marks) == {"#"} else 0
        made.append(f"<h{level}>{words}</h{level}>" if level else f"<p>{escaped}</p>")
    return "".join(made)


def _alarms(properties: Mapping[str, Any], states: Mapping[str, str]) -> str:
    rows = []
    order = list(STATES)
    for arn in sorted(properties["alarms"], key=lambda each: (order.index(states.get(each, "OK")), each)):
        region, name = arn.split(":")[3], arn.split(":", 6)[6]
        state = states.get(arn, "OK")
        mark = f'<i style="background:{STATES[state]}"></i>'
        rows.append(f'<li>{mark}{escape(name)} <span class="small">{region}</span></li>')
    return f'<h4>{escape(properties["title"])}</h4><ul class="alarms">{"".join(rows)}</ul>'


def _legend(lines: Sequence[Series]) -> str:
    items = "".join(
        f'<li><i style="background:{COLORS[at % 10]}"></i>{escape(it.label)}</li>' for at, it in enumerate(lines)
    )
    return f"<ul>{items}</ul>"


Size = tuple[int, int]


def _word(x: float, y: float, word: str, anchor: str = "start", size: int = 11, color: str = _GREY) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-size="{size}" fill="{color}">{escape(word)}</text>'


def _across(x: float, width: float, y: float, look: str) -> str:
    return f'<line x1="{x}" x2="{width}" y1="{y:.1f}" y2="{y:.1f}" {look}/>'


def _box(x: float, y: float, width: float, height: float, look: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" {look}/>'


def _time_series(properties: Mapping[str, Any], lines: Sequence[Series], size: Size) -> str:
    width, height = size
    marks = properties.get("annotations", {}).get("horizontal", [])
    stacked = properties.get("stacked", False)
    if not lines:
        return '<p class="small">No data available.</p>'
    length = max(len(it.values) for it in lines)
    tops = [[it.values[at] or 0 if at < len(it.values) else 0 for it in lines] for at in range(length)]
    most = max([sum(each) if stacked else max(each) for each in tops] + [it["value"] for it in marks]) or 1
    top = _nice(most)

    def x(at: float) -> float:
        return 46 + at * (width - 52) / max(1, length - 1)

    def y(value: float) -> float:
        return height - 18 - value / top * (height - 28)

    drawn = []
    for step in range(5):
        value = top * step / 4
        drawn.append(
            _across(46, width - 6, y(value), 'stroke="#eaeded"') + _word(42, y(value) + 4, _short(value), "end")
        )
    for day in range(8):
        drawn.append(_word(x(day * (length - 1) / 7), height - 3, f"{14 + day}/11", "end" if day == 7 else "middle"))
    floor = [0.0] * length
    for number, it in enumerate(lines):
        color = COLORS[number % 10]
        values = [
            (it.values[at] or 0 if at < len(it.values) else 0) + (floor[at] if stacked else 0) for at in range(length)
        ]
        path = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in enumerate(values))
        if stacked:
            under = " ".join(f"{x(at):.1f},{y(floor[at]):.1f}" for at in reversed(range(length)))
            drawn.append(f'<polygon points="{path} {under}" fill="{color}" fill-opacity=".75"/>')
            floor = values
        else:
            drawn.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"/>')
    for mark in marks:
        edge, color = y(mark["value"]), mark["color"]
        if mark.get("fill") == "above":
            drawn.append(_box(46, 10, width - 52, max(0, edge - 10), f'fill="{color}" fill-opacity=".08"'))
        drawn.append(_across(46, width - 6, edge, f'stroke="{color}" stroke-dasharray="4 3"'))
        drawn.append(_word(width - 8, edge - 4, mark["label"], "end", color=color))
    legend = "" if properties.get("legend", {}).get("position") == "hidden" else _legend(lines)
    return f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none">{"".join(drawn)}</svg>{legend}'


def _bars(properties: Mapping[str, Any], lines: Sequence[Series], size: Size) -> str:
    width, height = size[0], size[1] + 40
    if not lines:
        return '<p class="small">No data available.</p>'
    sums = [(it.label, sum(it.known)) for it in lines]
    top = max(value for _, value in sums) or 1
    step = min(34, (height - 4) / len(sums))
    drawn = []
    for at, (label, value) in enumerate(sums):
        long = value / top * (width - 215)
        drawn.append(_box(150, at * step + 3, max(1, long), step - 6, f'fill="{COLORS[at % 10]}"'))
        drawn.append(_word(145, at * step + step / 2 + 4, label, "end", color="#16191f"))
        drawn.append(_word(155 + long, at * step + step / 2 + 4, _short(value)))
    return f'<svg viewBox="0 0 {width} {height}">{"".join(drawn)}</svg>'


def _single(properties: Mapping[str, Any], lines: Sequence[Series], size: Size) -> str:
    if not lines:
        return '<p class="number">--</p>'
    (it,) = lines
    width, height = size[0], 90
    top = max(it.known) or 1
    path = " ".join(
        f"{at * width / max(1, len(it.values) - 1):.1f},{height - (value or 0) / top * (height - 4):.1f}"
        for at, value in enumerate(it.values)
    )
    return (
        f'<p class="number">{_short(sum(it.known))}</p><p class="small">{escape(it.label)}</p>'
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none"><polyline points="{path}" fill="none" '
        'stroke="#1f77b4" stroke-width="1.5"/></svg>'
    )


def _gauge(properties: Mapping[str, Any], lines: Sequence[Series], size: Size) -> str:
    if not lines:
        return '<p class="number">--</p>'
    (it,) = lines
    low, high = properties["yAxis"]["left"]["min"], properties["yAxis"]["left"]["max"]
    value = it.known[-1]

    def arc(start: float, end: float, color: str, radius: int, thick: int) -> str:
        points = []
        for share in (start, end):
            angle = math.pi * (1 - share)
            points.append(f"{120 + radius * math.cos(angle):.1f} {115 - radius * math.sin(angle):.1f}")
        return (
            f'<path d="M{points[0]} A{radius} {radius} 0 0 1 {points[1]}" fill="none" stroke="{color}" '
            f'stroke-width="{thick}"/>'
        )

    share = min(1, max(0, (value - low) / (high - low)))
    drawn = arc(0, 1, "#eaeded", 85, 18) + arc(0, max(0.004, share), "#1f77b4", 85, 18)
    for mark in properties.get("annotations", {}).get("horizontal", []):
        drawn += arc((mark["value"] - low) / (high - low), 1, mark["color"], 99, 4)
    drawn += _word(120, 108, f"{value:.1f}", "middle", 30, "#16191f") + _word(120, 132, it.label, "middle", 12)
    return f'<svg viewBox="0 0 240 140">{drawn}</svg>'


_VIEWS: Final = {"timeSeries": _time_series, "bar": _bars, "singleValue": _single, "gauge": _gauge}


def _nice(value: float) -> float:
    magnitude = 10 ** math.floor(math.log10(value))
    steps = (step * magnitude for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10))
    return float(next(step for step in steps if step >= value))


def _short(value: float) -> str:
    for size, word in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.1f}".removesuffix(".0") + word
    return f"{value:.1f}".removesuffix(".0")
