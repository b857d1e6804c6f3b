"""Pull-time update exclusions, by ECR's API and by CloudFormation."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator import stacks
from tests.emulator.cloud import Cloud

SCANNER = "arn:aws:iam::123456789012:role/scanner"


def exclusion(arn: str = SCANNER) -> dict[str, Any]:
    return {"Excluded": {"Type": "AWS::ECR::PullTimeUpdateExclusion", "Properties": {"PrincipalArn": arn}}}


def excluded(cloud: Cloud) -> list[str]:
    return list(cloud.ecr.list_pull_time_update_exclusions()["pullTimeUpdateExclusions"])


def test_an_exclusion_comes_is_replaced_and_goes_with_its_stack(cloud: Cloud) -> None:
    assert stacks.deploy(cloud, "registry", exclusion()) == "CREATE_COMPLETE"
    assert stacks.drift(cloud, "registry")["Excluded"][0] == "IN_SYNC"
    assert stacks.deploy(cloud, "registry", exclusion(f"{SCANNER}2")) == "UPDATE_COMPLETE"
    assert excluded(cloud) == [f"{SCANNER}2"]
    assert stacks.delete(cloud, "registry") == "DELETE_COMPLETE"
    assert excluded(cloud) == []


def test_one_that_is_there_is_refused_and_can_be_imported(cloud: Cloud) -> None:
    cloud.ecr.register_pull_time_update_exclusion(principalArn=SCANNER)
    with pytest.raises(ClientError, match="ExclusionAlreadyExistsException"):
        cloud.ecr.register_pull_time_update_exclusion(principalArn=SCANNER)
    assert stacks.deploy(cloud, "other", exclusion()) == "ROLLBACK_COMPLETE"
    assert excluded(cloud) == [SCANNER]
    imported = {name: {**it, "DeletionPolicy": "Retain"} for name, it in exclusion().items()}
    ended = stacks.import_resources(cloud, "registry", imported, {"Excluded": {"PrincipalArn": SCANNER}})
    assert ended == "IMPORT_COMPLETE"
