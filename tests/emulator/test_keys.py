"""KMS keys and aliases by CloudFormation, and repositories encrypted with them."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator import stacks
from tests.emulator.cloud import Cloud
from tests.emulator.samples import KEY, described

POLICY: Any = {"Version": "2012-10-17", "Statement": []}
IMAGES = "alias/images"


def key(**properties: Any) -> Any:
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": POLICY, "EnableKeyRotation": True} | properties}


def alias(name: str = IMAGES, target: Any = None) -> Any:
    properties = {"AliasName": name, "TargetKeyId": target or {"Ref": "Key"}}
    return {"Type": "AWS::KMS::Alias", "Properties": properties}


BOTH = {"Key": key(), "Alias": alias()}


def encrypted(kms_key: Any) -> Any:
    return stacks.repository("web/api", EncryptionConfiguration={"EncryptionType": "KMS", "KmsKey": kms_key})


def arn_of(cloud: Cloud, name: str = IMAGES) -> str:
    return str(cloud.kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"])


def test_a_key_is_created_with_its_policy_rotation_and_alias(cloud: Cloud) -> None:
    assert stacks.deploy(cloud, "keys", BOTH) == "CREATE_COMPLETE"

    arn = arn_of(cloud)
    assert arn.startswith(f"arn:aws:kms:{cloud.region}:{cloud.account}:key/")
    assert cloud.kms.get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"]
    assert json.loads(cloud.kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]) == POLICY


def test_a_key_changes_in_place_and_waits_for_its_deletion(cloud: Cloud) -> None:
    stacks.deploy(cloud, "keys", BOTH)
    arn = arn_of(cloud)

    assert stacks.deploy(cloud, "keys", BOTH | {"Key": key(EnableKeyRotation=False)}) == "UPDATE_COMPLETE"
    assert arn_of(cloud) == arn
    assert not cloud.kms.get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"]

    assert stacks.delete(cloud, "keys") == "DELETE_COMPLETE"
    assert cloud.kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    with pytest.raises(ClientError, match="NotFoundException"):
        arn_of(cloud)


def test_an_alias_that_is_taken_stays_with_its_key(cloud: Cloud) -> None:
    stacks.deploy(cloud, "keys", BOTH)
    arn = arn_of(cloud)

    assert stacks.deploy(cloud, "others", BOTH) == "ROLLBACK_COMPLETE"
    assert stacks.failures(cloud, "others") == [
        "Resource of type 'AWS::KMS::Alias' with identifier 'alias/images' already exists."
    ]
    assert arn_of(cloud) == arn


def test_an_alias_renamed_to_one_that_is_taken_is_refused(cloud: Cloud) -> None:
    stacks.deploy(cloud, "keys", BOTH)
    arn = arn_of(cloud)
    stacks.deploy(cloud, "others", {"Key": key(), "Alias": alias("alias/other")})

    assert stacks.deploy(cloud, "others", BOTH) == "UPDATE_ROLLBACK_COMPLETE"
    assert arn_of(cloud) == arn
    assert arn_of(cloud, "alias/other") != arn


@pytest.mark.parametrize("named_by", ["alias", "alias ARN", "id", "ARN"])
def test_a_repository_is_described_with_the_arn_of_its_key(cloud: Cloud, named_by: str) -> None:
    stacks.deploy(cloud, "keys", BOTH)
    arn = arn_of(cloud)
    names = {"alias": IMAGES, "alias ARN": arn.partition("key/")[0] + IMAGES, "id": arn.rpartition("/")[2], "ARN": arn}

    assert stacks.deploy(cloud, "web", {"Resource": encrypted(names[named_by])}) == "CREATE_COMPLETE"
    assert described(cloud)["encryptionConfiguration"] == {"encryptionType": "KMS", "kmsKey": arn}


def test_a_repository_and_its_key_come_in_one_stack(cloud: Cloud) -> None:
    resources = BOTH | {"Resource": encrypted({"Fn::GetAtt": ["Key", "Arn"]})}

    assert stacks.deploy(cloud, "web", resources) == "CREATE_COMPLETE"
    assert described(cloud)["encryptionConfiguration"]["kmsKey"] == arn_of(cloud)
    assert stacks.drift(cloud, "web")["Resource"] == ("IN_SYNC", set())


def test_an_alias_of_another_region_is_refused(cloud: Cloud) -> None:
    stacks.deploy(cloud.at("us-west-2"), "keys", BOTH)

    assert stacks.deploy(cloud, "web", {"Resource": encrypted(IMAGES)}) == "ROLLBACK_COMPLETE"
    assert stacks.failures(cloud, "web") == ["The KMS key 'alias/images' does not exist in this region"]


def test_an_alias_that_does_not_exist_is_refused_and_an_arn_is_taken_as_it_is(cloud: Cloud) -> None:
    def create(name: str, kms_key: str) -> Any:
        encryption: Any = {"encryptionType": "KMS", "kmsKey": kms_key}
        return cloud.ecr.create_repository(repositoryName=name, encryptionConfiguration=encryption)

    with pytest.raises(ClientError, match="KmsException"):
        create("web/api", IMAGES)
    assert create("web/api", KEY)["repository"]["encryptionConfiguration"]["kmsKey"] == KEY


def test_a_template_that_names_its_key_by_alias_has_drifted_as_it_has_at_aws(cloud: Cloud) -> None:
    # https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2530
    stacks.deploy(cloud, "keys", BOTH)
    stacks.deploy(cloud, "web", {"Resource": encrypted(IMAGES)})

    assert stacks.drift(cloud, "web") == {"Resource": ("MODIFIED", {"/EncryptionConfiguration/KmsKey"})}
