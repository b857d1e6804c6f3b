"""Bars as boxes and texts with their places, for a screen and for a phone; files/plot.svg writes them down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ops.report.facts import BarFacts
from ops.report.picture import Box, BoxKind, Drawing, Form

WIDE: Final = Form(name="wide", width=1080, callers=(0, 0), home=(0, 0), replicas=None)
NARROW: Final = Form(name="narrow", width=344, callers=(0, 0), home=(0, 0), replicas=None)
_ROW, _BAR, _BASE, _LEAST, _NUMBER = 40, 14, 15, 2, 160  # pixels


def plot(bars: Sequence[BarFacts], form: Form) -> Drawing:
    """One bar below the other: a line with its name and number, and the bar under it.

    What is sure is filled, the part of it that nobody pulls is light, and what is only possible is an outline.
    """
    drawing, width = Drawing(form), form.width - 2
    for index, bar in enumerate(bars):
        top = index * _ROW
        drawing.write("name", 1, top + _BASE, bar.name, width - _NUMBER)
        drawing.write("number", width, top + _BASE, bar.text, _NUMBER)
        sure, most = bar.sure * width, bar.most * width
        if most > sure:
            drawing.boxes.append(_box("maybe", top, max(most, _LEAST)))
        if sure:
            drawing.boxes.append(_box("sure", top, max(sure, _LEAST)))
        if bar.unpulled:
            drawing.boxes.append(_box("unpulled", top, max(bar.unpulled * width, _LEAST)))
    drawing.height = len(bars) * _ROW + 2
    return drawing


def _box(kind: BoxKind, top: float, width: float) -> Box:
    return Box(kind, 1, top + _BASE + 7, round(width, 1), _BAR)
