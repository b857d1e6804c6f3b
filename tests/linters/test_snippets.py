"""What `ecrctl snippet` makes and pipelines run, read by linters. They are large, so only `make check` has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.snippet.make import Snippet
from registry.delivery.buildspecs import program
from tests.snippets import files, of_every_example, said_by, shell_of, snippet, written
from tests.synth import ROOT

pytestmark = pytest.mark.compliance
TOOLS = ROOT / ".check" / "venv" / "bin"
#: What is a matter of taste here: braces around each name, and commands whose failure a comparison tells.
TASTE = "SC2250,SC2310,SC2311,SC2312,SC2154,SC2248"


@pytest.fixture(scope="module")
def made() -> dict[str, Snippet]:
    return of_every_example()


def test_shellcheck_finds_nothing(made: dict[str, Snippet], tmp_path: Path) -> None:
    paths = []
    for number, text in enumerate(shell_of(made)):
        paths.append(tmp_path / f"{number}.sh")
        paths[-1].write_text(text)
    assert len(paths) > 25
    assert said_by(TOOLS / "shellcheck", "--norc", "--enable=all", f"--exclude={TASTE}", paths=paths) == ""


@pytest.mark.parametrize("project", ["BuildAmd64", "Publish", "Promote", "Deploy"])
def test_shellcheck_finds_nothing_in_what_a_pipeline_runs(tmp_path: Path, project: str) -> None:
    script = tmp_path / "program.sh"
    script.write_text(f"#!/bin/bash\n{program(project)}")
    assert said_by(TOOLS / "shellcheck", "--norc", "--enable=all", f"--exclude={TASTE}", script) == ""


def test_shellcheck_finds_what_people_do(tmp_path: Path) -> None:
    (tmp_path / "push.sh").write_text("#!/bin/bash\ndocker push $IMAGE:$TAG\n")
    assert "SC2086" in said_by(TOOLS / "shellcheck", "--norc", tmp_path / "push.sh")


@pytest.mark.parametrize("language", ["go", "java", "node", "python"])
def test_hadolint_finds_nothing_in_a_dockerfile(tmp_path: Path, language: str) -> None:
    written(snippet("web/api", "docker", language=language), tmp_path)
    assert said_by(TOOLS / "hadolint", "--failure-threshold", "style", tmp_path / "Dockerfile") == ""


def test_hadolint_finds_what_people_do(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM node\nRUN apt-get install curl\nUSER root\n")
    assert "DL3006" in said_by(TOOLS / "hadolint", tmp_path / "Dockerfile")


def test_deployments_fit_kubernetes(made: dict[str, Snippet], tmp_path: Path) -> None:
    paths = []
    for number, text in enumerate(files(made, "deployment.yaml").values()):
        paths.append(tmp_path / f"{number}.yaml")
        paths[-1].write_text(text)
    assert paths
    assert said_by(TOOLS / "kubernetes-validate", "--strict", "--kubernetes-version", "1.33", paths=paths) == ""
    paths[0].write_text(paths[0].read_text().replace("containerPort:", "containerport:"))
    assert "'containerPort' is a required property" in said_by(
        TOOLS / "kubernetes-validate", "--strict", paths=paths[:1]
    )
