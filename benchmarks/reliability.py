"""What runs write into docs/reliability.md: each a table between two marks, which the next run of its kind replaces."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reliability.md"


def section(name: str, command: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Put a table into the page.

    :param command: what makes the same table again; it stands above it.
    :raises ValueError: where the page has no place of this name.
    """
    head = f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    where = f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()}, Python {platform.python_version()}"
    text = "\n".join([f"`{command}` on {where}:", "", head, *lines])
    page = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    changed, places = re.subn(f"{begin}.*?{end}", lambda _: f"{begin}\n{text}\n{end}", page, flags=re.DOTALL)
    if places != 1:
        raise ValueError(f"{PAGE.name} has no place for {name}: write {begin} and {end}")
    PAGE.write_text(changed, encoding="utf-8")
