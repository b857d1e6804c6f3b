"""Our side of the race: the project's own app. A probe shows that its checks are on."""

from __future__ import annotations

import json
from pathlib import Path

from app import build
from benchmarks.probe import add_probe
from registry.load import load
from stacks.checked_app import checked_app


def main() -> None:
    """Synthesize the registry that the context names."""
    app = checked_app()
    registry, _ = load(Path(app.node.try_get_context("registry")))
    plan = json.loads(Path(app.node.try_get_context("plan")).read_text(encoding="utf-8"))
    build(app, registry)
    if plan["probe"]:
        add_probe(app, plan["registry"])
    app.synth()


if __name__ == "__main__":
    main()
