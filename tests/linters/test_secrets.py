"""No file of this project holds a credential; part of `make check`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.synth import ROOT

pytestmark = pytest.mark.compliance

PYTHON = ROOT / ".check" / "venv" / "bin" / "python"
#: Where a test needs something that looks like one: the form, never one that was in use.
LOOK_ALIKES = {
    ("tests/emulator/test_start.py", "AWS Access Key"),
    ("tests/ops/init/test_init.py", "Basic Auth Credentials"),
    ("tests/refused/monitoring-target.yaml", "Basic Auth Credentials"),
    ("tests/sandbox/conftest.py", "AWS Access Key"),
    ("tests/test_hostile_output.py", "AWS Access Key"),
}


def found_in(files: list[str], folder: Path) -> set[tuple[str, str]]:
    finished = subprocess.run(
        [str(PYTHON), str(Path(__file__).with_name("secret_lines.py"))],
        input="\0".join(files),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    rows = (line.split("\t") for line in finished.stdout.splitlines())
    return {(file, kind) for file, _, kind in rows}


def test_no_file_holds_a_credential() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [file for file in listed.stdout.split("\0") if file]
    assert len(files) > 500
    assert found_in(files, ROOT) == LOOK_ALIKES


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("AKIA" + "ABCDEFGHIJKLMNOP", "AWS Access Key"),
        ("ghp_" + "a1B2" * 9, "GitHub Token"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "Private Key"),
        ("https://ci:" + "hunter2@git.example/acme", "Basic Auth Credentials"),
    ],
    ids=lambda text: text[:4],
)
def test_one_that_is_put_in_is_found(text: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text(f"first\n{text}\n")
    assert found_in(["notes.md"], tmp_path) == {("notes.md", kind)}
