"""`ecrctl upgrade-check`: two versions with their own code, and what they make of one file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.upgrade.versions import NoSuchVersion, Refused
from registry.errors import ExitCode
from tests.checkout import git, published
from tests.synth import SMALL, declared, synthesized

RUN = CliRunner()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("a project"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "my registry.yaml"
    file.write_text(f"{SMALL}repositories: {{web/api: }}\n")
    return file


@pytest.fixture
def _here(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Revisions are those of the published project; tools are those of this checkout."""
    monkeypatch.setattr("ops.upgrade.versions.GIT", project / ".git")


@pytest.mark.usefixtures("_here")
def test_what_a_newer_version_changes_is_an_answer_of_no(file: Path) -> None:
    finished = RUN.invoke(app, ["upgrade-check", "v0.1.0", "v0.2.0", "--registry", str(file)])
    assert finished.output.splitlines() == [
        "123456789012/ap-northeast-2 acme-Repositories-web: webSapi (AWS::ECR::Repository) changes: EmptyOnDelete",
        f"{file}: from v0.1.0 to v0.2.0: 1 change in 3 stacks",
    ]
    assert finished.exit_code == ExitCode.NO


def test_a_folder_is_a_version_too_and_the_same_code_changes_nothing(
    file: Path, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That two synths of one code make the same templates, test_cdk_synth.py says: here the code only copies them."""
    fast = tmp_path / "a folder"
    git("clone", "--quiet", str(project), str(fast), at=tmp_path)
    synthesized(declared(file.read_text()), fast)
    copy = "import os, shutil\nshutil.copytree('templates', os.environ['CDK_OUTDIR'], dirs_exist_ok=True)\n"
    (fast / "app.py").write_text(f"{copy}open('who', 'a').write('copied')\n")
    (fast / "cdk.out").rename(fast / "templates")
    git("add", "--all", at=fast)
    git("commit", "--quiet", "--message", "fast", at=fast)
    git("tag", "v0.3.0", at=fast)
    monkeypatch.setattr("ops.upgrade.versions.GIT", fast / ".git")
    finished = RUN.invoke(app, ["upgrade-check", str(fast), "v0.3.0", "--registry", str(file), "--json"])
    assert json.loads(finished.output) == {"old": str(fast), "new": "v0.3.0", "changes": []}
    assert finished.exit_code == ExitCode.FINE
    assert (fast / "who").read_text() == "copied"  # in the folder once: the revision has a place of its own


@pytest.mark.usefixtures("_here")
def test_an_unknown_version_is_bad_usage_with_those_there_are(file: Path) -> None:
    for unknown in ("v9", "--output=x"):
        finished = RUN.invoke(app, ["upgrade-check", "--registry", str(file), "--", "v0.1.0", unknown])
        assert isinstance(finished.exception, NoSuchVersion)
        assert finished.exception.exit_code == ExitCode.INVALID
        assert f'"{unknown}" is no version' in str(finished.exception)
        assert "(v0.1.0, v0.2.0)" in str(finished.exception)


def test_a_version_that_refuses_the_file_says_why(file: Path, project: Path, tmp_path: Path) -> None:
    older = tmp_path / "older"
    git("clone", "--quiet", str(project), str(older), at=tmp_path)
    (older / "app.py").write_text("raise SystemExit('repositories.web/api: unknown here')\n")
    finished = RUN.invoke(app, ["upgrade-check", str(older), str(older), "--registry", str(file)])
    assert isinstance(finished.exception, Refused)
    assert finished.exception.exit_code == ExitCode.NO
    assert f"{older} makes no templates of this file:\n" in str(finished.exception)
    assert "repositories.web/api: unknown here" in str(finished.exception)
