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
    changing = ("--json", "--markdown", "--sarif", "--annotations", "--mermaid")
    return [[], *[[option] for option in changing if option in known]]


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
    for known, written in ((hostile_aws.KNOWN, forms(words)), ({}, [[]])):
        hostile_aws.everything(monkeypatch, HOSTILE, known)
        for form in written:
            said = typed(monkeypatch, capsys, *line_of([*words, *form], aws))
            harmless(said, commands=form == ["--annotations"])


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_what_aws_refuses_with_is_text_in_every_command(
    words: list[str], aws: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile_aws.refuse(monkeypatch, HOSTILE)
    harmless(typed(monkeypatch, capsys, *line_of(words, aws)))


# --- what a file says, and what it is called

#: Of the table what a file may hold at all: see the rule text-hidden.
GIVEN = "::warning file=a::" + " ".join(text for text in MARKUP.values() if text.isprintable())
#: Of the table what somebody can type, or quote in YAML.
TYPED = HOSTILE.replace("\ud800", "")
CONNECTION = "arn:aws:codeconnections:ap-northeast-2:123456789012:connection/12345678-90ab-cdef-1234-567890abcdef"
POLICY: dict[str, Any] = {
    "rules": [
        {
            "rulePriority": 1,
            "description": GIVEN[:256],
            "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1},
            "action": {"type": "expire"},
        }
    ]
}
STATEMENT = {
    "Sid": GIVEN,
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
    "Action": "ecr:BatchGetImage",
    "Condition": {"StringEquals": {"aws:PrincipalTag/x": GIVEN}},
}
FILE: dict[str, Any] = {
    "registry": {"name": "acme", "account": "123456789012", "region": "ap-northeast-2"},
    "principals": {"ci": {"github": "acme/web", "owner_id": 1, "repository_id": 2, "branch": "main"}},
    "lifecycles": {"own": POLICY, "others": [{"expire": {"any": True, "after_days": 9}}]},
    "creation_templates": {"hub": {"applied_for": ["PULL_THROUGH_CACHE"], "description": GIVEN[:256]}},
    "pull_through_cache_rules": {"hub": {"upstream_registry": "quay"}},
    "acceptances": [{"rule": "lifecycle-any-tagged", "reason": GIVEN}],
    "repositories": {
        "web/api": {"lifecycle": "own", "push": ["ci"], "repository_policy": {"Statement": [STATEMENT]}},
        "web/db": {"lifecycle": "others", "moving_tags": ["prod"], "promote": ["ci"]},
    },
    "pipelines": {"web/db": {"connection": CONNECTION, "source": "acme/web", "branch": "main", "test": [GIVEN]}},
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Files that are accepted, one that is not, and an inventory, all with such texts and names."""
    monkeypatch.setattr("ops.plan.run.templates", with_a_policy_of_its_own)
    monkeypatch.setattr("ops.plan.run.ThreadPoolExecutor", lambda _: OneAfterTheOther())
    folder = tmp_path / "##[group]x" / "##vso[task.complete]\x1b[31m\u202e"
    folder.mkdir(parents=True)
    digest = f"sha256:{'0' * 64}"
    images = {"imageDetails": [{"imageDigest": digest, "imagePushedAt": 1, "repositoryName": GIVEN}]}
    other = {**FILE, "repositories": {"web/api": None}, "lifecycles": {"own": POLICY}, "pipelines": {}}
    contents = {
        "file": FILE,
        "old": other,
        "bad": {**FILE, TYPED: TYPED, "include": [TYPED], "repositories": {TYPED: {TYPED: TYPED}}},
        "policy": POLICY,
        "images": images,
        "prices": {
            "currency": "USD",
            "sources": {"us": {"title": GIVEN, "as_of": "2026-11-01"}},
            "prices": {"storage": {"ap-northeast-2": {"us": 0.1}}},
        },
    }
    for name, content in contents.items():
        (folder / f"{name}.yaml").write_text(json.dumps(content))
    return {name: str(folder / f"{name}.yaml") for name in contents} | {"folder": str(folder)}


def offline(files: dict[str, str]) -> dict[str, list[list[str]]]:
    """Lines of every command that asks nobody."""
    file, bad = ["--registry", files["file"]], ["--registry", files["bad"]]
    snippets = [["snippet", "web/api", "--for", each, *file] for each in TARGETS]
    return {
        "validate": [["validate", files["file"]], ["validate", files["bad"]]],
        "access": [["access", *file], ["access", *bad]],
        "network": [["network", *file]],
        "rule": [["rule", "text-hidden"], ["rule", TYPED]],
        "lifecycle check": [["lifecycle", "check", files["policy"]], ["lifecycle", "check", files["bad"]]],
        "lifecycle simulate": [["lifecycle", "simulate", "--policy", files["policy"], "--images", files["images"]]],
        "cost": [["cost", *file, "--prices", files["prices"]], ["cost", "--assume", TYPED, *file]],
        "init": [["init", files["folder"], "--name", TYPED, "--account", TYPED, "--region", TYPED]],
        "permissions": [["permissions", *file], ["permissions", TYPED, *file]],
        "plan": [
            ["plan", files["old"], files["file"]],
            ["plan", files["file"], files["old"]],
            ["plan", TYPED, *file],
        ],
        "prices": [["prices", *file, "--prices", files["prices"]], ["prices", "--prices", TYPED, *file]],
        "report": [
            ["report", *file, "--output", f"{files['folder']}/r.html", "--revision", TYPED],
            ["report", *file, "--output", files["images"]],
        ],
        "rewrite": [["rewrite", "--check", *file]],
        "show": [["show", "web/api", *file], ["show", "hub/x", *file], ["show", TYPED, *file]],
        "snippet": [*snippets, ["snippet", TYPED, "--for", "compose", *file]],
        "schema": [["schema"], ["schema", TYPED]],
        "upgrade-check": [["upgrade-check", TYPED, *file]],
    }


@pytest.mark.parametrize("name", sorted(OFFLINE))
def test_what_a_file_says_is_text_in_every_form_of_every_command(
    name: str, files: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in offline(files)[name]:
        for form in forms(words):
            harmless(typed(monkeypatch, capsys, *words, *form), commands=form == ["--annotations"])


def test_every_command_is_tried() -> None:
    tried = {name for name in IDS if any(" ".join(words).startswith(name) for words in COMMANDS.values())}
    assert tried | OFFLINE == set(IDS)


def test_the_findings_of_a_bad_file_are_one_command_each_to_github(
    files: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The parameters are the file's own: `file=` names it, and nothing of its name or its texts begins another."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    said = typed(monkeypatch, capsys, "validate", files["bad"])
    found = [line for line in said.split("\n") if BEGINNING.match(line)]
    harmless(said, commands=True)
    assert len(found) > 3
    assert all(re.fullmatch(r"::(error|warning) file=[^:,]*,line=\d+,col=\d+,title=[a-z-]+::.*", it) for it in found)
