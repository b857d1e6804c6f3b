"""Replication, and what belongs to a destination: its registry policy, keys and the role of its templates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from constructs import replication_configuration

from registry import naming
from tests.synth import ACCOUNT, SMALL, Templates, declared, resources, synthesized

OTHER = "210987654321"
HOME, THERE = f"{ACCOUNT}/ap-northeast-2", f"{OTHER}/us-west-2"
REPLICATION, POLICY = "AWS::ECR::ReplicationConfiguration", "AWS::ECR::RegistryPolicy"


def stacks(text: str, folder: Path) -> Templates:
    return synthesized(declared(f"{SMALL}{text}\nrepositories: {{web/api: }}\n"), folder)[1]


def only(template: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = resources(template, kind)
    return dict(found["Properties"])


def test_deletions_are_replicated_by_the_rules_that_say_so(tmp_path: Path) -> None:
    made = stacks(f"replicas: {{us-west-2: , {THERE}: {{delete_replication: true}}}}", tmp_path)
    rules = only(made[f"{HOME}/Registry"], REPLICATION)["ReplicationConfiguration"]["Rules"]
    assert [(rule["Destinations"], rule.get("DeleteReplication")) for rule in rules] == [
        ([{"Region": "us-west-2", "RegistryId": ACCOUNT}], None),
        ([{"Region": "us-west-2", "RegistryId": OTHER}], {"Enabled": True}),
    ]


def test_the_bundled_schema_does_not_know_replicated_deletions_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails once it does: then the acknowledgment and the raw override go."""

    class Nothing:
        @staticmethod
        def of(resource: object) -> Any:
            return type("", (), {"acknowledge": lambda *said: None})

    monkeypatch.setattr(replication_configuration, "Validations", Nothing)
    with pytest.raises(Exception, match="DeleteReplication"):
        stacks("replicas: {us-west-2: {delete_replication: true}}", tmp_path)


def test_another_account_has_a_policy_and_this_one_none(tmp_path: Path) -> None:
    made = stacks(f"replicas: {{us-west-2: , {THERE}: }}", tmp_path)
    with_policy = {path for path, template in made.items() if resources(template, POLICY)}
    assert with_policy == {f"{THERE}/Registry"}


def test_another_account_has_its_own_access_and_registry_before_the_replication(tmp_path: Path) -> None:
    app, made = synthesized(declared(f"{SMALL}replicas: {{{THERE}: }}\nrepositories: {{web/api: }}\n"), tmp_path)
    assert f"{OTHER}/ap-northeast-2/Access" in made
    stacks = {stack.hierarchical_id: stack for stack in app.synth().stacks_recursively}
    before = {each.hierarchical_id for each in stacks[f"{HOME}/Registry"].dependencies if hasattr(each, "stack_name")}
    assert {f"{THERE}/Registry", f"{THERE}/Repositories-web"} <= before


def test_a_key_made_here_rotates_is_kept_and_is_used_through_ecr_only(tmp_path: Path) -> None:
    made = stacks(
        "kms_keys: {alias/images: {rotation_period_in_days: 90}}\n"
        "namespaces: {web: {encryption_type: KMS, kms_key: alias/images}}",
        tmp_path,
    )
    (key,) = resources(made[f"{HOME}/Registry"], "AWS::KMS::Key")
    assert (key["DeletionPolicy"], key["Properties"]["EnableKeyRotation"]) == ("RetainExceptOnCreate", True)
    assert key["Properties"]["RotationPeriodInDays"] == 90
    administration, use = key["Properties"]["KeyPolicy"]["Statement"]
    assert not {"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:*"} & set(administration["Action"])
    assert not any(action.startswith("kms:Create*") for action in administration["Action"])
    assert use["Action"] == ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"]
    assert use["Condition"]["StringEquals"]["kms:ViaService"] == "ecr.ap-northeast-2.amazonaws.com"
    assert use["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [
        naming.execution_role_arn("acme", ACCOUNT, "ap-northeast-2"),
        f"arn:aws:iam::{ACCOUNT}:role/acme-ecr-creation",
    ]
    assert only(made[f"{HOME}/Registry"], "AWS::KMS::Alias")["AliasName"] == "alias/images"


def test_the_key_comes_before_what_it_encrypts(tmp_path: Path) -> None:
    text = f"{SMALL}kms_keys: {{alias/a: }}\ndefaults: {{encryption_type: KMS, kms_key: alias/a}}\n"
    app, _ = synthesized(declared(f"{text}repositories: {{web/api: }}\n"), tmp_path)
    stacks = {stack.hierarchical_id: stack for stack in app.synth().stacks_recursively}
    found = {getattr(each, "hierarchical_id", "") for each in stacks[f"{HOME}/Repositories-web"].dependencies}
    assert f"{HOME}/Registry" in found


def test_ecr_alone_assumes_the_role_of_templates(tmp_path: Path) -> None:
    made = stacks(f"replicas: {{{THERE}: }}\ndefaults: {{tags: {{a: b}}}}", tmp_path)
    role = only(made[f"{OTHER}/ap-northeast-2/Access"], "AWS::IAM::Role")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert (role["RoleName"], trust["Principal"]) == ("acme-ecr-creation", {"Service": "ecr.amazonaws.com"})
    template = only(made[f"{THERE}/Registry"], "AWS::ECR::RepositoryCreationTemplate")
    assert template["CustomRoleArn"] == f"arn:aws:iam::{OTHER}:role/acme-ecr-creation"
    assert json.loads(template["LifecyclePolicy"])["rules"]
