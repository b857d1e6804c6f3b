"""The table of actions against the Service Authorization Reference as cfn-lint carries it."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from registry.access.purposes import AUDIT, PURPOSES, Purpose

KNOWN = json.loads((files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json").read_text())["ecr"]["Actions"]


@pytest.mark.parametrize("purpose", PURPOSES, ids=lambda purpose: purpose.name)
def test_every_action_exists_with_the_resource_type_the_table_says(purpose: Purpose) -> None:
    assert len(KNOWN) >= 60
    for action in purpose.on_repositories:
        assert KNOWN[action.removeprefix("ecr:").lower()].get("Resources") == ["repository"], action
    for action in purpose.on_registry:
        assert "Resources" not in KNOWN[action.removeprefix("ecr:").lower()], action


def test_an_auditor_reads_everything_but_the_content_of_images() -> None:
    actions = {*AUDIT.on_repositories, *AUDIT.on_registry}
    assert all(action.startswith(("ecr:Get", "ecr:List", "ecr:Describe", "ecr:BatchGet")) for action in actions)
    assert actions.isdisjoint({"ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"})
