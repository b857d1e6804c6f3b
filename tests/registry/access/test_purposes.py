"""The table of actions against the Service Authorization Reference as cfn-lint carries it."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from registry.access.purposes import AUDIT, PURPOSES, Purpose

KNOWN = json.loads((files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json").read_text())


def resources(action: str) -> list[str]:
    """The resource types of an action."""
    service, _, name = action.partition(":")
    found: list[str] = KNOWN[service]["Actions"][name.lower()].get("Resources", [])
    return found


@pytest.mark.parametrize("purpose", PURPOSES, ids=lambda purpose: purpose.name)
def test_every_action_exists_with_the_resource_type_the_table_says(purpose: Purpose) -> None:
    assert len(KNOWN["ecr"]["Actions"]) >= 60
    for action in purpose.of_own_roles:
        assert resources(action) == ["repository"], action
    for action in purpose.on_registry:
        assert resources(action) == [], action
    for action in purpose.on_access:
        assert resources(action) in (["policy"], ["role"]), action


def test_an_auditor_reads_everything_but_the_content_of_images() -> None:
    actions = {*AUDIT.on_repositories, *AUDIT.on_registry, *AUDIT.on_access}
    assert all(action.partition(":")[2].startswith(("Get", "List", "Describe", "BatchGet")) for action in actions)
    assert actions.isdisjoint({"ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"})
