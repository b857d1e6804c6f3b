"""The committed table of create-only properties is what CloudFormation's schemas say, and has every type we make."""

from __future__ import annotations

import json
import re

from registry.replacements.find import create_only
from scripts.create_only import TABLE, table
from tests.synth import ROOT

GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.json"))


def test_the_committed_table_is_what_the_schemas_say() -> None:
    assert TABLE.read_text() == table(), f"{TABLE.relative_to(ROOT)} is old: run `make docs`"
    assert dict(create_only()) == json.loads(table())


def test_every_type_of_every_golden_template_is_in_the_table() -> None:
    made = {name for file in GOLDEN for name in re.findall(r'"Type": "(AWS::\w+::\w+)"', file.read_text())}
    assert len(made) >= 18
    assert made <= set(create_only())


def test_it_says_what_the_pages_of_the_types_say() -> None:
    """Spot checks by hand, of AWS's template reference."""
    repository = create_only()["AWS::ECR::Repository"]
    assert {"EncryptionConfiguration/KmsKey", "RepositoryName"} <= set(repository["create_only"])
    assert (repository["identifier"], repository["given_by_aws"]) == ("RepositoryName", False)
    policy = create_only()["AWS::IAM::ManagedPolicy"]
    assert policy["create_only"] == ["Description", "ManagedPolicyName", "Path"]
    assert policy["given_by_aws"]
    assert create_only()["AWS::ECR::RepositoryCreationTemplate"]["create_only"] == ["Prefix"]
