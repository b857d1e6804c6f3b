"""The registry-wide CloudFormation types: one each per registry, and AWS's default when they go."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.emulator import stacks
from tests.emulator.cloud import Cloud

SCANNING = "AWS::ECR::RegistryScanningConfiguration"
REPLICATION = "AWS::ECR::ReplicationConfiguration"


def scanning(name_filter: str) -> Any:
    repository_filter = {"Filter": name_filter, "FilterType": "WILDCARD"}
    rule = {"ScanFrequency": "SCAN_ON_PUSH", "RepositoryFilters": [repository_filter]}
    return {"ScanType": "BASIC", "Rules": [rule]}


def replication(name_filter: str) -> Any:
    rule = {
        "Destinations": [{"Region": "us-west-2", "RegistryId": "123456789012"}],
        "RepositoryFilters": [{"Filter": name_filter, "FilterType": "PREFIX_MATCH"}],
    }
    return {"ReplicationConfiguration": {"Rules": [rule]}}


def live_scanning(cloud: Cloud) -> Any:
    return cloud.ecr.get_registry_scanning_configuration()["scanningConfiguration"]["rules"]


def live_replication(cloud: Cloud) -> Any:
    return cloud.ecr.describe_registry()["replicationConfiguration"]["rules"]


def put_scanning(cloud: Cloud, rules: Any) -> None:
    cloud.ecr.put_registry_scanning_configuration(scanType="BASIC", rules=rules)


def put_replication(cloud: Cloud, rules: Any) -> None:
    cloud.ecr.put_replication_configuration(replicationConfiguration={"rules": rules})


@dataclass(frozen=True)
class Kind:
    """One of the two types: its properties with a filter, and its rules as ECR's API has them."""

    type: str
    properties: Callable[[str], Any]
    rules: Callable[[Cloud], Any]
    put: Callable[[Cloud, Any], None]

    def resources(self, name_filter: str) -> dict[str, Any]:
        return {"Setting": {"Type": self.type, "Properties": self.properties(name_filter)}}

    def filters(self, cloud: Cloud) -> list[str]:
        return [each["filter"] for rule in self.rules(cloud) for each in rule["repositoryFilters"]]


@pytest.fixture(params=[SCANNING, REPLICATION])
def kind(request: pytest.FixtureRequest) -> Kind:
    if request.param == SCANNING:
        return Kind(SCANNING, scanning, live_scanning, put_scanning)
    return Kind(REPLICATION, replication, live_replication, put_replication)


def test_a_setting_is_created_updated_and_reset(cloud: Cloud, kind: Kind) -> None:
    assert stacks.deploy(cloud, "registry", kind.resources("web/")) == "CREATE_COMPLETE"
    assert kind.filters(cloud) == ["web/"]

    assert stacks.deploy(cloud, "registry", kind.resources("shop/")) == "UPDATE_COMPLETE"
    assert kind.filters(cloud) == ["shop/"]

    assert stacks.delete(cloud, "registry") == "DELETE_COMPLETE"
    assert kind.rules(cloud) == []


def test_ref_and_the_registry_id_are_the_account(cloud: Cloud, kind: Kind) -> None:
    copy = stacks.repository(
        "web/api",
        Tags=[
            {"Key": "ref", "Value": {"Ref": "Setting"}},
            {"Key": "id", "Value": {"Fn::GetAtt": ["Setting", "RegistryId"]}},
        ],
    )
    stacks.deploy(cloud, "registry", kind.resources("web/") | {"Copy": copy})

    arn = f"arn:aws:ecr:{cloud.region}:{cloud.account}:repository/web/api"
    tags = {each["Key"]: each["Value"] for each in cloud.ecr.list_tags_for_resource(resourceArn=arn)["tags"]}
    assert tags["ref"] == tags["id"] == cloud.account


def test_a_setting_that_is_there_already_is_not_taken_over(cloud: Cloud, kind: Kind) -> None:
    stacks.deploy(cloud, "first", kind.resources("web/"))

    assert stacks.deploy(cloud, "second", kind.resources("shop/")) == "ROLLBACK_COMPLETE"
    assert stacks.failures(cloud, "second") == [
        f"Resource of type '{kind.type}' with identifier '{cloud.account}' already exists."
    ]
    assert kind.filters(cloud) == ["web/"]


def test_a_setting_made_by_hand_is_not_taken_over(cloud: Cloud, kind: Kind) -> None:
    stacks.deploy(cloud, "first", kind.resources("web/"))
    by_hand = kind.rules(cloud)
    stacks.delete(cloud, "first")
    kind.put(cloud, by_hand)

    assert stacks.deploy(cloud, "second", kind.resources("shop/")) == "ROLLBACK_COMPLETE"
    assert kind.rules(cloud) == by_hand


def test_a_failed_update_puts_the_old_value_back(cloud: Cloud, kind: Kind) -> None:
    cloud.ecr.create_repository(repositoryName="taken")
    stacks.deploy(cloud, "registry", kind.resources("web/"))

    failing = stacks.repository("taken") | {"DependsOn": "Setting"}
    ended = stacks.deploy(cloud, "registry", kind.resources("shop/") | {"Failing": failing})

    assert ended == "UPDATE_ROLLBACK_COMPLETE"
    assert kind.filters(cloud) == ["web/"]


def test_a_failed_create_resets_what_it_had_set(cloud: Cloud, kind: Kind) -> None:
    cloud.ecr.create_repository(repositoryName="taken")

    failing = stacks.repository("taken") | {"DependsOn": "Setting"}
    ended = stacks.deploy(cloud, "registry", kind.resources("web/") | {"Failing": failing})

    assert ended == "ROLLBACK_COMPLETE"
    assert kind.rules(cloud) == []


def test_what_was_deployed_has_not_drifted(cloud: Cloud, kind: Kind) -> None:
    stacks.deploy(cloud, "registry", kind.resources("web/"))

    assert stacks.drift(cloud, "registry") == {"Setting": ("IN_SYNC", set())}


def test_a_value_changed_by_hand_has_drifted(cloud: Cloud, kind: Kind) -> None:
    stacks.deploy(cloud, "registry", kind.resources("web/"))
    rules = kind.rules(cloud)
    rules[0]["repositoryFilters"][0]["filter"] = "shop/"
    kind.put(cloud, rules)

    status, paths = stacks.drift(cloud, "registry")["Setting"]
    assert status == "MODIFIED"
    assert [path.removeprefix("/ReplicationConfiguration") for path in paths] == ["/Rules/0/RepositoryFilters/0/Filter"]


def test_scanning_reset_by_hand_is_modified_and_can_be_updated(cloud: Cloud) -> None:
    stacks.deploy(cloud, "registry", {"Setting": {"Type": SCANNING, "Properties": scanning("web/")}})
    put_scanning(cloud, [])

    assert stacks.drift(cloud, "registry") == {"Setting": ("MODIFIED", {"/Rules/0"})}

    again = {"Setting": {"Type": SCANNING, "Properties": scanning("shop/")}}
    assert stacks.deploy(cloud, "registry", again) == "UPDATE_COMPLETE"


def test_a_replication_without_rules_counts_as_deleted_and_cannot_be_updated(cloud: Cloud) -> None:
    stacks.deploy(cloud, "registry", {"Setting": {"Type": REPLICATION, "Properties": replication("web/")}})
    put_replication(cloud, [])

    assert stacks.drift(cloud, "registry") == {"Setting": ("DELETED", set())}

    again = {"Setting": {"Type": REPLICATION, "Properties": replication("shop/")}}
    assert stacks.deploy(cloud, "registry", again) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.failures(cloud, "registry") == [
        f"Resource of type '{REPLICATION}' with identifier '{cloud.account}' was not found."
    ]


def test_a_change_of_either_setting_replaces_nothing(cloud: Cloud, kind: Kind) -> None:
    stacks.deploy(cloud, "registry", kind.resources("web/"))

    (change,) = stacks.planned(cloud, "registry", kind.resources("shop/"))
    assert change["Replacement"] == "False"
