"""Good YAML beside the templates it makes. Snapshots catch surprise; the meaning is asserted elsewhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.snapshots import GoldenTemplate
from tests.synth import SEED, declared, reviewable, synthesized

GOLDEN = Path(__file__).parent / "golden"
MINIMAL = "minimal"
CASES = sorted(GOLDEN.glob("*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_file_makes_the_templates_beside_it(case: Path, snapshot: SnapshotAssertion, tmp_path: Path) -> None:
    _, templates = synthesized(declared(case.read_text()), tmp_path)
    shown = reviewable(templates)
    if case.stem != MINIMAL:
        audited_as_in_minimal(shown)
    assert shown == snapshot(name=case.stem, extension_class=GoldenTemplate)


def audited_as_in_minimal(templates: dict[str, Any]) -> None:
    """The audit policy of every registry has the same actions: they stand in one golden file."""
    (minimal,) = (it for it in json.loads((GOLDEN / f"{MINIMAL}.json").read_text()).values() if _audit(it))
    for template in templates.values():
        for statement, known in zip(_audit(template), _audit(minimal), strict=False):
            if statement["Action"] == known["Action"]:
                statement["Action"] = f"as in {MINIMAL}.json"


def _audit(template: dict[str, Any] | str) -> list[dict[str, Any]]:
    resources = {} if isinstance(template, str) else template["Resources"]
    found = resources.get("AuditPolicy", {"Properties": {"PolicyDocument": {"Statement": []}}})
    return list(found["Properties"]["PolicyDocument"]["Statement"])


def test_the_golden_seed_is_the_example() -> None:
    golden, example = (path.read_text().splitlines() for path in (GOLDEN / "seed.yaml", SEED))
    assert golden[1:] == example[1:]  # the first line is the way to the schema


def test_every_golden_template_has_its_input_and_is_short_enough_to_review() -> None:
    for template in GOLDEN.glob("*.json"):
        assert template.with_suffix(".yaml").exists(), f"{template.name} has no input any more"
        assert len(template.read_text().splitlines()) <= 800, f"{template.name} is too long to review"
