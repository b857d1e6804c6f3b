"""The picture as boxes, lines and texts with their places; files/picture.svg writes them down.

Two forms of one scene: three columns for a screen, and one for a phone, with the replicas below.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import Final, Literal

from ops.report.scene import CallerNode, PlaceNode, Scene
from registry.findings import visible

#: What is drawn how, in files/style.css.
BoxKind = Literal["caller", "written", "home", "room", "replica", "network", "sure", "maybe", "unpulled"]
TextKind = Literal["title", "name", "small", "number"]
LineKind = Literal["read", "write", "policy", "copy"]

_CHARACTER: Final = {"title": 8.0, "name": 7.6, "small": 6.1, "number": 6.6}  # pixels, of a wide system font
_CALLER, _ROOM, _HEAD, _LINE, _GAP, _PAD = 46, 30, 50, 16, 8, 10  # pixels


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in pixels from the upper left corner."""

    kind: BoxKind
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; `whole` where it had to be cut. A `number` ends at its place, any other begins there."""

    kind: TextKind
    x: float
    y: float
    text: str
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve; images flow to its end. `across` is how far it keeps straight."""

    kind: LineKind
    x: float
    y: float
    to_x: float
    to_y: float
    across: float

    @property
    def path(self) -> str:
        """As SVG writes it."""
        return (
            f"M{self.x:g} {self.y:g}C{self.x + self.across:g} {self.y:g} "
            f"{self.to_x - self.across:g} {self.to_y:g} {self.to_x:g} {self.to_y:g}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Where columns are: x and width of callers, home and replicas; without the third, those stand below."""

    name: str
    width: int
    callers: tuple[int, int]
    home: tuple[int, int]
    replicas: tuple[int, int] | None


WIDE: Final = Form(name="wide", width=1080, callers=(1, 269), home=(420, 250), replicas=(820, 259))
ALONE: Final = Form(name="wide", width=1080, callers=(1, 379), home=(640, 439), replicas=None)
NARROW: Final = Form(name="narrow", width=344, callers=(1, 141), home=(200, 143), replicas=None)


@dataclass(slots=True)
class Drawing:
    """Everything there is to draw, the lower things first."""

    form: Form
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def write(self, kind: TextKind, x: float, y: float, text: str, width: float) -> None:
        """Put a text on one line, cut to a width."""
        text, most = visible(text), max(4, int(width / _CHARACTER[kind]))
        cut = text if len(text) <= most else text[: most - 1] + "…"
        self.texts.append(Text(kind, x, y, cut, text if cut != text else ""))


def draw(scene: Scene, form: Form) -> Drawing:
    """Place everything of a scene."""
    if form.replicas and not scene.replicas:
        form = ALONE
    drawing = Drawing(form)
    callers = len(scene.callers) * (_CALLER + _GAP) + (_LINE + _GAP if scene.more_callers else 0)
    home = _HEAD + len(scene.rooms) * (_ROOM + 4) + _networks_height(scene.home, form.home[1]) + _PAD
    beside = [_height(it, form.replicas[1]) for it in scene.replicas] if form.replicas else []
    replicas = sum(height + 2 * _GAP for height in beside)
    height = max(callers, home, replicas) + 2
    rooms = _home(drawing, scene, (height - home) / 2, home)
    _callers(drawing, scene, (height - callers) / 2, rooms)
    if form.replicas:
        _replicas(drawing, scene, form.replicas, (height - replicas) / 2, rooms)
        drawing.height = height + 4
    else:
        below = height + 2 * _GAP + _LINE
        if scene.replicas:
            drawing.write("small", 0, below - 4, "Replicas", form.width)
            below += _GAP
        drawing.height = _replicas(drawing, scene, (1, form.width - 2), below, None) + 4
    return drawing


def _callers(drawing: Drawing, scene: Scene, top: float, rooms: list[float]) -> None:
    (x, width), home = drawing.form.callers, drawing.form.home[0]
    for caller in scene.callers:
        _caller(drawing, caller, x, top, width)
        spread = len(caller.reaches) + 1
        for index, (room, way) in enumerate(caller.reaches, start=1):
            here, there = top + _CALLER * index / spread, rooms[-1 if room is None else room]
            across = (home - width) * 0.55
            if way == "read":  # images come from the registry
                drawing.lines.append(Line(way, home, there, x + width, here, -across))
            else:
                drawing.lines.append(Line(way, x + width, here, home, there, across))
        top += _CALLER + _GAP
    if scene.more_callers:
        drawing.write("small", x + _PAD, top + _LINE, f"and {scene.more_callers:,} more in the table", width)


def _caller(drawing: Drawing, caller: CallerNode, x: float, top: float, width: float) -> None:
    drawing.boxes.append(Box("written" if caller.written else "caller", x, top, width, _CALLER))
    drawing.write("name", x + _PAD, top + 20, caller.name, width - 2 * _PAD)
    drawing.write("small", x + _PAD, top + 37, caller.about, width - 2 * _PAD)


def _home(drawing: Drawing, scene: Scene, top: float, height: float) -> list[float]:
    """Draw the home; where lines to its rooms end, and at last those to all of it."""
    x, width = drawing.form.home
    drawing.boxes.append(Box("home", x, top, width, height))
    _head(drawing, scene.home, x, top, width, "home, ")
    y, rooms = top + _HEAD, []
    for room in scene.rooms:
        drawing.boxes.append(Box("room", x + _GAP, y, width - 2 * _GAP, _ROOM))
        taken = len(room.size) * _CHARACTER["number"]
        drawing.write("name", x + _GAP + _PAD, y + 20, room.name, width - 2 * _GAP - 2.5 * _PAD - taken)
        drawing.write("number", x + width - _GAP - _PAD, y + 20, room.size, width)
        rooms.append(y + _ROOM / 2)
        y += _ROOM + 4
    _networks(drawing, scene.home, x, y + 4, width)
    return [*rooms, top + _HEAD / 2]


def _replicas(drawing: Drawing, scene: Scene, column: tuple[int, int], top: float, rooms: list[float] | None) -> float:
    """Draw replicas one below the other; without `rooms`, no lines lead to them. Returns where they end."""
    x, width = column
    for replica in scene.replicas:
        height = _height(replica, width)
        drawing.boxes.append(Box("replica", x, top, width, height))
        _head(drawing, replica, x, top, width, "")
        y = top + _HEAD
        for line in _wrapped(f"receives {replica.receives}", width):
            drawing.write("small", x + _PAD, y + 8, line, width - _PAD)
            y += _LINE
        _networks(drawing, replica, x, y + 4, width)
        if rooms is not None:
            start = sum(drawing.form.home)
            for index, room in enumerate(replica.copies, start=1):
                here = rooms[-1 if room is None else room]
                there = top + height * index / (len(replica.copies) + 1)
                drawing.lines.append(Line("copy", start, here, x, there, (x - start) * 0.55))
        top += height + 2 * _GAP
    return top


def _head(drawing: Drawing, place: PlaceNode, x: float, top: float, width: float, word: str) -> None:
    drawing.write("title", x + _PAD, top + 21, place.region, width - 2 * _PAD)
    drawing.write("small", x + _PAD, top + 38, f"{word}account {place.account}", width - _PAD)


def _height(place: PlaceNode, width: int) -> float:
    received = len(_wrapped(f"receives {place.receives}", width)) * _LINE
    return _HEAD + received + _networks_height(place, width) + _PAD


def _networks_height(place: PlaceNode, width: int) -> float:
    return sum(len(_network(it, width)) * _LINE + _PAD + 4 for it in place.networks)


def _networks(drawing: Drawing, place: PlaceNode, x: float, y: float, width: int) -> None:
    for network in place.networks:
        lines = _network(network, width)
        drawing.boxes.append(Box("network", x + _GAP, y, width - 2 * _GAP, len(lines) * _LINE + 8))
        for index, line in enumerate(lines):
            drawing.write("small", x + _GAP + _PAD, y + 16 + index * _LINE, line, width - 2 * _PAD)
        y += len(lines) * _LINE + _PAD + 4


def _network(network: tuple[str, str], width: int) -> list[str]:
    name, services = network
    return [*_wrapped(f"VPC {name}", width - 20), *_wrapped(services, width - 20)]


def _wrapped(text: str, width: int) -> list[str]:
    most = max(8, int((width - 2 * _PAD) / _CHARACTER["small"]))
    return textwrap.wrap(visible(text), most, break_on_hyphens=False) or [""]
