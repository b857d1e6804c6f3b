"""Creation templates and pull-through cache rules, by CloudFormation and by ECR's API."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator import stacks
from tests.emulator.cloud import Cloud
from tests.emulator.samples import KEY, LATEST, PULL, lifecycle

TEMPLATE = "AWS::ECR::RepositoryCreationTemplate"
RULE = "AWS::ECR::PullThroughCacheRule"
ROLE = "arn:aws:iam::123456789012:role/ecr-creation"
SECRET = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"
EVERYTHING: Any = {
    "Prefix": "web",
    "AppliedFor": ["REPLICATION", "CREATE_ON_PUSH"],
    "Description": "replicas of web",
    "ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
    "ImageTagMutabilityExclusionFilters": [LATEST],
    "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": KEY},
    "LifecyclePolicy": lifecycle(5),
    "RepositoryPolicy": json.dumps(PULL),
    "ResourceTags": [{"Key": "team", "Value": "web"}],
    "CustomRoleArn": ROLE,
}
HUB: Any = {
    "EcrRepositoryPrefix": "hub",
    "UpstreamRegistry": "docker-hub",
    "UpstreamRegistryUrl": "registry-1.docker.io",
    "CredentialArn": SECRET,
}


def templates(cloud: Cloud, **asked: Any) -> Any:
    return cloud.ecr.describe_repository_creation_templates(**asked)["repositoryCreationTemplates"]


def rules(cloud: Cloud, **asked: Any) -> Any:
    return cloud.ecr.describe_pull_through_cache_rules(**asked)["pullThroughCacheRules"]


def deploy(cloud: Cloud, kind: str, properties: Any, stack: str = "registry") -> str:
    return stacks.deploy(cloud, stack, {"Resource": {"Type": kind, "Properties": properties}})


def test_a_creation_template_has_every_setting_of_its_resource(cloud: Cloud) -> None:
    assert deploy(cloud, TEMPLATE, EVERYTHING) == "CREATE_COMPLETE"

    (live,) = templates(cloud)
    assert live.pop("createdAt") == live.pop("updatedAt")
    assert live == {
        "prefix": "web",
        "appliedFor": ["REPLICATION", "CREATE_ON_PUSH"],
        "description": "replicas of web",
        "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": [{"filterType": "WILDCARD", "filter": "latest"}],
        "encryptionConfiguration": {"encryptionType": "KMS", "kmsKey": KEY},
        "lifecyclePolicy": lifecycle(5),
        "repositoryPolicy": json.dumps(PULL),
        "resourceTags": [{"Key": "team", "Value": "web"}],
        "customRoleArn": ROLE,
    }
    assert stacks.drift(cloud, "registry") == stacks.in_sync()


def test_a_pull_through_cache_rule_has_every_setting_of_its_resource(cloud: Cloud) -> None:
    assert deploy(cloud, RULE, HUB) == "CREATE_COMPLETE"

    (live,) = rules(cloud)
    assert {key: value for key, value in live.items() if not key.endswith("At")} == {
        "ecrRepositoryPrefix": "hub",
        "upstreamRegistry": "docker-hub",
        "upstreamRegistryUrl": "registry-1.docker.io",
        "credentialArn": SECRET,
        "registryId": cloud.account,
    }
    assert stacks.drift(cloud, "registry") == stacks.in_sync()


def test_an_update_takes_away_what_the_template_no_longer_has(cloud: Cloud) -> None:
    deploy(cloud, TEMPLATE, EVERYTHING)
    less = {"Prefix": "web", "AppliedFor": ["REPLICATION"]}

    assert deploy(cloud, TEMPLATE, less) == "UPDATE_COMPLETE"
    (live,) = templates(cloud)
    assert set(live) == {"prefix", "appliedFor", "createdAt", "updatedAt"}


def test_a_failed_update_puts_the_creation_template_back(cloud: Cloud) -> None:
    cloud.ecr.create_repository(repositoryName="taken")
    deploy(cloud, TEMPLATE, EVERYTHING)
    changed = {"Type": TEMPLATE, "Properties": EVERYTHING | {"Description": "other"}}
    failing = stacks.repository("taken") | {"DependsOn": "Resource"}

    assert stacks.deploy(cloud, "registry", {"Resource": changed, "Failing": failing}) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.drift(cloud, "registry") == stacks.in_sync()


@pytest.mark.parametrize(("kind", "properties"), [(TEMPLATE, EVERYTHING), (RULE, HUB)])
def test_a_prefix_that_is_taken_is_not_taken_over(cloud: Cloud, kind: str, properties: Any) -> None:
    deploy(cloud, kind, properties, "first")

    assert deploy(cloud, kind, properties, "second") == "ROLLBACK_COMPLETE"
    prefix = properties.get("Prefix", "hub")
    assert stacks.failures(cloud, "second") == [f"Resource of type '{kind}' with identifier '{prefix}' already exists."]
    assert stacks.drift(cloud, "first") == stacks.in_sync()


@pytest.mark.parametrize(("kind", "properties", "listed"), [(TEMPLATE, EVERYTHING, templates), (RULE, HUB, rules)])
def test_deleting_the_stack_leaves_nothing(cloud: Cloud, kind: str, properties: Any, listed: Any) -> None:
    deploy(cloud, kind, properties)
    assert len(listed(cloud)) == 1
    assert listed(cloud.at("us-west-2")) == []

    assert stacks.delete(cloud, "registry") == "DELETE_COMPLETE"
    assert listed(cloud) == []


@pytest.mark.parametrize(
    ("kind", "properties", "key", "listed", "member"),
    [(TEMPLATE, EVERYTHING, "Prefix", templates, "prefix"), (RULE, HUB, "EcrRepositoryPrefix", rules, None)],
)
def test_another_prefix_replaces(
    cloud: Cloud, kind: str, properties: Any, key: str, listed: Any, member: str | None
) -> None:
    deploy(cloud, kind, properties)

    assert deploy(cloud, kind, properties | {key: "other"}) == "UPDATE_COMPLETE"
    assert [each[member or "ecrRepositoryPrefix"] for each in listed(cloud)] == ["other"]


def test_another_upstream_under_the_same_prefix_is_refused(cloud: Cloud) -> None:
    deploy(cloud, RULE, HUB)

    assert deploy(cloud, RULE, HUB | {"UpstreamRegistryUrl": "quay.io"}) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.failures(cloud, "registry") == [
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
        "Rename hub and update the stack again."
    ]


def test_a_creation_template_changed_or_deleted_by_hand_has_drifted(cloud: Cloud) -> None:
    deploy(cloud, TEMPLATE, EVERYTHING)
    cloud.ecr.update_repository_creation_template(prefix="web", appliedFor=["REPLICATION"])
    assert stacks.drift(cloud, "registry") == {"Resource": ("MODIFIED", {"/AppliedFor/1"})}

    cloud.ecr.delete_repository_creation_template(prefix="web")
    assert stacks.drift(cloud, "registry") == {"Resource": ("DELETED", set())}
    assert deploy(cloud, TEMPLATE, EVERYTHING | {"Description": "other"}) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.failures(cloud, "registry") == [f"Resource of type '{TEMPLATE}' with identifier 'web' was not found."]


def test_the_stack_of_what_was_deleted_by_hand_can_be_deleted(cloud: Cloud) -> None:
    deploy(cloud, RULE, HUB)
    cloud.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="hub")

    assert stacks.delete(cloud, "registry") == "DELETE_COMPLETE"


def test_a_rule_is_validated_by_what_its_secret_holds(cloud: Cloud) -> None:
    """As CloudFormation makes it, without a credential; then as somebody stores one."""
    name = "ecr-pullthroughcache/hub"
    empty = json.dumps({"username": "not-stored-yet", "accessToken": "not-stored-yet"})
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": name, "SecretString": empty}}
    hub = {"Type": RULE, "Properties": {**HUB, "CredentialArn": {"Fn::GetAtt": ["Secret", "Id"]}}}
    assert stacks.deploy(cloud, "registry", {"Secret": secret, "Hub": hub}) == "CREATE_COMPLETE"
    secrets = cloud.session.client(
        "secretsmanager", region_name=cloud.region, endpoint_url=cloud.endpoint,
        aws_access_key_id=cloud.account, aws_secret_access_key="any",
    )  # fmt: skip

    def said() -> tuple[bool, str]:
        answer = cloud.ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix="hub")
        assert answer["credentialArn"] == secrets.describe_secret(SecretId=name)["ARN"]
        return answer["isValid"], answer.get("failure", "")

    assert said() == (False, "The authentication to the upstream registry failed.")
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps({"username": "me", "password": "x"}))
    assert said() == (False, "The secret does not have the keys username and accessToken.")
    secrets.put_secret_value(SecretId=name, SecretString="no JSON")
    assert not said()[0]
    secrets.put_secret_value(SecretId=name, SecretString=json.dumps({"username": "me", "accessToken": "x"}))
    assert said() == (True, "")
    cloud.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="k8s", upstreamRegistryUrl="registry.k8s.io")
    assert cloud.ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix="k8s")["isValid"]
    with pytest.raises(ClientError, match="PullThroughCacheRuleNotFoundException"):
        cloud.ecr.validate_pull_through_cache_rule(ecrRepositoryPrefix="gone")


def test_the_calls_name_what_they_speak_of(cloud: Cloud) -> None:
    created = cloud.ecr.create_repository_creation_template(prefix="web", appliedFor=["REPLICATION"])
    assert created["registryId"] == cloud.account
    assert created["repositoryCreationTemplate"]["prefix"] == "web"

    updated = cloud.ecr.update_repository_creation_template(prefix="web", description="other")
    assert updated["repositoryCreationTemplate"]["appliedFor"] == ["REPLICATION"]
    assert updated["repositoryCreationTemplate"]["description"] == "other"
    assert [each["prefix"] for each in templates(cloud, prefixes=["web", "gone"])] == ["web"]

    deleted = cloud.ecr.delete_repository_creation_template(prefix="web")
    assert deleted["repositoryCreationTemplate"]["description"] == "other"
    assert templates(cloud) == []


def test_what_is_there_twice_or_not_at_all_is_refused(cloud: Cloud) -> None:
    rule: Any = {"ecrRepositoryPrefix": "k8s", "upstreamRegistryUrl": "registry.k8s.io"}
    cloud.ecr.create_pull_through_cache_rule(**rule)
    cloud.ecr.create_repository_creation_template(prefix="web", appliedFor=["REPLICATION"])

    with pytest.raises(ClientError, match="PullThroughCacheRuleAlreadyExistsException"):
        cloud.ecr.create_pull_through_cache_rule(**rule)
    with pytest.raises(ClientError, match="TemplateAlreadyExistsException"):
        cloud.ecr.create_repository_creation_template(prefix="web", appliedFor=["REPLICATION"])
    with pytest.raises(ClientError, match="PullThroughCacheRuleNotFoundException"):
        rules(cloud, ecrRepositoryPrefixes=["gone"])
    with pytest.raises(ClientError, match="PullThroughCacheRuleNotFoundException"):
        cloud.ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="gone")
    with pytest.raises(ClientError, match="TemplateNotFoundException"):
        cloud.ecr.update_repository_creation_template(prefix="gone")
