"""`ecrctl rule`: why a finding matters."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from ops.cli import app
from registry.errors import ExitCode, UnknownName
from registry.rules.other_findings import explanations

RUN = CliRunner()


def test_a_rule_is_explained_with_its_source() -> None:
    finished = RUN.invoke(app, ["rule", "grant-environment-tags"])
    assert finished.exit_code == ExitCode.FINE
    head, why, source = finished.output.splitlines()
    assert head.startswith("grant-environment-tags (warning): Give environments a namespace of their own")
    assert why.startswith("    why:    IAM has no condition on image tags.")
    assert source == "    source: docs/access.md"


def test_a_change_of_a_plan_is_explained_with_its_risk() -> None:
    finished = RUN.invoke(app, ["rule", "lifecycle-takes-more"])
    assert finished.exit_code == ExitCode.FINE
    assert finished.output.startswith("lifecycle-takes-more (destroys): A lifecycle takes, or may take, images")
    assert json.loads(RUN.invoke(app, ["rule", "access-gained", "--json"]).output)["severity"] == "opens"


def test_what_is_found_before_rules_is_explained_too() -> None:
    finished = RUN.invoke(app, ["rule", "duplicate-key"])
    assert finished.exit_code == ExitCode.FINE
    assert "duplicate-key (error): Write a key once in a map" in finished.output


def test_the_same_for_programs() -> None:
    one = json.loads(RUN.invoke(app, ["rule", "tag-count", "--json"]).output)
    assert one["id"] == "tag-count"
    assert one["severity"] == "error"
    assert one.keys() == {"id", "subject", "severity", "title", "why", "link"}
    every = json.loads(RUN.invoke(app, ["rule", "--json"]).output)
    assert one in every
    assert len(every) == len(explanations())


def test_without_an_id_all_rules_are_listed_by_subject() -> None:
    lines = RUN.invoke(app, ["rule"]).output.splitlines()
    subjects = [line for line in lines if not line.startswith(" ")]
    assert subjects == sorted(set(subjects))
    assert len(lines) - len(subjects) == len(explanations())
    resource_tags = lines[lines.index("Resource tags") + 1 :]
    assert resource_tags[0].startswith("  owner-tag: ")


@pytest.mark.parametrize(
    ("asked", "way_out"),
    [
        ("grant-enviroment-tag", "did you mean grant-environment-tags"),
        ("alias-", "did you mean alias"),
        ("cache-templ", "did you mean cache-template?"),
        ("???", "`ecrctl rule` lists all rules"),
    ],
)
def test_an_unknown_id_is_bad_usage_with_the_nearest_ones(asked: str, way_out: str) -> None:
    finished = RUN.invoke(app, ["rule", asked])
    assert isinstance(finished.exception, UnknownName)
    assert finished.exception.exit_code == ExitCode.INVALID
    assert str(finished.exception).startswith(f"there is no rule {asked}\n    way out: {way_out}")
