"""Writes docs/reliability.md: the figures of the runs that try to break this project, each in docs/reliability/*.json.

A run writes its own file with `put`, and the page with `page`. A file has, beside its title, what was done in
sentences, tables, the command that repeats it, the day and the machine: nobody writes a figure by hand.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "reliability.md"
RUNS: Final = ROOT / "docs" / "reliability"
_HEAD: Final = """\
# Reliability

Runs that try to break this project, and what came of them. Each section is written by its run, with the command that
repeats it; `make docs` puts them together.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Figures with a heading for each column."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str | int | float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one run has to say; sections stand by their `place`, then by title."""

    place: int
    title: str
    says: Sequence[str]  # paragraphs
    tables: Sequence[Table]
    command: str


def put(name: str, section: Section) -> None:
    """Write the figures of a run, and the page with them.

    :param name: of its file: letters and hyphens.
    """
    RUNS.mkdir(exist_ok=True)
    machine = f"{os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}"
    said = {**asdict(section), "day": datetime.now(UTC).date().isoformat(), "machine": machine}
    (RUNS / f"{name}.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The page as the files of the runs have it."""
    found = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(RUNS.glob("*.json"))]
    return "\n".join([_HEAD, *(_section(it) for it in sorted(found, key=lambda it: (it["place"], it["title"])))])


def _section(run: dict[str, Any]) -> str:
    parts = [f"## {run['title']}", *run["says"], *(_table(**it) for it in run["tables"])]
    parts.append(f"`{run['command']}`, {run['day']}, {run['machine']}.")
    return "\n\n".join(parts) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
