"""The files that are made from the code and committed: `make docs` writes them, tests/test_generated.py compares."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from registry.reference.kinds import kind_table
from registry.reference.schema import schema
from registry.reference.tables import reference, rule_table
from registry.shape import FileShape, Shape, TeamShape

ROOT: Final = Path(__file__).resolve().parent.parent.parent


def schema_text(shape: type[Shape]) -> str:
    """The JSON Schema of a kind of file as text."""
    return json.dumps(schema(shape), indent=2, ensure_ascii=False) + "\n"


#: What each file holds, by its path from the root.
FILES: Final[Mapping[str, Callable[[], str]]] = {
    "registry.schema.json": lambda: schema_text(FileShape),
    "team.schema.json": lambda: schema_text(TeamShape),
    "docs/reference.md": reference,
    "docs/rules.md": rule_table,
    "docs/plan-rules.md": kind_table,
}
