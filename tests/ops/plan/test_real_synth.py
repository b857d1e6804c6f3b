"""`ecrctl plan` with the app as it is: each side in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.aws.cdk_cli import synthesized_assembly
from ops.cli import app
from ops.plan.templates import NotSynthesized, templates
from registry.errors import ExitCode
from registry.replacements.compare import differences
from tests.synth import ROOT, SMALL


def test_both_sides_are_synthesized_and_nothing_is_left_unexplained(tmp_path: Path) -> None:
    old, new = tmp_path / "registry.yaml", ROOT / "examples" / "seed" / "registry.yaml"
    old.write_text(f"{SMALL}repositories: {{web/api: , web/db: }}\n")
    finished = CliRunner().invoke(app, ["plan", str(old), str(new), "--json"])
    assert finished.exit_code == ExitCode.FINE, finished.output
    found = {it["rule"] for it in json.loads(finished.output)["changes"]}
    assert "repository-added" in found
    assert not {"unexplained", "replacement"} & found


def test_the_templates_are_those_of_the_cli_but_for_what_says_nothing_to_aws() -> None:
    file = ROOT / "examples" / "seed" / "registry.yaml"
    with synthesized_assembly(file) as assembly:
        made = {key: json.loads(path.read_text()) for key, path in assembly.templates.items()}
    assert differences(made, templates(file)) == []
    assert made


def test_an_app_that_fails_is_a_message_with_what_it_said(tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text("registry: {}\n")
    with pytest.raises(NotSynthesized, match=r"makes no templates of .*\n.*registry\.yaml:1:11: error"):
        templates(file)
