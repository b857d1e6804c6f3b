"""One repository, property by property."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from constructs.repository import Repository

from registry.locations import Location
from registry.model import Registry
from tests.synth import SMALL, context, declared


def built(registry: Registry, region: str = "ap-northeast-2") -> tuple[cdk.Stack, Repository]:
    stack = cdk.Stack(cdk.App(context=context()), "Test", env=cdk.Environment(account="123456789012", region=region))
    return stack, Repository(stack, "it", repository=registry.repositories[0], at=Location("123456789012", region))


def resource(settings: str = "", region: str = "ap-northeast-2", more: str = "") -> dict[str, Any]:
    stack, _ = built(declared(f"{SMALL}{more}\nrepositories: {{web/api: {{{settings}}}}}\n"), region)
    found = assertions.Template.from_stack(stack).find_resources("AWS::ECR::Repository")
    assert len(found) == 1
    return dict(next(iter(found.values())))


def test_by_default_everything_is_safe() -> None:
    made = resource()
    assert made["Properties"] == {
        "RepositoryName": "web/api",
        "ImageScanningConfiguration": {"ScanOnPush": True},
        "EncryptionConfiguration": {"EncryptionType": "AES256"},
        "ImageTagMutability": "IMMUTABLE",
        "LifecyclePolicy": {"LifecyclePolicyText": made["Properties"]["LifecyclePolicy"]["LifecyclePolicyText"]},
    }
    rules = json.loads(made["Properties"]["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
    assert [(rule["selection"]["tagStatus"], rule["selection"]["countNumber"]) for rule in rules] == [("untagged", 14)]


def test_it_has_the_flag_for_scanning_that_the_file_says() -> None:
    assert resource("scan_on_push: false")["Properties"]["ImageScanningConfiguration"] == {"ScanOnPush": False}


def test_it_is_kept_when_it_leaves_the_template_but_not_when_its_creation_fails() -> None:
    made = resource()
    assert (made["DeletionPolicy"], made["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    assert "EmptyOnDelete" not in made["Properties"]


def test_it_is_emptied_and_deleted_only_where_the_file_says_so() -> None:
    made = resource("empty_on_delete: true")
    assert made["DeletionPolicy"] == "Delete"
    assert made["Properties"]["EmptyOnDelete"] is True


def test_one_that_is_deleted_and_one_that_somebody_deletes_stand_beside_one_that_is_kept() -> None:
    registry = declared(f"{SMALL}repositories: {{kept: , emptied: {{empty_on_delete: true}}, own: }}\n")
    stack = cdk.Stack(cdk.App(context=context()), "Test")
    made = {
        each.name: Repository(stack, each.name, repository=each, at=registry.home) for each in registry.repositories
    }
    made["own"].apply_removal_policy(cdk.RemovalPolicy.DESTROY)
    found = assertions.Template.from_stack(stack).find_resources("AWS::ECR::Repository")
    assert {name: each["DeletionPolicy"] for name, each in found.items()} == {
        "kept": "RetainExceptOnCreate",
        "emptied": "Delete",
        "own": "Delete",
    }


def test_what_else_is_in_the_scope_of_a_repository_keeps_its_own_deletion_policy() -> None:
    stack, _ = built(declared(SMALL + "repositories: {my-app: }\n"))
    ecr.CfnRegistryScanningConfiguration(stack, "Other", rules=[], scan_type="BASIC")
    found = assertions.Template.from_stack(stack).find_resources("AWS::ECR::RegistryScanningConfiguration")
    (other,) = found.values()
    assert "DeletionPolicy" not in other


def test_moving_tags_are_exclusion_filters_of_an_immutable_repository() -> None:
    properties = resource('moving_tags: [latest, "v*.x"]')["Properties"]
    assert properties["ImageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert properties["ImageTagMutabilityExclusionFilters"] == [
        {"ImageTagMutabilityExclusionFilterType": "WILDCARD", "ImageTagMutabilityExclusionFilterValue": tag}
        for tag in ("latest", "v*.x")
    ]


def test_a_mutable_repository_has_no_filters() -> None:
    properties = resource("image_tag_mutability: MUTABLE", more="defaults: {moving_tags: [latest]}")["Properties"]
    assert properties["ImageTagMutability"] == "MUTABLE"
    assert "ImageTagMutabilityExclusionFilters" not in properties


KEYS = "kms_key: {ap-northeast-2: alias/home, us-west-2: alias/replica}"


@pytest.mark.parametrize(
    ("settings", "region", "encryption"),
    [
        ("encryption_type: KMS", "ap-northeast-2", {"EncryptionType": "KMS"}),
        ("encryption_type: KMS, kms_key: alias/x", "us-west-2", {"EncryptionType": "KMS", "KmsKey": "alias/x"}),
        (f"encryption_type: KMS, {KEYS}", "us-west-2", {"EncryptionType": "KMS", "KmsKey": "alias/replica"}),
        (f"encryption_type: KMS, {KEYS}", "ap-northeast-2", {"EncryptionType": "KMS", "KmsKey": "alias/home"}),
        ("encryption_type: KMS_DSSE", "ap-northeast-2", {"EncryptionType": "KMS_DSSE"}),
    ],
)
def test_encryption_is_rendered_for_the_region(settings: str, region: str, encryption: dict[str, str]) -> None:
    made = resource(settings, region, more="replicas: {us-west-2: }")
    assert made["Properties"]["EncryptionConfiguration"] == encryption


def test_tags_are_rendered_sorted_by_key() -> None:
    assert resource('tags: {b: "2", a: "1"}')["Properties"]["Tags"] == [
        {"Key": "a", "Value": "1"},
        {"Key": "b", "Value": "2"},
    ]


def test_a_policy_is_rendered_as_it_is_written_and_is_absent_where_none_is() -> None:
    assert "RepositoryPolicyText" not in resource()["Properties"]
    written = '{Statement: [{Effect: Deny, Principal: {AWS: ["210987654321", "345678901234"]}, Action: ecr:PutImage}]}'
    assert resource(f"repository_policy: {written}")["Properties"]["RepositoryPolicyText"] == {
        "Statement": [
            {"Effect": "Deny", "Principal": {"AWS": ["210987654321", "345678901234"]}, "Action": "ecr:PutImage"}
        ]
    }


def test_nothing_expires_where_the_lifecycle_is_empty() -> None:
    assert "LifecyclePolicy" not in resource("lifecycle: forever", more="lifecycles: {forever: []}")["Properties"]


def test_other_code_can_grant_on_it() -> None:
    stack, construct = built(declared(SMALL + "repositories: {my-app: }\n"))
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    construct.repository.grant_pull(role)
    assert construct.repository is construct.repository
    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": assertions.Match.array_with(
                    [assertions.Match.object_like({"Resource": {"Fn::GetAtt": [assertions.Match.any_value(), "Arn"]}})]
                )
            }
        },
    )
