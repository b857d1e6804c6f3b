"""Account settings: shown, asked about, put where they differ and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli import app
from tests.ops.stubs import HOME, REPLICA, Cloud, stubbed
from tests.synth import SMALL

NAME = "BLOB_MOUNTING"
TEXT = f"{SMALL}account_settings: {{blob_mounting: ENABLED}}\nreplicas: {{{REPLICA}: }}\nrepositories: {{web/api: }}\n"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        yield made


def run(tmp_path: Path, *options: str, text: str = TEXT, answer: str = "") -> tuple[int, str]:
    file = tmp_path / "registry.yaml"
    file.write_text(text)
    finished = CliRunner().invoke(app, ["settings", "--registry", str(file), *options], input=answer)
    return finished.exit_code, finished.output


def live(cloud: Cloud, home: str | None, replica: str | None) -> None:
    cloud.caller()
    for at, value in ((HOME, home), (REPLICA, replica)):
        answer = {"name": NAME, **({"value": value} if value else {})}
        cloud.expect("get_account_setting", answer, {"name": NAME}, at=at)


def test_only_where_a_setting_differs_it_is_put(cloud: Cloud, tmp_path: Path) -> None:
    live(cloud, "ENABLED", "DISABLED")
    cloud.expect(
        "put_account_setting", {"name": NAME, "value": "ENABLED"}, {"name": NAME, "value": "ENABLED"}, at=REPLICA
    )
    code, said = run(tmp_path, "--yes")
    assert code == 0
    assert said.splitlines() == [
        f"{NAME} in {REPLICA}: DISABLED, but the file declares ENABLED",
        f"{tmp_path}/registry.yaml: 1 setting changed",
    ]


def test_a_setting_that_was_never_put_differs_too(cloud: Cloud, tmp_path: Path) -> None:
    live(cloud, None, "ENABLED")
    cloud.expect("put_account_setting", {"name": NAME, "value": "ENABLED"}, {"name": NAME, "value": "ENABLED"})
    assert f"{NAME} in {HOME}: not set, but the file declares ENABLED" in run(tmp_path, "--yes")[1]


def test_every_setting_that_differs_is_put_not_the_first_alone(cloud: Cloud, tmp_path: Path) -> None:
    live(cloud, "DISABLED", "DISABLED")
    for at in (HOME, REPLICA):
        cloud.expect(
            "put_account_setting", {"name": NAME, "value": "ENABLED"}, {"name": NAME, "value": "ENABLED"}, at=at
        )
    assert run(tmp_path, "--yes")[1].endswith("2 settings changed\n")


def test_nothing_is_put_before_somebody_says_yes(cloud: Cloud, tmp_path: Path) -> None:
    live(cloud, "DISABLED", "DISABLED")
    code, said = run(tmp_path, answer="n\n")
    assert code == 1
    assert "Change 2 settings?" in said


def test_settings_that_are_as_declared_are_not_asked_about(cloud: Cloud, tmp_path: Path) -> None:
    live(cloud, "ENABLED", "ENABLED")
    assert run(tmp_path) == (0, f"{tmp_path}/registry.yaml: every account setting is as declared\n")


def test_a_file_that_declares_none_asks_aws_nothing(cloud: Cloud, tmp_path: Path) -> None:
    text = f"{SMALL}repositories: {{web/api: }}\n"
    assert run(tmp_path, text=text) == (0, f"{tmp_path}/registry.yaml: declares no account settings\n")


def test_settings_of_inspector_are_shown_and_put_as_the_others_are(cloud: Cloud, tmp_path: Path) -> None:
    text = (
        f"{SMALL}scanning: {{scan_type: ENHANCED}}\nrepositories: {{web/api: }}\n"
        "account_settings: {inspector_rescan_duration: DAYS_30, inspector_pull_date_rescan_mode: LAST_IN_USE_AT}\n"
    )
    live = {"rescanDuration": "DAYS_14", "pullDateRescanMode": "LAST_IN_USE_AT"}
    said = {"ecrConfiguration": {"rescanDurationState": live}}
    cloud.caller()
    cloud.expect("get_configuration", said, {})
    cloud.expect("get_configuration", said, {})
    wanted = {"rescanDuration": "DAYS_30", "pullDateRescanMode": "LAST_IN_USE_AT"}
    cloud.expect("update_configuration", {}, {"ecrConfiguration": wanted})
    code, out = run(tmp_path, "--yes", text=text)
    assert code == 0
    assert out.splitlines() == [
        f"INSPECTOR_RESCAN_DURATION in {HOME}: DAYS_14, but the file declares DAYS_30",
        f"{tmp_path}/registry.yaml: 1 setting changed",
    ]
