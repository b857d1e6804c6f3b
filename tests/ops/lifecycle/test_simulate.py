"""`ecrctl lifecycle simulate`, asked from outside: the interface that other programs call."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from registry.errors import InvalidFile, UnreadableFile
from tests.registry.lifecycle.simulated import NOW, digest, image, index, older
from tests.synth import ROOT

RUN = CliRunner()
ROWS = [
    {**index("i", "v1", pushed=40), "repositoryName": "web/api"},
    image("x", pushed=40),
    image("new", "v2", pushed=3),
]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """The arguments that name a policy and images."""
    (tmp_path / "policy.json").write_text(json.dumps({"rules": [older(1, 30, status="any")]}))
    (tmp_path / "images.json").write_text(json.dumps({"imageDetails": ROWS}))
    (tmp_path / "manifests.json").write_text(json.dumps({digest("i"): [digest("x")]}))
    return ["--policy", str(tmp_path / "policy.json"), "--images", str(tmp_path / "images.json")]


def simulated(*arguments: str) -> Any:
    return RUN.invoke(app, ["lifecycle", "simulate", *arguments], env={"COLUMNS": "200"})


def test_the_json_is_awss_with_what_goes_later(files: list[str]) -> None:
    manifests = files[1].replace("policy", "manifests")
    answer = simulated(*files, "--manifests", manifests, "--now", NOW.isoformat(), "--json")
    assert answer.exit_code == 0
    found = json.loads(answer.stdout)
    (row,) = found["previewResults"]
    assert (row["imageDigest"], row["imageTags"], row["action"], row["appliedRulePriority"]) == (
        digest("i"), ["v1"], {"type": "EXPIRE"}, 1,
    )  # fmt: skip
    assert row["imagePushedAt"] == ROWS[0]["imagePushedAt"]
    assert found["summary"] == {"expiringImageTotalCount": 1}
    assert [(each["imageDigest"], each["because"]) for each in found["laterResults"]] == [
        (digest("x"), f"child of {digest('i')}")
    ]


def test_people_get_a_table_and_are_told_what_is_unknown(files: list[str]) -> None:
    answer = simulated(*files, "--now", NOW.isoformat())
    assert answer.exit_code == 0
    assert answer.stdout.startswith("web/api: 2 expire, 0 are archived\n")
    assert "v1" in answer.stdout
    assert f"the children of 1 manifest lists are unknown (the first is {digest('i')})" in answer.stderr


def test_the_time_of_the_run_is_now_where_none_is_given(files: list[str]) -> None:
    found = json.loads(simulated(*files, "--json", "--now", "2026-10-20T00:00:00Z").stdout)
    assert found["previewResults"] == []
    assert json.loads(simulated(*files, "--json").stdout)["status"] == "COMPLETE"


@pytest.mark.parametrize("now", ["2026-11-23", "2026-11-23T12:00:00", "soon"])
def test_a_time_without_a_zone_is_bad_usage(files: list[str], now: str) -> None:
    answer = simulated(*files, "--now", now)
    assert answer.exit_code == 2
    assert "Invalid value for '--now'" in answer.stderr


@pytest.mark.parametrize("now", ["2026-11-23", "2026-11-23T12:00:00", "2027-01-01"])
def test_the_way_out_for_a_time_without_a_zone_works(files: list[str], now: str) -> None:
    refused = " ".join(simulated(*files, "--now", now).stderr.replace("│", " ").split())
    suggested = refused.partition("has no zone; write ")[2].partition(",")[0]
    assert simulated(*files, "--now", suggested).exit_code == 0


@pytest.mark.parametrize("now", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
def test_a_time_beyond_all_calendars_is_bad_usage(files: list[str], now: str) -> None:
    assert simulated(*files, "--now", now).exit_code == 2


def test_a_policy_as_aws_prints_it_is_simulated(files: list[str]) -> None:
    bare = simulated(*files, "--now", NOW.isoformat(), "--json").stdout
    text = Path(files[1]).read_text()
    Path(files[1]).write_text(json.dumps({"repositoryName": "web/api", "lifecyclePolicyText": text}))
    assert simulated(*files, "--now", NOW.isoformat(), "--json").stdout == bare


def test_a_policy_with_a_null_is_refused_with_its_place(files: list[str]) -> None:
    Path(files[1]).write_text(Path(files[1]).read_text().replace('"days"', "null"))
    answer = simulated(*files)
    assert isinstance(answer.exception, InvalidFile)
    assert str(answer.exception).startswith(f"{files[1]}:1:")
    assert "countUnit has no value" in str(answer.exception)


def test_a_policy_that_only_warns_is_simulated(files: list[str]) -> None:
    assert simulated(*files, "--json").exit_code == 0  # `any` without a protect before it is a warning


def test_a_file_that_is_not_there_exits_2(files: list[str]) -> None:
    for at in (1, 3):
        wrong = [*files[:at], "no-such-file.json", *files[at + 1 :]]
        answer = simulated(*wrong)
        assert isinstance(answer.exception, UnreadableFile)
        assert answer.exception.exit_code == 2


def test_as_a_program_a_wrong_inventory_is_one_message_and_exit_code_2(files: list[str]) -> None:
    Path(files[3]).write_text('{"imageDetails": [')
    finished = subprocess.run(
        [sys.executable, "-m", "ops", "lifecycle", "simulate", *files],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (finished.returncode, finished.stdout) == (2, "")
    assert f"{files[3]}:1:19: error: this is not JSON" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_simulating_loads_neither_the_cdk_nor_boto3(files: list[str]) -> None:
    program = (
        "import sys\nfrom ops.cli import app\n"
        f"try:\n    app(['lifecycle', 'simulate', *{files!r}, '--json'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'aws_cdk', 'jsii', 'constructs', 'boto3', 'botocore'} & set(sys.modules)))"
    )
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert finished.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("command", ["check", "simulate", "preview", "guard", "running"])
def test_help_teaches_each_command(command: str) -> None:
    answer = RUN.invoke(app, ["lifecycle", command, "--help"])
    assert answer.exit_code == 0
    assert len(answer.stdout) > 400
