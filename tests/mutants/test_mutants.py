"""A mutant is dropped, and whoever notices is named; `python -m tests.mutants` drops every one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from ops.drift import kinds, run
from registry.access import cloudformation_actions as actions
from registry.access.purposes import GRANTED
from registry.load import check_sources
from registry.plan.change import KINDS
from registry.reading.yaml_reader import parse
from registry.rules import RULES
from registry.rules.other_findings import explanations
from registry.shape.forms import FORMS
from tests.mutants.__main__ import ROOMS
from tests.mutants.dropped import Mutant, mutants
from tests.mutants.figures import WHAT, section
from tests.mutants.trial import Outcome, trials
from tests.registry.plan.planned import told
from tests.synth import ROOT, SMALL

ALL = list(mutants())
#: A value without its form, and a key that nobody knows.
TWICE = f"{SMALL}repositories: {{Web: }}\nmoving_tags: [x]\n"


def found() -> set[str]:
    return {it.rule for it in check_sources(parse(TWICE.encode(), "registry.yaml")).findings}


def after(part: str, name: str, see: Callable[[], Any]) -> str:
    """What is seen in a process in which one is dropped."""
    mutant = next(it for it in ALL if it.part == part and it.name.startswith(name))
    (outcome,) = trials([mutant], lambda _: lambda: repr(see()), 1)
    return outcome.noticed_by


def test_what_is_dropped_does_nothing_in_that_process_and_everything_in_this_one() -> None:
    before = (found(), told("repositories: {a/b: }", "repositories: {b/a: }"))
    assert before[0] == {"repository-name", "unknown-key"}
    assert after("forms of values", "repository-name, ", found) == "{'unknown-key'}"
    assert after("other findings", "unknown-key", found) == "{'repository-name'}"
    assert "repository-removed" in str(before[1])
    plans = after(
        "changes of a plan", "repository-removed", lambda: told("repositories: {a/b: }", "repositories: {b/a: }")
    )
    assert "repository-removed" not in plans
    assert "repository-added" in plans
    assert (found(), told("repositories: {a/b: }", "repositories: {b/a: }")) == before


def test_every_user_of_a_table_gets_the_one_without() -> None:
    assert after("rules", "kms-key-near", lambda: list(RULES["kms-key-near"].check(None))) == "[]"  # type: ignore[arg-type]
    nouns = after(
        "kinds of drift", "pipeline", lambda: ([it.noun for it in kinds.DELIVERY], "pipeline" in run._BY_NOUN)
    )
    assert nouns == "(['build project'], False)"
    assert "'ecr:PutImage'" not in after("actions of purposes", "push, on_repositories: ecr:PutImage", _push)
    assert "'ecr:PutImage'" in repr(_push())
    roles = "actions of roles", "cloudformation_actions.ROLES: iam:GetRole"
    assert "'iam:GetRole'" not in after(*roles, lambda: actions.ROLES)


def _push() -> Any:
    return GRANTED["push"].of_own_roles


def test_who_notices_is_named_and_who_falls_over_is_no_test() -> None:
    blind = Mutant(part="rules", name="a", word="", drop=lambda: None)
    assert {it.noticed_by for it in trials([blind] * 5, lambda _: lambda: "", 2)} == {""}
    assert [it.noticed_by for it in trials([blind], lambda _: lambda: "a test", 2)] == ["a test"]
    with pytest.raises(RuntimeError, match="rules: a: its process ended with 1"):
        list(trials([blind], lambda _: lambda: str(1 / 0), 2))


def test_everything_is_dropped_once_and_has_its_tests_and_its_row() -> None:
    assert len({(it.part, it.name) for it in ALL}) == len(ALL)
    parts = Counter(it.part for it in ALL)
    assert list(parts) == list(ROOMS) == list(WHAT)
    assert all((ROOT / room).exists() for rooms in ROOMS.values() for room in rooms)
    named = {it.name for it in ALL if it.part in ("rules", "other findings")}
    forms = {form.limit.id for form in FORMS}
    assert {it.id for it in explanations()} == named | forms
    assert parts["changes of a plan"] == len(KINDS)
    assert parts["kinds of drift"] == len(kinds.KINDS)
    assert parts["actions of roles"] >= 200


def test_what_nobody_misses_is_shown_and_parts_that_did_not_run_keep_their_rows() -> None:
    outcomes = [Outcome("rules", "a", "tests/x.py::test_a"), Outcome("rules", "b", "")]
    kept = ["kinds of drift", "as it was", 31, "`tests/y.py` 31", "none"]
    shown = section(
        outcomes, "the command", {"rules": ["rules", "", 1, "", "none"], "kinds of drift": kept, "gone": []}
    )
    (table,) = shown.tables
    assert table.rows == [("rules", WHAT["rules"], 2, "`tests/x.py` 1", "b"), kept]
    assert shown.says[0].startswith("33 times")
