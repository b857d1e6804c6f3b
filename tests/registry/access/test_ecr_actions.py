"""The actions a repository policy may name, against two machine-readable copies of what AWS says."""

from __future__ import annotations

import json
from importlib.resources import files

import boto3

from registry.access.ecr_actions import ON_REGISTRY, ON_REPOSITORIES
from registry.access.purposes import PUBLISH, PURPOSES

#: The Service Authorization Reference as cfn-lint carries it; its names are in lower case.
KNOWN = json.loads((files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json").read_text())["ecr"]["Actions"]
BACKFILL = {name for name in ON_REGISTRY if "ReplicationBackfill" in name}


def test_actions_have_the_resource_type_of_the_service_authorization_reference() -> None:
    assert {name.lower() for name in ON_REPOSITORIES} == {
        name for name, action in KNOWN.items() if action.get("Resources")
    }
    assert {name.lower() for name in ON_REGISTRY - BACKFILL} == {
        name for name, action in KNOWN.items() if not action.get("Resources")
    }


def test_every_operation_of_the_api_is_an_action() -> None:
    operations = set(boto3.Session().client("ecr", region_name="us-east-1").meta.service_model.operation_names)
    # Listing referrers needs ecr:BatchGetImage and has no action of its own.
    assert operations - ON_REPOSITORIES - ON_REGISTRY == {"ListImageReferrers"}
    # Not in the API: what ECR does itself on somebody's behalf.
    assert (ON_REPOSITORIES | ON_REGISTRY) - operations == {
        "BatchImportUpstreamImage", "GetImageCopyStatus", "ReplicateImage",
    }  # fmt: skip


def test_the_table_of_purposes_knows_the_same_actions() -> None:
    for purpose in PURPOSES:
        if purpose is PUBLISH:
            continue  # of another service: test_purposes.py
        assert {action.removeprefix("ecr:") for action in purpose.on_repositories} <= ON_REPOSITORIES
        of_ecr = {action for action in purpose.on_registry if action.startswith("ecr:")}
        assert {action.removeprefix("ecr:") for action in of_ecr} <= ON_REGISTRY
