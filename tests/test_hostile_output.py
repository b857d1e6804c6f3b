"""Every output of every command, with the same table of texts in the file, in names of files and in AWS's answers.

What is shown is text to a terminal and to a CI, and no credential is ever in it.
"""

from __future__ import annotations

import json
import re
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.aws.cdk_cli import Assembly
from ops.cli import main
from ops.snippet.make import TARGETS
from tests.hostile import MARKUP
from tests.ops import hostile_aws
from tests.ops.aws.test_cloud import COMMANDS, OFFLINE, with_a_policy_of_its_own
from tests.ops.plan.test_plan import OneAfterTheOther
from tests.ops.test_commands import EVERY, IDS, options_of
from tests.synth import SMALL

#: One text of all, which begins with what only means something at the beginning of a line.
HOSTILE = "::warning file=a::" + " ".join(MARKUP.values())
SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIAHOSTILEHOSTILE00",
    "AWS_SECRET_ACCESS_KEY": "SECRET-KEY-OF-AWS",
    "AWS_SESSION_TOKEN": "SECRET-TOKEN-OF-AWS",
    "GH_TOKEN": "SECRET-TOKEN-OF-GITHUB",
}
#: As `TryParseV2` and `TryParse` of GitHub's runner find them, and the agents of Azure and TeamCity. Written anew here:
#: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
BEGINNING = re.compile(r"\s*::\s*[A-Za-z-]+[^:]*::")
ANYWHERE = ("##[", "##vso[", "##teamcity[")


def harmless(said: str, *, commands: bool = False) -> None:
    """No line is a command to a terminal or a CI, and no credential is in it.

    :param commands: lines may be commands to GitHub, which are meant to be.
    """
    for line in said.split("\n"):
        assert line.replace("\t", "").isprintable(), ascii(line)
        assert commands or not BEGINNING.match(line), line
        assert not any(each in line.lower() for each in ANYWHERE), line
    for name, secret in SECRETS.items():
        assert secret not in said, name


def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """All that `ecrctl` says; it ends as programs do, and not with a traceback."""
    monkeypatch.setattr(sys, "argv", ["ecrctl", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (0, 1, 2, 3)
    said = capsys.readouterr()
    return said.out + said.err


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def forms(words: list[str]) -> list[list[str]]:
    """A command with each option that changes what its output is for."""
    ((_, command),) = (it for it in EVERY if it[0] == tuple(words[: len(it[0])]))
    known = {flag for flags in options_of(command).values() for flag in flags}
    return [[], *([it] for it in ("--json", "--markdown", "--sarif", "--annotations", "--mermaid") if it in known)]


# --- what AWS says

TEXT = f"{SMALL}replicas: {{us-west-2: }}\naccount_settings: {{blob_mounting: ENABLED}}\nrepositories: {{web/api: }}\n"


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nothing but botocore is asked; the option with the file."""
    nothing = Assembly(Path(), {})
    monkeypatch.setattr("ops.aws.cdk_cli.app_stacks", lambda file, folder: frozenset())
    monkeypatch.setattr("ops.aws.cdk_cli.synthesized_assembly", lambda file, folder: nullcontext(nothing))
    monkeypatch.setattr("ops.aws.cdk_cli._cdk", lambda *_, **__: None)
    monkeypatch.setattr("ops.deploy.bootstrap.run_cdk", lambda words: None)
    monkeypatch.setattr("ops.plan.run.templates", with_a_policy_of_its_own)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    file = tmp_path / "registry.yaml"
    file.write_text(TEXT)
    return ["--registry", str(file)]


def line_of(words: list[str], file: list[str]) -> list[str]:
    return [*words, *([] if {"running", "adopt"} & set(words) else file)]


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_what_aws_answers_is_text_in_every_form_of_every_command(
    words: list[str], aws: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for known in (hostile_aws.KNOWN, {}):
        hostile_aws.everything(monkeypatch, HOSTILE, known)
        for form in forms(words):
            harmless(typed(monkeypatch, capsys, *line_of([*words, *form], aws)))


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_what_aws_refuses_with_is_text_in_every_command(
    words: list[str], aws: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile_aws.refuse(monkeypatch, HOSTILE)
    harmless(typed(monkeypatch, capsys, *line_of(words, aws)))
