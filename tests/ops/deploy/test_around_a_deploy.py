"""`ecrctl before-deploy` and `ecrctl after-deploy`: the commands that `make deploy` runs, in order, up to a no."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from typer.testing import CliRunner

from ops.cli import app
from tests.synth import ROOT

RUN = CliRunner()
HERE = ["--registry", "a file.yaml"]


def run(monkeypatch: pytest.MonkeyPatch, words: Sequence[str], **codes: int) -> tuple[int, list[list[str]]]:
    """The exit code, and the commands that were run; by name the exit code of one."""
    asked: list[list[str]] = []

    def command(given: Sequence[str], *, standalone_mode: bool) -> int | None:
        assert not standalone_mode
        asked.append(list(given))
        return codes.get(given[0])

    monkeypatch.setattr("ops.program.app", command)
    return RUN.invoke(app, [*words, *HERE]).exit_code, asked


def test_what_can_stop_a_deploy_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    code, asked = run(monkeypatch, ["before-deploy", "--app", "out"])
    assert code == 0
    assert asked == [
        ["replacements", *HERE, "--app", "out"],
        ["bootstrap", "--check", *HERE],
        ["clear-failed", *HERE, "--yes"],
        ["drift", "--before-deploy", *HERE],
        ["lifecycle", "guard", *HERE],
    ]


@pytest.mark.parametrize(
    ("command", "code", "runs"), [("replacements", 1, 1), ("bootstrap", 3, 2), ("lifecycle", 1, 5)]
)
def test_the_first_no_ends_it(monkeypatch: pytest.MonkeyPatch, command: str, code: int, runs: int) -> None:
    found, asked = run(monkeypatch, ["before-deploy"], **{command: code})
    assert (found, len(asked)) == (code, runs)


def test_by_force_neither_drift_nor_replacements_stop_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _, asked = run(monkeypatch, ["before-deploy", "--force", "--all-accounts"], drift=1, replacements=1)
    assert [words[0] for words in asked] == ["bootstrap", "clear-failed", "lifecycle"]
    assert "--all-accounts" in asked[0]


def test_afterwards_settings_are_applied_and_what_left_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    code, asked = run(monkeypatch, ["after-deploy", "--app", "out"], retire=1)
    assert code == 1
    assert asked == [["settings", *HERE, "--yes"], ["retire", "--check", *HERE, "--app", "out"]]


def test_the_options_of_the_guard_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []
    monkeypatch.setattr("ops.program.app", lambda words, standalone_mode: asked.append(words))
    typed = ["before-deploy", *HERE, "--", "--accept", "stopped on Monday, OPS-17"]
    assert RUN.invoke(app, typed).exit_code == 0
    assert asked[-1] == ("lifecycle", "guard", *HERE, "--accept", "stopped on Monday, OPS-17")


def test_make_deploy_asks_before_it_deploys_and_finishes_after_it() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\ndeploy:")[2].partition("\n\n")[0]
    steps = re.findall(r"(ecrctl [a-z-]+|cdk [a-z]+) ", recipe)
    assert steps == ["cdk synth", "ecrctl before-deploy", "cdk deploy", "ecrctl after-deploy"]
    assert "-- $(GUARD)" in recipe
