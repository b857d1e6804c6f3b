"""`make audit`: what could not be looked up is never fine, and nothing that is installed is left out."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
import yaml

from scripts import audit
from tests.synth import ROOT

FINE = {"dependencies": [{"name": "rich", "version": "15.0.0", "vulns": []}]}
HOLE = {"dependencies": [{"name": "rich", "version": "1.0.0", "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}]}]}
SKIPPED = {"dependencies": [*FINE["dependencies"], {"name": "uv", "skip_reason": "not found"}]}
OFFLINE = "WARNING: x\nrequests.exceptions.ConnectionError: Failed to resolve"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (json.dumps(FINE), 0, "no known hole in 1 packages"),
        (json.dumps(HOLE), 1, "2 known holes: rich 1.0.0: PYSEC-1, rich 1.0.0: PYSEC-2"),
        (json.dumps(SKIPPED), 3, "not checked: of 2 packages these were not looked up: uv"),
        ('{"dependencies": []}', 3, "not checked: of 0 packages these were not looked up: all"),
        ("", 3, "not checked: requests.exceptions.ConnectionError: Failed to resolve"),
        ("{}", 3, "not checked: requests.exceptions.ConnectionError: Failed to resolve"),
    ],
)
def test_pip_audit_is_believed_only_where_it_looked_up_every_package(text: str, code: int, said: str) -> None:
    assert audit.of_pip_audit("a.txt", text, OFFLINE) == audit.Outcome("a.txt", code, said)


def npm(**changed: Any) -> str:
    answer = {"auditReportVersion": 2, "vulnerabilities": {}, "metadata": {"dependencies": {"total": 3}}}
    return json.dumps({**answer, **changed})


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (npm(), 0, "no known hole in 3 packages"),
        (npm(vulnerabilities={"yaml": {}}), 1, "1 packages with known holes: yaml"),
        (npm(metadata={"dependencies": {"total": 0}}), 3, "not checked: no package"),
        ('{"message": "request failed", "error": {"summary": ""}}', 3, 'not checked: {"message": "request failed", '),
        ("", 3, "not checked: the tool said nothing"),
    ],
)
def test_npm_is_believed_only_where_it_gives_a_report(text: str, code: int, said: str) -> None:
    found = audit.of_npm_audit("package-lock.json", text, "")
    assert (found.code, found.said[: len(said)]) == (code, said)


def test_every_lock_is_looked_at() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    locks = {file for file in listed if re.search(r"(^|/)package-lock\.json$|^requirements.*\.txt$", file)}
    assert {*audit.PYTHON_LOCKS, *audit.NPM_LOCKS} == locks


def test_every_install_of_every_verb_wants_hashes() -> None:
    """pip by --require-hashes, npm by `ci`, which takes nothing but the lock; scripts of packages do not run."""
    for file in (ROOT / "Makefile", *(ROOT / "scripts").glob("*.sh")):
        for line in file.read_text().replace("\\\n", " ").splitlines():
            if re.search(r"-m pip install|uv pip (install|sync)", line):
                assert "--require-hashes" in line, f"{file.name}: {line}"
            if re.search(r"\bnpm\b.* (ci|install|i)\b|^\s+ci\b", line) and not line.lstrip().startswith(("#", "echo")):
                assert "--ignore-scripts" in line, f"{file.name}: {line}"
                assert " ci " in f" {line} " or "--package-lock-only" in line, f"{file.name}: {line}"


def test_the_workflow_asks_where_a_lock_changes_and_once_a_week() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "audit.yml").read_text())
    on = workflow[True]  # what YAML 1.1 makes of `on`
    assert {"requirements*.txt", "**/package-lock.json"} <= {*on["pull_request"]["paths"]}
    assert on["schedule"]
    assert workflow["permissions"] == {"contents": "read"}
