"""The picture as text for Markdown, which GitHub, GitLab and most wikis draw: https://mermaid.js.org/syntax/flowchart.html."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ops.report.facts import Report
from ops.report.scene import PlaceNode, Scene, Way, scene
from registry.findings import visible

#: Everything else could be Mermaid's syntax, Markdown's or HTML's. https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters
_PLAIN: Final = re.compile(r"[^\w ./:@,()+-]")
_ARROWS: Final[dict[Way, str]] = {"write": "==>", "read": "-->", "policy": "-.->"}
_LABELS: Final[dict[Way, str]] = {"write": "writes", "read": "pulls", "policy": "by a policy"}


def mermaid(report: Report) -> str:
    """A fenced block with the same scene as the picture of the page."""
    return "\n".join(["```mermaid", "flowchart LR", *(f"  {line}" for line in _lines(scene(report))), "```"])


def _lines(drawn: Scene) -> Iterator[str]:
    yield f"subgraph home[{_quoted(f'{_called(drawn.home)}, home')}]"
    for index, node in enumerate(drawn.rooms):
        yield f"  n{index}[{_quoted(f'{node.name} ({node.size})')}]"
    yield "end"
    for index, replica in enumerate(drawn.replicas):
        yield f"r{index}[({_quoted(f'{_called(replica)}: {replica.receives}')})]"
        for room in replica.copies:
            yield f"{_room(room)} -->|copies| r{index}"
    for index, caller in enumerate(drawn.callers):
        yield f"c{index}([{_quoted(f'{caller.name}: {caller.about}')}])"
        for room, way in caller.reaches:
            yield f"c{index} {_ARROWS[way]}|{_LABELS[way]}| {_room(room)}"
    if drawn.more_callers:
        yield f"more[{_quoted(f'and {drawn.more_callers:,} more')}]"
    places = [("home", drawn.home), *((f"r{index}", it) for index, it in enumerate(drawn.replicas))]
    networks = [(at, network) for at, place in places for network in place.networks]
    for index, (at, (name, services)) in enumerate(networks):
        yield f"v{index}{{{{{_quoted(f'VPC {name}: {services}')}}}}} --- {at}"


def _called(place: PlaceNode) -> str:
    return f"{place.account}/{place.region}"


def _room(room: int | None) -> str:
    return "home" if room is None else f"n{room}"


def _quoted(text: str) -> str:
    """A label in quotes, in which nothing ends the quotes or means anything."""
    return '"' + _PLAIN.sub(lambda found: f"#{ord(found.group())};", visible(text)) + '"'
