"""`ecrctl before-deploy` and `ecrctl after-deploy`: the commands that `make deploy` runs, in order, up to a no."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.aws import cloud
from ops.cli import app
from ops.registry_file import load
from tests.checkout import checkout, typed
from tests.ops.stubs import Cloud
from tests.synth import ROOT, SMALL

RUN = CliRunner()
HERE = ["--registry", "a file.yaml"]


def run(monkeypatch: pytest.MonkeyPatch, words: Sequence[str], **codes: int) -> tuple[int, list[list[str]]]:
    """The exit code, and the commands that were run; by name the exit code of one."""
    asked: list[list[str]] = []

    def command(given: Sequence[str], *, standalone_mode: bool) -> int | None:
        assert not standalone_mode
        asked.append(list(given))
        return codes.get(given[0])

    monkeypatch.setattr("ops.program.program", lambda: command)
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


def test_the_file_is_read_once_for_the_commands_of_a_deploy_and_anew_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "registry.yaml"
    found: list[str] = []
    kept: list[bool] = []

    def command(given: Sequence[str], *, standalone_mode: bool) -> None:
        first, second = load(file)[0], load(file)[0]
        found.append(first.name)
        kept.append(first is second)
        file.write_text(f"{SMALL.replace('acme', 'other')}repositories: {{web/api: }}\n")  # while the deploy runs

    monkeypatch.setattr("ops.program.program", lambda: command)
    file.write_text(f"{SMALL}repositories: {{web/api: }}\n")
    for _ in range(2):
        RUN.invoke(app, ["after-deploy", "--registry", str(file)])
    assert found == ["acme", "acme", "other", "other"]
    assert all(kept)
    assert load(file)[0] is not load(file)[0]


def test_a_client_is_made_once_for_the_commands_of_a_deploy_and_anew_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stubs, made = Cloud(), []

    def client(service: str, region_name: str, **_: object) -> Any:
        made.append((service, region_name))
        return stubs.client(service, region_name)

    def command(given: Sequence[str], *, standalone_mode: bool) -> None:
        for region in ("eu-west-1", "eu-west-3"):
            assert cloud.client("ecr", region) is cloud.client("ecr", region)

    monkeypatch.setattr("ops.aws.cloud.boto3.client", client)
    monkeypatch.setattr("ops.program.program", lambda: command)
    for _ in range(2):
        assert RUN.invoke(app, ["after-deploy", *HERE]).exit_code == 0
    assert made == [("ecr", "eu-west-1"), ("ecr", "eu-west-3")] * 2


def test_the_options_of_the_guard_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Sequence[str]] = []
    monkeypatch.setattr("ops.program.program", lambda: lambda words, standalone_mode: asked.append(words))
    typed = ["before-deploy", *HERE, "--", "--accept", "stopped on Monday, OPS-17"]
    assert RUN.invoke(app, typed).exit_code == 0
    assert asked[-1] == ("lifecycle", "guard", *HERE, "--accept", "stopped on Monday, OPS-17")


def test_make_deploy_asks_before_it_deploys_and_finishes_after_it() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\ndeploy:")[2].partition("\n\n")[0]
    steps = re.findall(r"(ecrctl [a-z-]+|cdk [a-z]+) ", recipe)
    assert steps == ["cdk synth", "ecrctl before-deploy", "cdk deploy", "ecrctl after-deploy"]
    assert "-- $(GUARD)" in recipe


def test_the_cdk_has_no_question_of_its_own_in_the_middle_of_a_deploy() -> None:
    """Four stacks at a time and a question exclude each other: the CDK would refuse what opens something."""
    assert json.loads((ROOT / "cdk.json").read_text())["requireApproval"] == "never"
    assert "approval" not in (ROOT / "Makefile").read_text()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A checkout whose programs say what they were called with."""
    place = checkout(tmp_path, SMALL)
    for program in ("cdk", "ecrctl"):
        (place / "scripts" / program).write_text('#!/bin/sh\nprintf "%s|" "${0##*/}" "$@"\necho\n')
    return place


def test_a_file_may_have_any_name_and_a_diff_only_reads(place: Path) -> None:
    name, shell = "my team's file.yaml", {"PATH": "/usr/bin:/bin", "HOME": os.environ["HOME"]}
    said = []
    for verb in ("bootstrap", "diff", "deploy"):
        finished = typed(f'make --silent {verb} REGISTRY="{name}"', place, shell)
        assert finished.returncode == 0, finished.stdout
        said += [re.sub(r"\|[^|]*/tmp[.][^|]*\|", "|APP|", line) for line in finished.stdout.splitlines()]
    assert said == [
        f"ecrctl|bootstrap|--registry|{name}|--yes|",
        f"cdk|diff|--all|--method|template|--context|registry={name}|--output|APP|",
        f"cdk|synth|--quiet|--context|registry={name}|--output|APP|",
        f"ecrctl|before-deploy|--registry|{name}|--app|APP|--all-accounts|--|",
        "cdk|deploy|--app|APP|--all|--concurrency|4|",
        f"ecrctl|after-deploy|--registry|{name}|--app|APP|",
    ]
    more = typed("make --silent deploy CONCURRENCY=16", place, shell).stdout
    assert "|--all|--concurrency|16|" in more
