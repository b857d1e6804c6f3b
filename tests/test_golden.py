"""Good YAML beside the templates it makes. Snapshots catch surprise; the meaning is asserted elsewhere."""

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.snapshots import GoldenTemplate
from tests.synth import SEED, declared, reviewable, synthesized

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(GOLDEN.glob("*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_file_makes_the_templates_beside_it(case: Path, snapshot: SnapshotAssertion, tmp_path: Path) -> None:
    _, templates = synthesized(declared(case.read_text()), tmp_path)
    assert reviewable(templates) == snapshot(name=case.stem, extension_class=GoldenTemplate)


def test_the_golden_seed_is_the_example() -> None:
    golden, example = (path.read_text().splitlines() for path in (GOLDEN / "seed.yaml", SEED))
    assert golden[1:] == example[1:]  # the first line is the way to the schema


def test_every_golden_template_has_its_input_and_is_short_enough_to_review() -> None:
    for template in GOLDEN.glob("*.json"):
        assert template.with_suffix(".yaml").exists(), f"{template.name} has no input any more"
        assert len(template.read_text().splitlines()) <= 600, f"{template.name} is too long to review"
