"""`ecrctl access`: who may do what, asked from outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli import app
from registry.errors import UnknownName
from tests.synth import SMALL

RUN = CliRunner()
TEXT = (
    SMALL
    + """\
access: {organization: o-a1b2c3d4e5}
principals:
  ci: {gitlab: acme/web, branch: main}
  nodes: {role: "arn:aws:iam::210987654321:role/eks-node"}
namespaces: {web: {push: [ci]}}
repositories:
  web/api: {pull: [nodes]}
"""
)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "registry.yaml"
    path.write_text(TEXT)
    return str(path)


def test_every_grant_is_a_row_with_the_line_that_says_it(file: str) -> None:
    answer = RUN.invoke(app, ["access", "-f", file, "--json"])
    assert answer.exit_code == 0
    assert json.loads(answer.stdout) == [
        {
            "principal": "ci",
            "who": "gitlab.com project_path:acme/web:ref_type:branch:ref:main",
            "may": "push",
            "where": "web/*",
            "regions": ["ap-northeast-2"],
            "grantedBy": f"{file}:6:27",
        },
        {
            "principal": "nodes",
            "who": "arn:aws:iam::210987654321:role/eks-node",
            "may": "pull",
            "where": "web/api",
            "regions": ["ap-northeast-2"],
            "grantedBy": f"{file}:8:20",
        },
    ]


def test_people_get_a_table_and_reviewers_markdown(file: str) -> None:
    table = RUN.invoke(app, ["access", "-f", file]).stdout.splitlines()
    assert table[0] == "principal\twho\tmay\twhere\tregions\tgranted by"
    assert table[2] == f"nodes\tarn:aws:iam::210987654321:role/eks-node\tpull\tweb/api\tap-northeast-2\t{file}:8:20"
    lines = RUN.invoke(app, ["access", "-f", file, "--markdown"]).stdout.splitlines()
    assert lines[0] == "| principal | who | may | where | regions | granted by |"
    role = "`arn:aws:iam::210987654321:role/eks-node`"
    assert lines[3] == f"| `nodes` | {role} | `pull` | `web/api` | `ap-northeast-2` | `{file}:8:20` |"


def test_a_question_is_answered_with_the_statement_and_the_exit_code(file: str) -> None:
    yes = RUN.invoke(app, ["access", "-f", file, "--can", "ci", "PutImage", "web/api"])
    assert yes.exit_code == 0
    assert yes.stdout.startswith("yes: Push of the managed policy acme-ci-ecr-1 of the role acme-ci, in ap-northeast-2")
    no = RUN.invoke(app, ["access", "-f", file, "--can", "nodes", "PutImage", "web/api"])
    assert (no.exit_code, no.stdout.strip()) == (1, "no: nothing allows PutImage on web/api to nodes")
    programs = RUN.invoke(app, ["access", "-f", file, "--json", "--can", "nodes", "PutImage", "web/api"])
    assert (programs.exit_code, json.loads(programs.stdout)) == (
        1,
        {
            "allowed": False,
            "statements": [],
            "deniedBy": [],
            "writtenAt": [],
            "conditions": [],
            "template": None,
            "otherSide": None,
        },
    )


@pytest.mark.parametrize(
    ("question", "nearest"),
    [
        (("nodse", "PutImage", "web/api"), "did you mean nodes?"),
        (("ci", "PutImages", "web/api"), "there is no action"),
        (("ci", "PutImage", "web/apo"), "the file does not declare web/apo"),
        (("ci", "PutImage", "web/apo"), "did you mean web/api?"),
        (("ci", "PutImage", "web/*"), "the file does not declare web/*"),
    ],
)
def test_an_unknown_name_is_said_with_the_nearest(file: str, question: tuple[str, ...], nearest: str) -> None:
    answer = RUN.invoke(app, ["access", "-f", file, "--can", *question])
    assert isinstance(answer.exception, UnknownName)
    assert nearest in str(answer.exception)
    assert answer.exception.exit_code == 2


def test_the_other_account_gets_a_policy_to_paste(file: str) -> None:
    answer = RUN.invoke(app, ["access", "-f", file, "--for-account", "210987654321"])
    assert answer.exit_code == 0
    assert list(json.loads(answer.stdout)) == ["arn:aws:iam::210987654321:role/eks-node"]


def test_the_upstream_account_of_a_cache_gets_a_registry_policy_to_paste(tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text(
        f"{SMALL}pull_through_cache_rules: {{base: {{upstream_registry: ecr, "
        "upstream_registry_url: 345678901234.dkr.ecr.us-east-1.amazonaws.com}}\n"
        "creation_templates: {base: {applied_for: [PULL_THROUGH_CACHE]}}\nrepositories: {web/api: }\n"
    )
    answer = RUN.invoke(app, ["access", "-f", str(path), "--for-account", "345678901234"])
    ((where, (policy,)),) = json.loads(answer.stdout).items()
    assert where == "registry policy in us-east-1"
    assert policy["Statement"][0]["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}


def test_an_account_nobody_is_of_is_refused_and_one_that_needs_nothing_is_said(file: str) -> None:
    unknown = RUN.invoke(app, ["access", "-f", file, "--for-account", "210987654312"])
    assert isinstance(unknown.exception, UnknownName)
    assert "did you mean 210987654321?" in str(unknown.exception)
    nothing = RUN.invoke(app, ["access", "-f", file, "--for-account", "123456789012"])
    assert (nothing.exit_code, nothing.stdout) == (0, "{}\n")
    assert nothing.stderr == "account 123456789012 needs no policies on its side\n"
