"""What AWS says of a repository, and every way in which it can differ from the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)

from ops.aws import cloud as ops_cloud
from ops.aws.cloud import CloudError, aws_errors
from ops.drift.repository_settings import Difference, declared_settings, differences, live_settings
from registry.locations import Location
from registry.model import Repository
from tests.ops.stubs import ACCOUNT, HOME, POLICY, REPLICA, Cloud, stubbed
from tests.synth import SMALL, declared

#: A repository policy as AWS answers with it.
PULLS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": ["ecr:BatchGetImage"]}
    ],
}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        yield made


def repository(settings: str = "") -> Repository:
    return declared(SMALL + f"replicas: {{us-west-2: }}\nrepositories: {{web/api: {{{settings}}}}}").repositories[0]


def found(cloud: Cloud, settings: str = "", *, region: str = HOME, **live: Any) -> tuple[Difference, ...]:
    """The differences between web/api with these settings and a live one with those."""
    cloud.repository("web/api", at=region, **live)
    seen = live_settings(ops_cloud.ecr(region), "web/api")
    assert seen is not None
    return differences(declared_settings(repository(settings), Location(ACCOUNT, region)), seen)


def test_the_settings_of_a_live_repository_are_read_in_ecrs_words(cloud: Cloud) -> None:
    cloud.repository(
        "web/api",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[
            {"filterType": "WILDCARD", "filter": "v*.x"},
            {"filterType": "WILDCARD", "filter": "latest"},
        ],
        encryptionConfiguration={"encryptionType": "KMS", "kmsKey": f"arn:aws:kms:{HOME}:{ACCOUNT}:key/k"},
        policy={"Version": "2012-10-17", "Statement": []},
        tags={"owner": "web", "ecr-registry": "acme", "aws:cloudformation:stack-id": "x"},
    )
    assert live_settings(ops_cloud.ecr(HOME), "web/api") == {
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": ["latest", "v*.x"],
        "encryptionType": "KMS",
        "kmsKey": f"arn:aws:kms:{HOME}:{ACCOUNT}:key/k",
        "scanOnPush": True,
        "lifecyclePolicy": json.loads(POLICY),
        "repositoryPolicy": {"Version": "2012-10-17", "Statement": []},
        "tags": {"owner": "web"},
    }


def test_a_repository_that_does_not_exist_has_no_settings(cloud: Cloud) -> None:
    cloud.no_repository()
    assert live_settings(ops_cloud.ecr(HOME), "web/api") is None


def test_a_repository_of_an_old_answer_is_aes256_and_unscanned(cloud: Cloud) -> None:
    row = {"repositoryName": "web/api", "repositoryArn": "arn:aws:ecr:x", "imageTagMutability": "MUTABLE"}
    cloud.expect("describe_repositories", {"repositories": [row]})
    cloud.expect("list_tags_for_resource", {"tags": []})
    cloud.refuse("get_lifecycle_policy", "LifecyclePolicyNotFoundException")
    cloud.refuse("get_repository_policy", "RepositoryPolicyNotFoundException")
    seen = live_settings(ops_cloud.ecr(HOME), "web/api")
    assert seen is not None
    assert (seen["encryptionType"], seen["kmsKey"], seen["scanOnPush"]) == ("AES256", None, False)


@pytest.mark.parametrize(
    ("settings", "live"),
    [
        ("", {}),
        ("moving_tags: [b, a]", {
            "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": word} for word in "ab"],
        }),
        ("image_tag_mutability: MUTABLE", {"imageTagMutability": "MUTABLE"}),
        ("tags: {b: '2', a: '1'}", {"tags": {"a": "1", "b": "2", "aws:x": "y", "ecr-registry": "acme"}}),
        ("", {"lifecycle": json.dumps(json.loads(POLICY), indent=2)}),  # the text may be spaced otherwise
        ("scan_on_push: false", {"imageScanningConfiguration": {"scanOnPush": False}}),
        ("empty_on_delete: true", {}),  # CloudFormation's, not ECR's
        (f"repository_policy: {json.dumps(PULLS)}", {"policy": PULLS}),
        (f"repository_policy: {json.dumps(PULLS)}", {"policy": {**PULLS, "Version": "2008-10-17"}}),
    ],
)  # fmt: skip
def test_a_repository_that_is_as_the_file_says_has_no_differences(
    settings: str, live: dict[str, Any], cloud: Cloud
) -> None:
    assert found(cloud, settings, **live) == ()


KMS = {"encryptionType": "KMS", "kmsKey": f"arn:aws:kms:{HOME}:{ACCOUNT}:key/k"}
WILDCARD = {"filterType": "WILDCARD", "filter": "dev"}


@pytest.mark.parametrize(
    ("settings", "live", "wanted"),
    [
        ("", {"imageTagMutability": "MUTABLE"}, [("imageTagMutability", "IMMUTABLE", "MUTABLE")]),
        (
            "moving_tags: [latest]",
            {"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION", "imageTagMutabilityExclusionFilters": [WILDCARD]},
            [("imageTagMutabilityExclusionFilters", ["latest"], ["dev"])],
        ),
        ("", {"encryptionConfiguration": KMS}, [("encryptionType", "AES256", "KMS")]),
        ("encryption_type: KMS", {}, [("encryptionType", "KMS", "AES256")]),
        (
            f"encryption_type: KMS, kms_key: {{{HOME}: '{KMS['kmsKey'][:-1]}other', {REPLICA}: alias/ecr}}",
            {"encryptionConfiguration": KMS},
            [("kmsKey", f"{KMS['kmsKey'][:-1]}other", KMS["kmsKey"])],
        ),
        ("", {"imageScanningConfiguration": {"scanOnPush": False}}, [("scanOnPush", True, False)]),
        ("", {"lifecycle": None}, [("lifecyclePolicy", json.loads(POLICY), None)]),
        (
            "",
            {"lifecycle": POLICY.replace('"countNumber":14', '"countNumber":15')},
            [("lifecyclePolicy", json.loads(POLICY), json.loads(POLICY.replace(':14}', ':15}')))],
        ),
        ("", {"policy": {"Statement": []}}, [("repositoryPolicy", None, {"Statement": []})]),
        (f"repository_policy: {json.dumps(PULLS)}", {}, [("repositoryPolicy", PULLS, None)]),
        ("", {"tags": {"a": "1"}}, [("tags", {}, {"a": "1"})]),
        ("tags: {a: '1'}", {"tags": {"a": "2"}}, [("tags", {"a": "1"}, {"a": "2"})]),
        ("tags: {a: '1'}", {"tags": {}}, [("tags", {"a": "1"}, {})]),
    ],
)  # fmt: skip
def test_every_difference_is_found(
    settings: str, live: dict[str, Any], wanted: list[tuple[str, object, object]], cloud: Cloud
) -> None:
    differing = found(cloud, settings, **live)
    assert [(d.setting, d.declared, d.live) for d in differing] == wanted


def test_all_differences_are_found_at_once(cloud: Cloud) -> None:
    differing = found(
        cloud, imageTagMutability="MUTABLE", imageScanningConfiguration={}, lifecycle=None, tags={"a": "b"}, policy={}
    )
    assert [d.setting for d in differing] == [
        "imageTagMutability",
        "scanOnPush",
        "lifecyclePolicy",
        "repositoryPolicy",
        "tags",
    ]


@pytest.mark.parametrize("key", ["", ", kms_key: alias/ecr", ", kms_key: 12345678-1234-1234-1234-123456789012"])
def test_a_key_by_alias_or_id_or_left_to_aws_is_not_compared_with_the_arn_that_ecr_answers(
    key: str, cloud: Cloud
) -> None:
    assert found(cloud, f"encryption_type: KMS{key}", encryptionConfiguration=KMS) == ()


def test_the_key_of_a_replica_is_compared_with_the_one_for_its_region(cloud: Cloud) -> None:
    west = f"arn:aws:kms:{REPLICA}:{ACCOUNT}:key/w"
    settings = f"encryption_type: KMS, kms_key: {{{HOME}: '{KMS['kmsKey']}', {REPLICA}: '{west}'}}"
    in_the_west = {"encryptionType": "KMS", "kmsKey": west}
    assert found(cloud, settings, region=REPLICA, encryptionConfiguration=in_the_west) == ()
    assert [d.setting for d in found(cloud, settings, encryptionConfiguration=in_the_west)] == ["kmsKey"]


@pytest.mark.parametrize(
    "operation", ["describe_repositories", "list_tags_for_resource", "get_lifecycle_policy", "get_repository_policy"]
)
def test_a_refusal_of_any_call_is_not_mistaken_for_nothing(operation: str, cloud: Cloud) -> None:
    answers: dict[str, dict[str, Any]] = {
        "describe_repositories": {
            "repositories": [{"repositoryArn": "arn:aws:ecr:x", "imageTagMutability": "IMMUTABLE"}]
        },
        "list_tags_for_resource": {"tags": []},
        "get_lifecycle_policy": {"lifecyclePolicyText": POLICY},
        "get_repository_policy": {"policyText": "{}"},
    }
    for name, answer in answers.items():
        if name == operation:
            cloud.refuse(name, "AccessDeniedException", "not you")
            break
        cloud.expect(name, answer)
    called = "".join(word.capitalize() for word in operation.split("_"))
    said = rf"^AWS refused {called}: not you \(AccessDeniedException\)\n    way out: it takes ecr:{called}"
    with pytest.raises(CloudError, match=said), aws_errors():
        live_settings(ops_cloud.ecr(HOME), "web/api")


@pytest.mark.parametrize(
    ("problem", "way_out"),
    [
        (NoCredentialsError(), "name a profile with AWS_PROFILE, or log in"),
        (NoRegionError(), "name a region, such as ap-northeast-2"),
        (ProfileNotFound(profile="x"), "name one that `aws configure list-profiles` prints"),
        (EndpointConnectionError(endpoint_url="https://x"), "check the network, a proxy"),
        (ConnectTimeoutError(endpoint_url="https://x"), "check the network, a proxy"),
        (UnauthorizedSSOTokenError(), "log in again, for example with `aws sso login`"),
    ],
    ids=lambda it: type(it).__name__,
)
def test_every_failure_of_botocore_becomes_one_message_with_its_way_out(problem: Exception, way_out: str) -> None:
    with pytest.raises(CloudError) as caught, aws_errors():
        raise problem
    assert str(caught.value).startswith(f"AWS cannot be asked: {problem}\n    way out: {way_out}")
    assert caught.value.exit_code == 3
    assert caught.value.__cause__ is problem


def test_the_account_is_asked_in_a_region_of_the_file_because_none_may_be_configured(
    monkeypatch: pytest.MonkeyPatch, cloud: Cloud
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    cloud.caller()
    assert ops_cloud.own_account(declared(f"{SMALL}repositories: {{web/api: }}")) == ACCOUNT


def test_credentials_of_another_account_are_refused(cloud: Cloud) -> None:
    cloud.caller("210987654321")
    with pytest.raises(CloudError) as caught:
        ops_cloud.own_account(declared(f"{SMALL}repositories: {{web/api: }}"))
    assert str(caught.value) == (
        "the credentials belong to the account 210987654321, but the file declares 123456789012\n"
        "    way out: choose the profile or the role of that account, for example with AWS_PROFILE"
    )


def test_clients_are_for_the_region_asked_for_and_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    for client in (ops_cloud.ecr(REPLICA), ops_cloud.cloudformation(REPLICA)):
        assert client.meta.region_name == REPLICA
        assert getattr(client.meta.config, "retries") == {"mode": "standard", "total_max_attempts": 9}  # noqa: B009
