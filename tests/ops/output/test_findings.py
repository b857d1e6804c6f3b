"""Findings for people and for GitHub: many of one kind are shown once, and each stands beside its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli import app
from tests.synth import SMALL

RUN = CliRunner()


def validated(tmp_path: Path, text: str, *options: str, github: bool = False) -> tuple[int, str, str]:
    file = tmp_path / "registry.yaml"
    file.write_text(SMALL + text)
    environment = {"GITHUB_ACTIONS": "true" if github else ""}
    finished = RUN.invoke(app, ["validate", str(file), *options], env=environment)
    return finished.exit_code, finished.stdout.replace(str(file), "FILE"), finished.stderr.replace(str(file), "FILE")


def repositories(number: int) -> str:
    return "repositories:\n" + "".join(f"  web/a{index}: {{owner: }}\n" for index in range(number))


def test_many_of_one_kind_are_told_once(tmp_path: Path) -> None:
    code, said, _ = validated(tmp_path, repositories(105) + "  Web/Api:\n")
    assert code == 1
    assert said.count("owner has no value [empty-value]") == 5
    assert "    and 100 more of this kind, the last at FILE:107:" in said
    assert "error: ECR does not accept this repository name" in said
    assert "\nFILE: 106 errors, 0 warnings\n" in said


def test_the_command_that_explains_a_rule_is_named_once_and_only_where_something_is_found(tmp_path: Path) -> None:
    _, said, _ = validated(tmp_path, repositories(3))
    assert said.count("ecrctl rule ID") == 1
    assert said.splitlines()[-1] == "`ecrctl rule ID` says why; the ID is the word in [brackets]"
    _, said, _ = validated(tmp_path, "repositories: {web/api: }\n")
    assert "ecrctl rule" not in said


def test_json_has_all_of_them(tmp_path: Path) -> None:
    _, said, _ = validated(tmp_path, repositories(105), "--json")
    assert len(json.loads(said)["findings"]) == 105


def test_a_few_of_one_kind_are_all_told(tmp_path: Path) -> None:
    _, said, _ = validated(tmp_path, repositories(6))
    assert said.count("owner has no value [empty-value]") == 6
    assert "more of this kind" not in said


def test_another_cause_is_another_kind(tmp_path: Path) -> None:
    entries = "".join(f"  web/b{index}: {{kms_key: }}\n" for index in range(7))
    _, said, _ = validated(tmp_path, repositories(7) + entries)
    assert said.count("and 2 more of this kind") == 2


def test_github_gets_an_annotation_for_each_finding_beside_the_answer(tmp_path: Path) -> None:
    code, said, beside = validated(tmp_path, 'repositories: {"web/a%,:": }\nnamespaces: {web: }\n', github=True)
    assert code == 1
    assert "::" not in said
    (error,) = [line for line in beside.splitlines() if line.startswith("::error ")]
    assert error.startswith("::error file=FILE,line=2,col=16,title=repository-name::ECR does not accept this")
    assert "%0Away out: " in error


@pytest.mark.parametrize(("github", "options"), [(False, ()), (True, ("--json",))])
def test_nobody_else_gets_annotations(tmp_path: Path, github: bool, options: tuple[str, ...]) -> None:
    assert validated(tmp_path, "repositories: {Web/A: }\n", *options, github=github)[2] == ""


def test_the_file_is_named_with_or_without_the_option_and_once(tmp_path: Path) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(f"{SMALL}repositories: {{web/api: }}\n")
    said = [
        RUN.invoke(app, ["validate", *words]) for words in ([str(file)], ["-f", str(file)], ["--registry", str(file)])
    ]
    assert len({each.output for each in said}) == 1
    assert "1 repository in ap-northeast-2; no findings" in said[0].output
    assert RUN.invoke(app, ["validate", str(file), "-f", str(file)]).exit_code == 2
