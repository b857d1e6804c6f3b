"""`ecrctl snippet`: printed, written, and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.commands.snippet import snippet
from ops.init.repository import Occupied
from ops.snippet.dockerfile import LANGUAGES
from ops.snippet.make import TARGETS
from registry.errors import ExitCode
from tests.snippets import TEXT

RUN = CliRunner()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    written = tmp_path / "r.yaml"
    written.write_text(TEXT)
    return written


def test_one_file_is_printed_as_it_is_and_what_to_know_on_standard_error(file: Path) -> None:
    finished = RUN.invoke(app, ["snippet", "web/fixed", "--for", "github", "-f", str(file)])
    assert finished.exit_code == ExitCode.FINE
    assert finished.stdout.startswith("# Builds the image of web/fixed and pushes it to 012345678901.dkr.ecr.")
    assert "# Written by `ecrctl snippet web/fixed --for github`." in finished.stdout
    assert "note: builds of web/fixed keep no cache" in finished.stderr
    assert "note" not in finished.stdout


def test_several_files_have_their_names_between_them(file: Path) -> None:
    finished = RUN.invoke(app, ["snippet", "web/agent", "--for", "jenkins", "--language", "go", "-f", str(file)])
    names = [line for line in finished.stdout.splitlines() if line.startswith("==> ")]
    assert names == [
        "==> Jenkinsfile <==", "==> ci/push-web-agent.sh <==", "==> Dockerfile <==", "==> .dockerignore <==",
    ]  # fmt: skip


def test_for_programs_it_is_json(file: Path) -> None:
    finished = RUN.invoke(app, ["snippet", "web/api", "--for", "github", "--as", "prod", "-f", str(file), "--json"])
    said = json.loads(finished.stdout)
    assert (said["repository"], said["principal"]) == ("web/api", "prod")
    assert [it["path"] for it in said["files"]] == [".github/workflows/promote-web-api.yml", "ci/promote-web-api.sh"]
    assert said["files"][1]["content"].startswith("#!/usr/bin/env bash\n")
    assert finished.stderr == ""


def test_files_are_written_but_over_none_that_is_there(file: Path, tmp_path: Path) -> None:
    command = ["snippet", "web/agent", "--for", "codebuild", "-f", str(file), "--write", str(tmp_path / "code")]
    finished = RUN.invoke(app, command)
    assert finished.exit_code == ExitCode.FINE
    assert finished.stdout.splitlines() == [
        f"wrote {tmp_path}/code/buildspec.yml", f"wrote {tmp_path}/code/ci/push-web-agent.sh",
    ]  # fmt: skip
    spec = tmp_path / "code" / "buildspec.yml"
    spec.write_text("mine")
    refused = RUN.invoke(app, command)
    assert isinstance(refused.exception, Occupied)
    assert "buildspec.yml" in str(refused.exception)
    assert str(refused.exception).endswith("; --force writes over them")
    assert spec.read_text() == "mine"
    assert RUN.invoke(app, [*command, "--force"]).exit_code == ExitCode.FINE
    assert spec.read_text().startswith("# The image of web/agent.")


def test_a_link_is_not_followed_even_with_force(file: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "compose.yaml").symlink_to(elsewhere)
    command = ["snippet", "web/api", "--for", "compose", "-f", str(file), "--write", str(tmp_path / "code"), "--force"]
    refused = RUN.invoke(app, command)
    assert isinstance(refused.exception, Occupied)
    assert "--force" not in str(refused.exception)
    assert elsewhere.read_text() == "mine"


@pytest.mark.parametrize(
    "words",
    [
        ["web/api", "--for", "github", "--force"],
        ["web/api", "--for", "docker"],
        ["web/api", "--for", "github", "--image", "v1"],
        ["web/api", "--for", "github", "--region", "us-west-2"],
        ["web/api", "--for", "compose", "--language", "go"],
        ["web/api", "--for", "compose", "--region", "eu-west-1"],
        ["web/api", "--for", "nomad"],
        ["web/api"],
    ],
)
def test_what_does_not_go_together_is_bad_usage(file: Path, words: list[str]) -> None:
    finished = RUN.invoke(app, ["snippet", *words, "-f", str(file)])
    assert getattr(finished.exception, "exit_code", finished.exit_code) == ExitCode.INVALID


def test_the_tools_of_the_option_are_those_that_there_are() -> None:
    hints = get_type_hints(snippet)
    assert get_args(hints["target"]) == TARGETS
    assert get_args(get_args(hints["language"])[0]) == LANGUAGES
