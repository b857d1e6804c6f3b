"""No file is written through a link: one that came with somebody's branch may lead anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import app as app_file
from ops.cli import app
from registry.errors import ExitCode, RegistryError
from tests.synth import SMALL

RUN = CliRunner()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(
        f"{SMALL}principals: {{ci: {{github: acme/web, owner_id: 1, repository_id: 2, branch: main}}}}\n"
        "repositories: {web/api: {push: [ci]}}\n"
    )
    return path


@pytest.mark.parametrize("there", [True, False], ids=["leads to a page", "leads to nothing"])
@pytest.mark.parametrize("words", [["report"], ["prices", "--renew"]], ids=" ".join)
def test_a_page_and_prices_are_not_written_through_a_link(
    words: list[str], there: bool, file: Path, tmp_path: Path
) -> None:
    elsewhere, link = tmp_path / "elsewhere", tmp_path / "output"
    if there:
        assert RUN.invoke(app, ["report", "--registry", str(file), "--output", str(elsewhere)]).exit_code == 0
        elsewhere.write_text(elsewhere.read_text() + "<!-- mine -->")
    before = elsewhere.read_text() if there else None
    link.symlink_to(elsewhere)
    finished = RUN.invoke(app, [*words, "--registry", str(file), "--output", str(link)])
    assert finished.exit_code == ExitCode.INVALID
    assert "is a link;" in " ".join(finished.output.replace("│", " ").split())
    assert (elsewhere.read_text() if elsewhere.exists() else None) == before


def test_files_of_a_snippet_are_not_written_through_a_folder_that_is_a_link(file: Path, tmp_path: Path) -> None:
    elsewhere, code = tmp_path / "elsewhere", tmp_path / "code"
    elsewhere.mkdir()
    code.mkdir()
    (code / ".github").symlink_to(elsewhere)
    words = ["snippet", "web/api", "--for", "github", "--write", str(code), "--force", "--registry", str(file)]
    finished = RUN.invoke(app, words)
    assert isinstance(finished.exception, RegistryError)
    assert ".github/workflows/image-web-api.yml" in str(finished.exception)
    assert list(elsewhere.iterdir()) == []


def test_the_folder_that_is_named_may_be_a_link(file: Path, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "code")
    words = ["snippet", "web/api", "--for", "compose", "--image", "v1", "--write", str(tmp_path / "link")]
    assert RUN.invoke(app, [*words, "--registry", str(file)]).exit_code == ExitCode.FINE
    assert (tmp_path / "code" / "compose.yaml").is_file()


def test_templates_are_not_written_through_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cdk.out").symlink_to(tmp_path)
    monkeypatch.setenv("CDK_OUTDIR", str(tmp_path / "cdk.out"))
    assert app_file.main() == ExitCode.INVALID
    assert "is a link" in capsys.readouterr().err
