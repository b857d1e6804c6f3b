"""The page itself: facts and the files of files/ made into one HTML text that asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ops.report import plot
from ops.report.facts import AccessFacts, Report, UsageFacts
from ops.report.picture import NARROW, WIDE, Drawing, draw
from ops.report.scene import scene, shown_namespace
from registry.findings import visible

FILES: Final = Path(__file__).parent / "files"
_BEGIN: Final = "<!doctype html>"
_OPEN: Final = 200  # rows of a section whose groups stand open; more are folded
_SEVERAL: Final = "The whole registry, or several namespaces"


def page(report: Report) -> str:
    """The page of a report: the same facts make the same text.

    Whatever is put into a template is text: `_shown` takes away what is no character to be read, and Jinja escapes
    the rest. Attributes hold nothing of the file.
    """
    style, script = ((FILES / name).read_text(encoding="utf-8") for name in ("style.css", "script.js"))
    drawn = scene(report)
    template = _environment().get_template("report.html")
    return template.render(
        report=report,
        pictures=[draw(drawn, form) for form in (WIDE, NARROW)],
        groups=list(_groups(report)),
        plots=_plots(report.usage) if report.usage else {},
        style=Markup(style),  # noqa: S704 - a file of this project
        script=Markup(script),  # noqa: S704 - likewise
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; "
        "form-action 'none'",
        open_access=len(report.access) <= _OPEN,
        open_repositories=report.repositories <= _OPEN,
    )


def is_page(file: Path) -> bool:
    """Whether a file is a page that was made here, so that another may take its place.

    :raises OSError: where it cannot be read.
    """
    with file.open("rb") as opened:
        return opened.read(len(_BEGIN)) == _BEGIN.encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FILES),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["namespace"] = shown_namespace
    return environment


def _shown(value: Any) -> Any:
    """A text without what hides or turns around what follows it: commands to a terminal, directions of writing."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _groups(report: Report) -> Iterator[tuple[str, list[AccessFacts]]]:
    """The access relation by namespace; what holds for more than one comes first."""
    found: dict[str, list[AccessFacts]] = {"": []}
    for row in report.access:
        found.setdefault(row.namespaces[0] if len(row.namespaces) == 1 else "", []).append(row)
    for name in sorted(found):
        if found[name]:
            yield shown_namespace(name) if name else _SEVERAL, found[name]


def _plots(usage: UsageFacts) -> dict[str, list[Drawing]]:
    return {
        name: [plot.plot(bars, form) for form in (plot.WIDE, plot.NARROW)]
        for name, bars in (("room", usage.room), ("growth", usage.growth))
    }


def _hash(text: str) -> str:
    """How a content security policy names an inline text that may be used."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
