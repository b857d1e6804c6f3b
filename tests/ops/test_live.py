"""Live settings against declared ones, with botocore's model checking every answer."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ops.live import declared_settings, differences, live_settings
from tests.synth import SMALL, declared

ARN = "arn:aws:ecr:ap-northeast-2:123456789012:repository/web/api"
TEXT = SMALL + 'repositories: {web/api: {moving_tags: [latest, dev], tags: {team: web}, encryption_type: "AES256"}}\n'
REPOSITORY = declared(TEXT).repositories[0]


def client() -> Any:
    return boto3.client("ecr", region_name="ap-northeast-2", aws_access_key_id="x", aws_secret_access_key="x")


def described(**changes: Any) -> dict[str, Any]:
    return {
        "repositoryArn": ARN,
        "repositoryName": "web/api",
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [
            {"filterType": "WILDCARD", "filter": "latest"},
            {"filterType": "WILDCARD", "filter": "dev"},
        ],
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfiguration": {"encryptionType": "AES256"},
        **changes,
    }


def live(row: dict[str, Any], tags: dict[str, str], lifecycle: str | None, policy: str | None) -> Any:
    ecr = client()
    name = {"repositoryName": "web/api"}
    with Stubber(ecr) as stubber:
        stubber.add_response("describe_repositories", {"repositories": [row]}, {"repositoryNames": ["web/api"]})
        stubber.add_response(
            "list_tags_for_resource",
            {"tags": [{"Key": k, "Value": v} for k, v in tags.items()]},
            {"resourceArn": ARN},
        )
        for call, key, text, absent in (
            ("get_lifecycle_policy", "lifecyclePolicyText", lifecycle, "LifecyclePolicyNotFoundException"),
            ("get_repository_policy", "policyText", policy, "RepositoryPolicyNotFoundException"),
        ):
            if text is None:
                stubber.add_client_error(call, absent, expected_params=name)
            else:
                stubber.add_response(call, {key: text}, name)
        found = live_settings(ecr, "web/api")
        stubber.assert_no_pending_responses()
    return found


STACK_TAGS = {"ecr-registry": "acme", "aws:cloudformation:stack-name": "acme-Repositories-web"}
LIFECYCLE = REPOSITORY.lifecycle.text if REPOSITORY.lifecycle else ""


def different(row: dict[str, Any] | None = None, **answers: Any) -> set[str]:
    given = {"tags": {"team": "web", **STACK_TAGS}, "lifecycle": LIFECYCLE, "policy": None, **answers}
    found = differences(declared_settings(REPOSITORY, "ap-northeast-2"), live(row or described(), **given))
    return {difference.setting for difference in found}


def test_equal_settings_have_no_difference_whatever_the_order_and_cloudformations_own_tags() -> None:
    assert different() == set()
    assert different(lifecycle=json.dumps(json.loads(LIFECYCLE), indent=4)) == set()


@pytest.mark.parametrize(
    ("setting", "row", "answers"),
    [
        ("imageTagMutability", described(imageTagMutability="MUTABLE"), {}),
        (
            "imageTagMutabilityExclusionFilters",
            described(imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "dev"}]),
            {},
        ),
        ("scanOnPush", described(imageScanningConfiguration={"scanOnPush": False}), {}),
        ("encryptionType", described(encryptionConfiguration={"encryptionType": "KMS", "kmsKey": "arn:aws:kms:x"}), {}),
        ("lifecyclePolicy", None, {"lifecycle": None}),
        ("lifecyclePolicy", None, {"lifecycle": LIFECYCLE.replace("14", "15")}),
        ("repositoryPolicy", None, {"policy": '{"Version": "2012-10-17", "Statement": []}'}),
        ("tags", None, {"tags": {"team": "data"}}),
        ("tags", None, {"tags": {"team": "web", "added": "by hand"}}),
    ],
)
def test_every_setting_is_compared(setting: str, row: dict[str, Any] | None, answers: dict[str, Any]) -> None:
    assert different(row, **answers) == {setting}


def test_a_key_is_compared_where_the_file_names_it_by_its_arn_only() -> None:
    arn = "arn:aws:kms:ap-northeast-2:123456789012:key/11111111-2222-3333-4444-555555555555"
    for named, found in (("alias/ecr", set()), (arn, set()), (arn.replace("1111", "9999"), {"kmsKey"})):
        registry = declared(f'{SMALL}repositories: {{web/api: {{encryption_type: KMS, kms_key: "{named}"}}}}\n')
        wanted = declared_settings(registry.repositories[0], "ap-northeast-2")
        actual = {**wanted, "kmsKey": arn}
        assert {difference.setting for difference in differences(wanted, actual)} == found


def test_a_repository_that_is_not_there_is_none() -> None:
    ecr = client()
    with Stubber(ecr) as stubber:
        stubber.add_client_error("describe_repositories", "RepositoryNotFoundException")
        assert live_settings(ecr, "web/api") is None
