"""What a change of a pipeline means, in the plan and in the templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.plan.run import plan
from registry.plan.sides import Sides
from registry.plan.unexplained import unexplained
from tests.registry.plan.planned import side, told
from tests.replaced import templates_of
from tests.synth import SMALL

PIPELINE = """\
repositories: {web/api: {moving_tags: [staging, prod, "cache-*"]}}
pipelines:
  web/api:
    connection: arn:aws:codeconnections:ap-northeast-2:123456789012:connection/12345678-90ab-cdef-1234-567890abcdef
    source: acme/web
    promote_to: [staging, prod]
"""
WITHOUT = PIPELINE.partition("pipelines:")[0]


def with_(more: str) -> str:
    return f"{PIPELINE}    {more}\n"


def of_pipelines(old: str, new: str) -> list[str]:
    return [line for line in told(old, new) if " pipeline-" in line]


def test_a_new_pipeline_costs_and_lets_somebody_push() -> None:
    found = told(WITHOUT, PIPELINE)
    assert "costs pipeline-added web/api: gets a pipeline from acme/web, main" in found
    (gained,) = (line for line in found if "access-gained" in line and "push" in line)
    assert "web=api@build" in gained


def test_a_pipeline_that_goes_breaks_what_came_by_itself() -> None:
    assert of_pipelines(PIPELINE, WITHOUT) == ["breaks pipeline-removed web/api: loses its pipeline"]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("", "branch: release", "opens pipeline-opened"),
        ("", "buildkit: moby/buildkit:v0.25.1", "opens pipeline-opened"),
        ("", "scan_gate: NONE", "opens pipeline-opened"),
        ("scan_gate: CRITICAL", "scan_gate: HIGH", "breaks pipeline-stops"),
        ("", "approval: []", "opens pipeline-opened"),
        ("", "approval: [staging, prod]", "breaks pipeline-stops"),
        ("test: [make]", "", "opens pipeline-opened"),
        ("", "test: [make]", "costs pipeline-dearer"),
        ("", "compute: LARGE", "costs pipeline-dearer"),
        ("", "platforms: [linux/amd64, linux/arm64]", "costs pipeline-dearer"),
        ("", "log_retention_in_days: 30", "safe pipeline-changed"),
    ],
)
def test_a_change_has_the_risk_of_what_gets_further(before: str, after: str, kind: str) -> None:
    (found,) = of_pipelines(with_(before), with_(after))
    assert found.startswith(f"{kind} web/api: ")


@pytest.mark.parametrize(
    ("before", "after"),
    [(WITHOUT, PIPELINE), (PIPELINE, WITHOUT), (PIPELINE, with_("platforms: [linux/arm64]"))],
)
def test_every_part_of_the_templates_is_explained(tmp_path: Path, before: str, after: str) -> None:
    changes = plan(Sides(side(before), side(after)))
    old, new = (templates_of(SMALL + text, tmp_path / name) for text, name in ((before, "before"), (after, "after")))
    assert [it.message for it in unexplained(changes, old, new)] == []
