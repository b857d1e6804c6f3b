"""`ecrctl plan` with the CDK CLI and the app as they are: each side in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from ops.cli import app
from registry.errors import ExitCode
from tests.synth import ROOT, SMALL


def test_both_sides_are_synthesized_and_nothing_is_left_unexplained(tmp_path: Path) -> None:
    old, new = tmp_path / "registry.yaml", ROOT / "examples" / "seed" / "registry.yaml"
    old.write_text(f"{SMALL}repositories: {{web/api: , web/db: }}\n")
    finished = CliRunner().invoke(app, ["plan", str(old), str(new), "--json"])
    assert finished.exit_code == ExitCode.FINE, finished.output
    found = {it["rule"] for it in json.loads(finished.output)["changes"]}
    assert "repository-added" in found
    assert not {"unexplained", "replacement"} & found
