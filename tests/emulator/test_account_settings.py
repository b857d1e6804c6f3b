"""Account settings, and layers that are mounted from another repository."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.cloud import Cloud, digest_of
from tests.emulator.samples import KEY

DEFAULTS = {"BASIC_SCAN_TYPE_VERSION": "AWS_NATIVE", "REGISTRY_POLICY_SCOPE": "V2", "BLOB_MOUNTING": "DISABLED"}


@pytest.mark.parametrize(("name", "value"), DEFAULTS.items())
def test_an_untouched_account_has_the_defaults(cloud: Cloud, name: str, value: str) -> None:
    answer = cloud.ecr.get_account_setting(name=name)

    assert (answer["name"], answer["value"]) == (name, value)


def test_a_setting_is_kept_and_the_others_stay(cloud: Cloud) -> None:
    answer = cloud.ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")

    assert (answer["name"], answer["value"]) == ("BLOB_MOUNTING", "ENABLED")
    assert cloud.ecr.get_account_setting(name="BLOB_MOUNTING")["value"] == "ENABLED"
    assert cloud.ecr.get_account_setting(name="BASIC_SCAN_TYPE_VERSION")["value"] == "AWS_NATIVE"
    assert cloud.at("us-west-2").ecr.get_account_setting(name="BLOB_MOUNTING")["value"] == "DISABLED"


@pytest.mark.parametrize(
    ("name", "value"),
    [("BASIC_SCAN_TYPE_VERSION", "CLAIR"), ("REGISTRY_POLICY_SCOPE", "V1"), ("BLOB_MOUNTING", "on"), ("OTHER", "V2")],
)
def test_what_is_no_value_any_more_is_refused(cloud: Cloud, name: str, value: str) -> None:
    with pytest.raises(ClientError, match="InvalidParameterException"):
        cloud.ecr.put_account_setting(name=name, value=value)


def test_a_setting_that_does_not_exist_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="InvalidParameterException"):
        cloud.ecr.get_account_setting(name="OTHER")


def mount(cloud: Cloud, **target: Any) -> int:
    """Push a layer to one repository and ask another one to mount it; 201 where it is mounted, 202 where not."""
    layer = b"layer"
    cloud.ecr.create_repository(repositoryName="web/source")
    cloud.ecr.create_repository(repositoryName="web/target", **target)
    cloud.oci("POST", f"web/source/blobs/uploads/?digest={digest_of(layer)}", layer)
    asked = f"web/target/blobs/uploads/?mount={digest_of(layer)}&from=web/source"
    status: int = cloud.oci("POST", asked).status
    assert cloud.oci("HEAD", f"web/target/blobs/{digest_of(layer)}").status == (200 if status == 201 else 404)
    return status


def test_a_layer_is_not_mounted_until_it_is_enabled(cloud: Cloud) -> None:
    assert mount(cloud) == 202


def test_a_layer_is_mounted_where_it_is_enabled(cloud: Cloud) -> None:
    cloud.ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")

    assert mount(cloud) == 201


def test_a_layer_is_not_mounted_between_repositories_encrypted_otherwise(cloud: Cloud) -> None:
    cloud.ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")

    assert mount(cloud, encryptionConfiguration={"encryptionType": "KMS", "kmsKey": KEY}) == 202
