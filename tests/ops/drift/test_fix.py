"""What is put back, by which call, and why the rest is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ops.drift.compare import Drift, State
from ops.drift.deployed import Deployed
from ops.drift.fix import Known, Step, plan, put_back
from ops.drift.kind import NOT_KNOWN
from ops.drift.reading import Live, ResourceKey
from ops.drift.repository_settings import Settings
from ops.drift.writers import WRITERS
from tests.ops.drift.fixing import (
    API,
    ARN,
    AT,
    BY_NOUN,
    FILE,
    KEY,
    OF_STACKS,
    WEST,
    KnownKeys,
    agreed,
    as_declared,
    registry,
    steps,
)
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, Cloud, stubbed


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        yield made


LAMBDA = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}


@pytest.mark.parametrize(
    ("repository", "changed", "operation", "parameters"),
    [
        (
            "moving_tags: [latest]",
            {"imageTagMutability": "MUTABLE", "imageTagMutabilityExclusionFilters": []},
            "put_image_tag_mutability",
            {
                "repositoryName": "web/api",
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "latest"}],
            },
        ),
        ("", {"scanOnPush": False}, "put_image_scanning_configuration",
         {"repositoryName": "web/api", "imageScanningConfiguration": {"scanOnPush": True}}),
        ("", {"repositoryPolicy": LAMBDA}, "delete_repository_policy", {"repositoryName": "web/api"}),
        ("tags: {a: b}", {"tags": {}}, "tag_resource",
         {"resourceArn": ARN, "tags": [{"Key": "a", "Value": "b"}]}),
        ("tags: {a: b}", {"tags": {"a": "by hand"}}, "tag_resource",
         {"resourceArn": ARN, "tags": [{"Key": "a", "Value": "b"}]}),
        ("tags: {a: b}", {"tags": {"a": "b", "by": "hand"}}, "untag_resource",
         {"resourceArn": ARN, "tagKeys": ["by"]}),
    ],
)  # fmt: skip
def test_one_setting_of_a_repository_is_put_back_by_one_call(
    cloud: Cloud, repository: str, changed: Settings, operation: str, parameters: dict[str, Any]
) -> None:
    of = registry(repository)
    live = as_declared(of)
    live[API] = {**live[API], **changed}
    cloud.stub("ecr").add_response(operation, {}, parameters)
    found = steps(of, live)
    assert [step.reason for step in found] == [""]
    assert put_back(found, agreed) == len(changed)


def test_a_policy_that_somebody_took_away_is_the_files_again(cloud: Cloud) -> None:
    of = registry(f"repository_policy: {json.dumps(LAMBDA)}", FILE + "acceptances: "
                  "[{rule: repository-policy-open, reason: a test}]\n")  # fmt: skip
    live = as_declared(of)
    policy = json.dumps(live[API]["repositoryPolicy"], separators=(",", ":"))
    lifecycle = json.dumps(live[API]["lifecyclePolicy"], separators=(",", ":"))
    live[API] = {**live[API], "repositoryPolicy": None, "lifecyclePolicy": None}
    stub = cloud.stub("ecr")
    stub.add_response("put_lifecycle_policy", {}, {"repositoryName": "web/api", "lifecyclePolicyText": lifecycle})
    stub.add_response("set_repository_policy", {}, {"repositoryName": "web/api", "policyText": policy})
    assert put_back(steps(of, live), agreed) == 2


def test_a_lifecycle_that_the_file_does_not_have_is_taken_away(cloud: Cloud) -> None:
    of = registry("lifecycle: never", FILE + "lifecycles: {never: []}\n")
    live = as_declared(of)
    live[API] = {**live[API], "lifecyclePolicy": {"rules": []}}
    cloud.stub("ecr").add_response("delete_lifecycle_policy", {}, {"repositoryName": "web/api"})
    assert put_back(steps(of, live), agreed) == 1


def test_a_deleted_repository_is_made_again_with_everything_the_file_says(cloud: Cloud) -> None:
    of = registry(
        "encryption_type: KMS, kms_key: alias/ecr, tags: {a: b}, moving_tags: [latest], "
        f"repository_policy: {json.dumps(LAMBDA)}",
        FILE + "acceptances: [{rule: repository-policy-open, reason: a test}]\n",
    )
    live = as_declared(of)
    lifecycle = json.dumps(live[API]["lifecyclePolicy"], separators=(",", ":"))
    policy = json.dumps(live[API]["repositoryPolicy"], separators=(",", ":"))
    del live[API]
    stub = cloud.stub("ecr")
    stub.add_response(
        "create_repository",
        {},
        {
            "repositoryName": "web/api",
            "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "latest"}],
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": KEY},
            "tags": [{"Key": "a", "Value": "b"}, {"Key": "ecr-registry", "Value": "acme"}],
        },
    )
    stub.add_response("set_repository_policy", {}, {"repositoryName": "web/api", "policyText": policy})
    stub.add_response("put_lifecycle_policy", {}, {"repositoryName": "web/api", "lifecyclePolicyText": lifecycle})
    assert put_back(steps(of, live), agreed) == 1


def test_a_repository_that_is_deleted_at_a_replica_is_made_again_there(cloud: Cloud) -> None:
    of = registry()
    live = as_declared(of, WEST)
    gone = live.pop(ResourceKey(WEST, "repository", "web/api"))
    made = {
        "repositoryName": "web/api",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfiguration": {"encryptionType": "AES256"},
        "tags": [{"Key": "ecr-registry", "Value": "acme"}],
    }
    lifecycle = json.dumps(gone["lifecyclePolicy"], separators=(",", ":"))
    stub = cloud.stub("ecr", REPLICA)
    stub.add_response("create_repository", {}, made)
    stub.add_response("put_lifecycle_policy", {}, {"repositoryName": "web/api", "lifecyclePolicyText": lifecycle})
    assert put_back(steps(of, live, at=WEST), agreed) == 1


@pytest.mark.parametrize(
    ("noun", "by_hand", "operation", "parameters"),
    [
        ("replication configuration", {"rules": ["by hand"]}, "put_replication_configuration",
         {"replicationConfiguration": {"rules": []}}),
        ("signing configuration", {"rules": ["by hand"]}, "delete_signing_configuration", {}),
    ],
)  # fmt: skip
def test_what_only_the_home_has_goes_at_a_replica(
    cloud: Cloud, noun: str, by_hand: Settings, operation: str, parameters: dict[str, Any]
) -> None:
    of = registry()
    found = {**as_declared(of, WEST), ResourceKey(WEST, noun, ""): by_hand}
    cloud.stub("ecr", REPLICA).add_response(operation, {}, parameters)
    assert put_back(steps(of, found, at=WEST), agreed) == 1


def test_what_nobody_agrees_to_stays(cloud: Cloud) -> None:
    of = registry()
    live = as_declared(of)
    live[API] = {**live[API], "scanOnPush": False}
    assert put_back(steps(of, live), lambda step: False) == 0


@pytest.mark.parametrize(
    ("noun", "name", "live", "calls"),
    [
        ("scanning configuration", "", {"scanType": "BASIC", "rules": []}, [("put_registry_scanning_configuration", {
            "scanType": "BASIC",
            "rules": [{"scanFrequency": "SCAN_ON_PUSH",
                       "repositoryFilters": [{"filter": "web/*", "filterType": "WILDCARD"}]}],
        })]),
        ("replication configuration", "", {"rules": []}, [("put_replication_configuration", {
            "replicationConfiguration": {"rules": [{
                "destinations": [{"region": REPLICA, "registryId": ACCOUNT}],
                "repositoryFilters": [{"filter": "web/", "filterType": "PREFIX_MATCH"}],
                "deleteReplication": {"enabled": True},
            }]},
        })]),
        ("registry policy", "", {"policyText": LAMBDA}, [("delete_registry_policy", {})]),
        ("signing configuration", "", {"rules": []}, [("put_signing_configuration", {"signingConfiguration": {"rules": [
            {"signingProfileArn": f"arn:aws:signer:{HOME}:{ACCOUNT}:/signing-profiles/releases"}
        ]}})]),
        ("account setting", "BLOB_MOUNTING", {"value": "ENABLED"},
         [("put_account_setting", {"name": "BLOB_MOUNTING", "value": "DISABLED"})]),
    ],
)  # fmt: skip
def test_what_a_registry_has_once_is_put_back_whole(
    cloud: Cloud, noun: str, name: str, live: Settings, calls: list[tuple[str, dict[str, Any]]]
) -> None:
    of = registry()
    found = {**as_declared(of), ResourceKey(AT, noun, name): live}
    for operation, parameters in calls:
        cloud.stub("ecr").add_response(operation, {}, parameters)
    last = {t: s for t, s in as_declared(of).items() if t.noun in OF_STACKS and s.get("policyText", "") is not None}
    assert put_back(steps(of, found, last=last), agreed) == 1


def test_a_changed_template_is_made_anew_and_a_deleted_one_again(cloud: Cloud) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/creates"
    of = registry(
        rest=FILE.replace("description: cached", f'description: cached, custom_role_arn: "{role}", tags: {{a: b}}')
    )
    hub = ResourceKey(AT, "creation template", "hub")
    live = as_declared(of)
    stub = cloud.stub("ecr")
    made = {
        "prefix": "hub",
        "appliedFor": ["PULL_THROUGH_CACHE"],
        "description": "cached",
        "imageTagMutability": "MUTABLE",
        "encryptionConfiguration": {"encryptionType": "AES256"},
        "customRoleArn": role,
        "resourceTags": [{"Key": "a", "Value": "b"}],
        "lifecyclePolicy": json.dumps(live[hub]["lifecyclePolicy"], separators=(",", ":")),
    }
    stub.add_response("delete_repository_creation_template", {}, {"prefix": "hub"})
    stub.add_response("create_repository_creation_template", {}, made)
    changed = {**live, hub: {**live[hub], "description": "by hand", "tags": {"by": "hand"}}}
    assert put_back(steps(of, changed), agreed) == 2
    stub.add_response("create_repository_creation_template", {}, made)
    assert put_back(steps(of, {t: s for t, s in live.items() if t != hub}), agreed) == 1


def test_a_cache_rule_gets_its_secret_back_and_nothing_else_of_it_can_change(cloud: Cloud) -> None:
    secret = f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf"
    of = registry(
        rest=FILE.replace("upstream_registry: quay", f'upstream_registry: docker-hub, credential_arn: "{secret}"')
    )
    hub = ResourceKey(AT, "pull-through cache rule", "hub")
    live = as_declared(of)
    stub = cloud.stub("ecr")
    stub.add_response("update_pull_through_cache_rule", {}, {"ecrRepositoryPrefix": "hub", "credentialArn": secret})
    found = steps(of, {**live, hub: {**live[hub], "credentialArn": None, "upstreamRegistryUrl": "other.io"}})
    assert {step.rows[0].setting: bool(step.reason) for step in found} == {
        "upstreamRegistryUrl": True,
        "credentialArn": False,
    }
    assert put_back(found, agreed) == 1
    stub.add_response(
        "create_pull_through_cache_rule",
        {},
        {
            "ecrRepositoryPrefix": "hub",
            "upstreamRegistry": "docker-hub",
            "upstreamRegistryUrl": "registry-1.docker.io",
            "upstreamRepositoryPrefix": "ROOT",
            "credentialArn": secret,
        },
    )
    assert put_back(steps(of, {t: s for t, s in live.items() if t != hub}), agreed) == 1


def test_a_rule_that_was_deleted_gets_the_secret_that_was_made_for_it(cloud: Cloud) -> None:
    of = registry(
        rest=FILE.replace("upstream_registry: quay", "upstream_registry: docker-hub, secret: ecr-pullthroughcache/hub")
    )
    arn = f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:ecr-pullthroughcache/hub-AbCdEf"
    secrets = cloud.stub("secretsmanager")
    secrets.add_response("describe_secret", {"ARN": arn}, {"SecretId": "ecr-pullthroughcache/hub"})
    made = {
        "ecrRepositoryPrefix": "hub",
        "upstreamRegistry": "docker-hub",
        "upstreamRegistryUrl": "registry-1.docker.io",
        "upstreamRepositoryPrefix": "ROOT",
        "credentialArn": arn,
    }
    cloud.stub("ecr").add_response("create_pull_through_cache_rule", {}, made)
    live = as_declared(of)
    del live[ResourceKey(AT, "pull-through cache rule", "hub")]
    assert put_back(steps(of, live), agreed) == 1


def reasons(found: list[Step]) -> list[tuple[str, str]]:
    return [(step.rows[0].setting, step.reason.partition(":")[0].partition(";")[0]) for step in found]


def test_each_row_that_is_not_put_back_has_its_reason() -> None:
    of = registry("encryption_type: KMS, kms_key: alias/ecr")
    live = as_declared(of)
    live[API] = {**live[API], "encryptionType": "AES256", "kmsKey": None}
    assert reasons(steps(of, live)) == [
        ("encryptionType", "ECR fixes the encryption of a repository when it is created"),
    ]
    live[API] = {**live[API], "encryptionType": "KMS", "kmsKey": f"{KEY}0"}
    assert reasons(steps(of, live)) == [("kmsKey", "ECR fixes the key of a repository when it is created")]
    other = ResourceKey(AT, "repository", "web/by-hand")
    (undeclared,) = steps(of, as_declared(of), others=(other,))
    assert "the file does not declare it" in undeclared.reason


def test_what_is_not_deployed_is_left_to_the_deploy() -> None:
    of = registry("tags: {a: b}")
    live = as_declared(of)
    deployed = {thing: settings for thing, settings in live.items() if thing.noun in OF_STACKS}
    deployed[API] = {**deployed[API], "tags": {}}
    live[API] = {**live[API], "tags": {}, "scanOnPush": False}
    found = steps(of, live, last=deployed)
    assert reasons(found) == [("scanOnPush", ""), ("tags", "the file differs from the last deploy")]
    del live[API], deployed[API]
    assert reasons(steps(of, live, last=deployed)) == [("", "it is not deployed yet")]


def test_what_is_in_no_stack_is_left_to_the_import() -> None:
    of = registry()
    live = as_declared(of)
    deployed = {thing: settings for thing, settings in live.items() if thing.noun in OF_STACKS and thing != API}
    live[API] = {**live[API], "scanOnPush": False}
    assert reasons(steps(of, live, last=deployed)) == [("scanOnPush", "it is in no stack")]


def test_a_setting_of_the_registry_that_the_file_has_newly_is_not_put_before_its_deploy() -> None:
    of = registry()
    replication = ResourceKey(AT, "replication configuration", "")
    live = {**as_declared(of), replication: {"rules": []}}
    deployed = {t: s for t, s in as_declared(of).items() if t.noun in OF_STACKS and t != replication}
    assert reasons(steps(of, live, last=deployed)) == [("rules", "the file differs from the last deploy")]


def test_a_setting_of_which_only_cloudformation_knows_what_it_was_is_put_back() -> None:
    of = registry()
    hub = ResourceKey(AT, "creation template", "hub")
    live = as_declared(of)
    deployed = {t: s for t, s in live.items() if t.noun in OF_STACKS}
    deployed[hub] = {**deployed[hub], "customRoleArn": NOT_KNOWN}
    live[hub] = {**live[hub], "customRoleArn": f"arn:aws:iam::{ACCOUNT}:role/by-hand"}
    assert reasons(steps(of, live, last=deployed)) == [("customRoleArn", "")]


def test_every_kind_can_be_put_back() -> None:
    assert WRITERS.keys() == BY_NOUN.keys()


def test_a_row_without_a_key_that_can_be_asked_for_says_so() -> None:
    row = Drift(thing=API, state=State.NOT_COMPARED, setting="kmsKey", expected="alias/ecr", live=KEY)
    of = registry("encryption_type: KMS, kms_key: alias/ecr")
    wanted = as_declared(of)
    known = Known(
        registry=of,
        kinds=BY_NOUN,
        wanted=wanted,
        live=Live(there=frozenset(wanted), settings=wanted),
        last=Deployed(settings={}, registries=frozenset({AT})),
        keys=KnownKeys(),
    )
    (step,) = plan(known, [row])
    assert "kms:DescribeKey" in step.reason
