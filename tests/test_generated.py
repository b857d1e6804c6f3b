"""What is made from the code and committed is fresh, and complete."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks.deploys.page import PAGE as SCALE
from benchmarks.deploys.page import filled, section
from registry.reference.files import FILES
from registry.rules import RULES
from registry.rules.other_findings import ACCEPTING, COSTS, OLD_KEYS, READING, explanations
from registry.shape.forms import FORMS
from scripts.reliability import PAGE, RUNS, page
from tests.synth import ROOT


@pytest.mark.parametrize("path", FILES)
def test_the_committed_file_is_what_the_code_says(path: str) -> None:
    assert (ROOT / path).read_text() == FILES[path](), f"{path} is old: run `make docs`"


def test_the_page_of_figures_is_what_the_runs_wrote() -> None:
    assert PAGE.read_text() == page(), f"{PAGE.name} is old: run `make docs`"
    assert all(json.loads(file.read_text())["tables"] for file in RUNS.glob("*.json"))


def test_what_is_said_of_hundreds_of_accounts_is_what_is_computed() -> None:
    """Also that the section of reliability.md is: it is simulated, so nothing of a machine is in it."""
    assert SCALE.read_text() == filled(SCALE.read_text()), "docs/scale.md is old: python -m benchmarks.deploys --write"
    said = json.loads((RUNS / "scale.json").read_text())
    computed = json.loads(json.dumps(asdict(section())))
    assert {key: said[key] for key in computed} == computed, "python -m benchmarks.deploys --write"


SHIPPED = sorted(ROOT.glob("examples/**/*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_first_line_of_every_shipped_file_points_to_its_schema(path: Path) -> None:
    found = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text())
    assert found
    kind = "team" if path.parent.name == "teams" else "registry"
    assert (path.parent / found.group(1)).resolve() == ROOT / f"{kind}.schema.json"


def words(file: Path) -> set[str]:
    """The string literals of a module that look like ids of rules."""
    found = {node.value for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant)}
    looks_like_one = re.compile(r"[a-z]+(-[a-z]+)+|alias|include|encoding|nesting")
    return {value for value in found if isinstance(value, str) and looks_like_one.fullmatch(value)}


def test_the_rule_table_has_every_id_that_is_found_outside_the_rules() -> None:
    beside = [ROOT / "registry" / name for name in ("load.py", "rules/apply_acceptances.py", "lifecycle/check.py")]
    beside.append(ROOT / "registry" / "rules" / "accepted_findings.py")
    beside += [ROOT / "registry" / "cost" / name for name in ("budgets.py", "price_file.py")]
    said = {word for file in (*beside, *(ROOT / "registry" / "reading").glob("*.py")) for word in words(file)}
    listed = {*READING, OLD_KEYS.id, *ACCEPTING, *COSTS}
    assert listed <= said
    assert said - listed - set(RULES) <= {"utf-8", "my-app", "utf-8-sig"}


def test_everything_with_an_id_is_explained_once() -> None:
    ids = [it.id for it in explanations()]
    assert len(ids) == len(set(ids))
    assert {*RULES, *(form.limit.id for form in FORMS)} <= set(ids)
    for form in FORMS:
        assert bool(form.limit.title) == bool(form.limit.why), form.limit
        assert bool(form.limit.title) == (form.limit.id not in RULES), f"{form.limit.id} has two titles, or none"
