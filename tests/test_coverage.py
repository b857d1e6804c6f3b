"""docs/coverage.md: everything that ECR can do is used here, or there is a reason why not."""

from __future__ import annotations

import pytest

from scripts import coverage
from scripts.coverage import NOT_DECLARED, NOT_USED, PAGE, SERVICES, operations, properties, uses


def test_the_page_is_as_the_code_makes_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == coverage.coverage(), "docs/coverage.md is old: run `make docs`"


def test_every_operation_is_used_or_has_a_reason() -> None:
    every = {name for service in SERVICES for name in operations(service)}
    assert len(every) >= 80
    assert every - set(uses()) - set(NOT_USED) == set()
    assert {name for name in NOT_USED if name in uses() or name not in every} == set(), "remove these reasons"


def test_every_property_is_declared_or_has_a_reason() -> None:
    found = properties()
    assert len(found) >= 70
    assert {name for name, where in found.items() if not where} - set(NOT_DECLARED) == set()
    assert {name for name in NOT_DECLARED if found.get(name, "gone")} == set(), "remove these reasons"


def test_a_new_operation_and_a_new_property_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = operations("ecr")
    monkeypatch.setattr(coverage, "operations", lambda service: (*real, f"{service}:PaintImage"))
    assert "| PaintImage |  |  |  |  |  |" in coverage.coverage()
    schema = {**coverage.schemas()["AWS::ECR::Repository"]}
    schema["properties"] = {**schema["properties"], "Colour": {"type": "string"}}
    monkeypatch.setattr(coverage, "schemas", lambda: {"AWS::ECR::Repository": schema})
    assert coverage.properties.__wrapped__()["AWS::ECR::Repository/Colour"] == ""


def test_what_is_known_to_be_used_is_said_so() -> None:
    """The page is no list of guesses: a few rows that somebody knows."""
    found = uses()
    assert found["ecr:PutImage"][1:3] == ("`promote`, `release`", "push, promote, fill-cache")
    assert found["ecr:PutRegistryPolicy"][0] == "yes"
    assert found["ecr-public:CreateRepository"][:2] == ("yes", "`drift`")
    assert properties()["AWS::ECR::RepositoryCreationTemplate/CustomRoleArn"] == "`constructs/creation_template.py`"
