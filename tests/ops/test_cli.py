"""ecrctl as a program: exit codes, text, JSON, and nothing loaded that is not needed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.synth import ROOT, SEED, SMALL


def ecrctl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ops", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.yaml"
    file.write_text(SMALL + "namespaces: {wob: }\nrepositories: {Web/API: , web/api: {lifecycle: nightly}}\n")
    return file


def test_a_good_file_exits_0_and_says_what_it_declares() -> None:
    typed = [str(ROOT / ".venv" / "bin" / "ecrctl"), "validate"]
    finished = subprocess.run(typed, cwd=SEED.parent, capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout == "registry.yaml: 3 repositories in ap-northeast-2, us-west-2; no findings\n"


def test_a_bad_file_exits_1_with_every_problem(bad: Path) -> None:
    finished = ecrctl("validate", str(bad))
    assert finished.returncode == 1
    assert f"{bad}:3:16: error: ECR does not accept this repository name [repository-name]" in finished.stdout
    assert f"{bad}:3:48: error: there is no lifecycle nightly [lifecycle-name]" in finished.stdout
    assert f"\n{bad}: 2 errors, 1 warning\n" in finished.stdout


def test_json_says_the_same_for_programs(bad: Path) -> None:
    finished = ecrctl("validate", str(bad), "--json")
    assert finished.returncode == 1
    report = json.loads(finished.stdout)
    assert (report["errors"], report["warnings"]) == (2, 1)
    assert {(f["rule"], f["line"], f["severity"]) for f in report["findings"]} == {
        ("namespace-unused", 2, "warning"),
        ("repository-name", 3, "error"),
        ("lifecycle-name", 3, "error"),
    }
    for finding in report["findings"]:
        assert {"file", "column", "message", "given", "allowed", "way_out", "link"} <= set(finding)


@pytest.mark.parametrize(
    "path", ["no-such-file.yaml", "registry", "x" * 5_000], ids=["missing", "a folder", "too long"]
)
def test_an_unreadable_path_exits_2_with_one_line(path: str) -> None:
    finished = ecrctl("validate", path)
    assert finished.returncode == 2
    assert ": cannot be read: " in finished.stderr
    assert "Traceback" not in finished.stderr


def test_bad_usage_exits_2() -> None:
    assert ecrctl("validate", "--no-such-option").returncode == 2
    assert ecrctl("no-such-command").returncode == 2


COMMANDS = ["validate", "import", "clear-failed", "drift", "retire", "backfill", "settings"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_each_command(command: str) -> None:
    finished = ecrctl(command, "--help")
    assert finished.returncode == 0
    assert "Usage: ecrctl" in finished.stdout.replace("python -m ops", "ecrctl")
    assert len(finished.stdout) > 400


def test_an_import_of_nothing_is_bad_usage_and_says_both_ways() -> None:
    finished = ecrctl("import")
    assert finished.returncode == 2
    assert "name repositories, or say --registry-wide" in finished.stderr


def test_validate_loads_neither_the_cdk_nor_boto3() -> None:
    program = (
        "import sys\nfrom ops.cli import app\n"
        f"try:\n    app(['validate', {str(SEED)!r}])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'aws_cdk', 'jsii', 'constructs', 'boto3', 'botocore'} & set(sys.modules)))"
    )
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert finished.stdout.splitlines()[-1] == "[]"


def test_commands_that_need_aws_say_in_one_message_that_it_cannot_be_asked(tmp_path: Path) -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "ops", "clear-failed", "--registry", str(SEED)],
        cwd=ROOT,
        # No credentials, and an endpoint nobody listens on: nothing leaves the machine.
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true",
             "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "ap-northeast-2"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert finished.returncode == 3
    assert "AWS cannot be asked" in finished.stderr
    assert "way out: " in finished.stderr
    assert "Traceback" not in finished.stderr


POLICY = (
    '{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", '
    '"countNumber": 3}, "action": {"type": "expire"}}]}'
)


def test_a_policy_text_that_ecr_accepts_exits_0(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(POLICY)
    finished = ecrctl("lifecycle", "check", str(file))
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout == f"{file}: ECR accepts this policy; no findings\n"


def test_a_policy_text_that_ecr_refuses_exits_1_with_every_breach(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(POLICY.replace('"countNumber": 3', '"countUnit": "days", "countNumber": 0'))
    finished = ecrctl("lifecycle", "check", str(file), "--json")
    assert finished.returncode == 1
    report = json.loads(finished.stdout)
    assert (report["errors"], report["warnings"]) == (2, 0)
    assert {finding["rule"] for finding in report["findings"]} == {"lifecycle-rule-count"}


def test_a_policy_text_that_only_warns_exits_0_and_one_that_is_not_there_2(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(POLICY.replace("untagged", "any"))
    finished = ecrctl("lifecycle", "check", str(file))
    assert finished.returncode == 0
    assert ": 0 errors, 1 warning\n" in finished.stdout
    assert ecrctl("lifecycle", "check", str(tmp_path / "none.json")).returncode == 2
