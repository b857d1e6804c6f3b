"""`ecrctl show`: every setting of a repository, and the line that sets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli import app
from registry.errors import ExitCode, InvalidRegistry, UnknownName
from tests.synth import SMALL

RUN = CliRunner()
TEXT = f"""\
{SMALL}defaults: {{empty_on_delete: true}}
repositories:
  web/api:
    repository_policy: {{Statement: [{{Effect: Allow, Principal: {{AWS: "210987654321"}}, Action: ecr:BatchGetImage}}]}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "r.yaml"
    written.write_text(TEXT)
    return written


def test_each_setting_is_a_line_with_its_value_and_its_place(file: Path) -> None:
    finished = RUN.invoke(app, ["show", "web/api", "-f", str(file)])
    assert finished.exit_code == ExitCode.FINE
    lines = finished.output.splitlines()
    assert lines[0] == "setting\tvalue\tlayer\tset at"
    assert "owner\tnone\tdefault\tdefault" in lines
    assert f"empty_on_delete\ttrue\tdefaults\t{file}:2:12" in lines
    assert f"repository_policy\t1 statement\trepository\t{file}:5:5" in lines


def test_the_same_for_programs_and_for_a_pull_request(file: Path) -> None:
    found = json.loads(RUN.invoke(app, ["show", "web/api", "-f", str(file), "--json"]).output)
    assert found["repository"] == "web/api"
    settings = {row["setting"]: row for row in found["settings"]}
    assert settings["empty_on_delete"] == {
        "setting": "empty_on_delete", "value": True, "layer": "defaults", "setAt": [f"{file}:2:12"],
    }  # fmt: skip
    assert settings["owner"]["value"] is None
    assert settings["owner"]["setAt"] == []
    markdown = RUN.invoke(app, ["show", "web/api", "-f", str(file), "--markdown"]).output
    assert "| `moving_tags` | `none` | `default` | `default` |" in markdown


def test_a_name_that_is_not_declared_is_bad_usage_with_the_nearest_one(file: Path) -> None:
    finished = RUN.invoke(app, ["show", "web/apo", "-f", str(file)])
    assert isinstance(finished.exception, UnknownName)
    assert str(finished.exception) == (
        f"{file} does not declare the repository web/apo\n    way out: did you mean web/api?"
    )


def test_a_file_that_is_refused_shows_its_findings(file: Path) -> None:
    file.write_text(TEXT.replace("ap-northeast-2", "nowhere"))
    finished = RUN.invoke(app, ["show", "web/api", "-f", str(file)])
    assert isinstance(finished.exception, InvalidRegistry)


def test_who_hears_of_it_has_a_line_each(file: Path) -> None:
    file.write_text(
        f"{TEXT}monitoring:\n  events: [scans]\n  email: [ops@example.com]\n  alarms: {{watch: [images]}}\n"
    )
    lines = RUN.invoke(app, ["show", "web/api", "-f", str(file)]).output.splitlines()
    assert f"monitoring\teverybody hears of scans (ops@example.com)\tregistry\t{file}:6:1" in lines
    assert f"alarm\tacme-ecr-images\tregistry\t{file}:9:3" in lines
