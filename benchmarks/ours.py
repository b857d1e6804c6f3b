"""Our side of the race: the project's own app. A probe shows that its checks are on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app import main

if TYPE_CHECKING:
    import aws_cdk as cdk


def probe(app: cdk.App) -> None:
    """Add what the checks must refuse, where the plan says so."""
    plan = json.loads(Path(app.node.try_get_context("plan")).read_text(encoding="utf-8"))
    if plan["probe"]:
        from benchmarks.probe import add_probe

        add_probe(app, plan["registry"])


if __name__ == "__main__":
    sys.exit(main(probe))
