"""What a child is told: nothing that opens an account."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ops.child import run_child

SECRET = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE"),
    *("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "GH_TOKEN", "GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
)


def test_a_child_gets_the_environment_without_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*SECRET, "AWS_REGION", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "given")
    words = [sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"]
    finished = run_child(words, folder=tmp_path, added={"ADDED": "yes"})
    found = json.loads(finished.stdout)
    assert [name for name in SECRET if name in found] == []
    assert (found["AWS_REGION"], found["HTTPS_PROXY"], found["ADDED"]) == ("given", "given", "yes")


def test_what_a_child_writes_is_read_whatever_the_locale(tmp_path: Path) -> None:
    words = [sys.executable, "-c", r"import sys; sys.stdout.buffer.write(chr(252).encode() + b'\xff')"]
    assert run_child(words, folder=tmp_path, added={"LC_ALL": "C", "PYTHONUTF8": "0"}).stdout == "ü\\xff"
