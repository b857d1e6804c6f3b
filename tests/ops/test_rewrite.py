"""`ecrctl rewrite`: old keys by their names of today, in the root file and in those of teams."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli import app
from registry.errors import ExitCode, InvalidRegistry, RegistryError
from registry.reading import deprecated
from tests.registry.reading.test_deprecated import RENAMED
from tests.synth import SMALL

ROOT_FILE = f"# ours\r\n{SMALL}include: [teams/*.yaml]\ndefaults: {{tag_mutability: MUTABLE}}  # why\n"
TEAM_FILE = "namespace: web\nrepositories: {web/api: {tag_mutability: IMMUTABLE}}\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("registry.reading.deprecated.DEPRECATED", (RENAMED,))
    (tmp_path / "teams").mkdir()
    (tmp_path / "teams" / "web.yaml").write_bytes(b"\xef\xbb\xbf" + TEAM_FILE.encode())
    (tmp_path / "teams" / "other.yaml").write_text("namespace: other\nrepositories: {other/a: }\n")
    file = tmp_path / "registry.yaml"
    file.write_bytes(ROOT_FILE.encode())
    return file


def rewrite(file: Path, *words: str) -> tuple[int, list[str]]:
    finished = CliRunner().invoke(app, ["rewrite", "--registry", str(file), *words])
    if finished.exception is not None and not isinstance(finished.exception, SystemExit):
        raise finished.exception
    return finished.exit_code, finished.output.splitlines()


def test_the_root_file_and_those_of_teams_are_rewritten_and_nothing_else_of_them(file: Path) -> None:
    other = (file.parent / "teams" / "other.yaml").read_bytes()
    places = [f"{file}:4:12", f"{file.parent}/teams/web.yaml:2:26"]
    said = [f"{place}: tag_mutability -> image_tag_mutability" for place in places]
    assert rewrite(file, "--check") == (ExitCode.NO, said)
    assert file.read_bytes() == ROOT_FILE.encode()
    assert rewrite(file) == (ExitCode.FINE, said)
    assert file.read_bytes() == ROOT_FILE.replace("tag_mut", "image_tag_mut").encode()
    team = (file.parent / "teams" / "web.yaml").read_bytes()
    assert team == b"\xef\xbb\xbf" + TEAM_FILE.replace("tag_mut", "image_tag_mut").encode()
    assert (file.parent / "teams" / "other.yaml").read_bytes() == other
    assert rewrite(file) == (ExitCode.FINE, [f"{file}: every key has its name of today"])
    assert rewrite(file, "--check")[0] == ExitCode.FINE


def test_a_file_with_errors_is_not_touched(file: Path) -> None:
    text = file.read_text() + "repositories: {WEB: }\n"
    file.write_text(text)
    with pytest.raises(InvalidRegistry):
        rewrite(file)
    assert file.read_text() == text


def test_what_would_mean_something_else_is_not_written(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprecated, "rewritten", lambda text, keys: text.replace("MUTABLE", "IMMUTABLE"))
    with pytest.raises(RegistryError, match="would mean something else; nothing is written\n    way out: "):
        rewrite(file)
    assert file.read_bytes() == ROOT_FILE.encode()
