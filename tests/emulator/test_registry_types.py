"""The CloudFormation types of what a registry has once, and AWS's default when they go."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.emulator import kinds, stacks
from tests.emulator.cloud import Cloud
from tests.emulator.kinds import Kind


@pytest.fixture(params=kinds.ALL, ids=lambda each: each.type)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


def test_a_setting_is_created_updated_and_reset(cloud: Cloud, kind: Kind) -> None:
    assert stacks.deploy(cloud, "registry", kind.resources("web/")) == "CREATE_COMPLETE"
    assert kind.live(cloud) == ["web/"]

    assert stacks.deploy(cloud, "registry", kind.resources("shop/")) == "UPDATE_COMPLETE"
    assert kind.live(cloud) == ["shop/"]

    assert stacks.delete(cloud, "registry") == "DELETE_COMPLETE"
    assert kind.live(cloud) == []


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
    assert kind.live(cloud) == ["web/"]


def test_a_setting_made_by_hand_is_not_taken_over(cloud: Cloud, kind: Kind) -> None:
    kind.put(cloud, "web/")

    assert stacks.deploy(cloud, "second", kind.resources("shop/")) == "ROLLBACK_COMPLETE"
    assert kind.live(cloud) == ["web/"]


def test_a_failed_update_puts_the_old_value_back(cloud: Cloud, kind: Kind) -> None:
    cloud.ecr.create_repository(repositoryName="taken")
    stacks.deploy(cloud, "registry", kind.resources("web/"))

    failing = stacks.repository("taken") | {"DependsOn": "Setting"}
    ended = stacks.deploy(cloud, "registry", kind.resources("shop/") | {"Failing": failing})

    assert ended == "UPDATE_ROLLBACK_COMPLETE"
    assert kind.live(cloud) == ["web/"]


def test_a_failed_create_resets_what_it_had_set(cloud: Cloud, kind: Kind) -> None:
    cloud.ecr.create_repository(repositoryName="taken")

    failing = stacks.repository("taken") | {"DependsOn": "Setting"}
    ended = stacks.deploy(cloud, "registry", kind.resources("web/") | {"Failing": failing})

    assert ended == "ROLLBACK_COMPLETE"
    assert kind.live(cloud) == []


def test_what_was_deployed_has_not_drifted(cloud: Cloud, kind: Kind) -> None:
    stacks.deploy(cloud, "registry", kind.resources("web/"))

    assert stacks.drift(cloud, "registry") == {"Setting": ("IN_SYNC", set())}


def test_a_value_changed_by_hand_has_drifted(cloud: Cloud, kind: Kind) -> None:
    stacks.deploy(cloud, "registry", kind.resources("web/"))
    kind.put(cloud, "shop/")

    assert stacks.drift(cloud, "registry") == {"Setting": ("MODIFIED", {kind.path})}


def test_scanning_reset_by_hand_is_modified_and_can_be_updated(cloud: Cloud) -> None:
    stacks.deploy(cloud, "registry", kinds.SCANNING.resources("web/"))
    cloud.ecr.put_registry_scanning_configuration(scanType="BASIC", rules=[])

    assert stacks.drift(cloud, "registry") == {"Setting": ("MODIFIED", {"/Rules/0"})}
    assert stacks.deploy(cloud, "registry", kinds.SCANNING.resources("shop/")) == "UPDATE_COMPLETE"


REMOVALS = {
    kinds.REPLICATION: lambda cloud: cloud.ecr.put_replication_configuration(replicationConfiguration={"rules": []}),
    kinds.POLICY: lambda cloud: cloud.ecr.delete_registry_policy(),
    kinds.SIGNING: lambda cloud: cloud.ecr.delete_signing_configuration(),
}


@pytest.mark.parametrize("kind", REMOVALS, ids=lambda each: each.type)
def test_what_was_taken_away_by_hand_counts_as_deleted_and_cannot_be_updated(cloud: Cloud, kind: Kind) -> None:
    stacks.deploy(cloud, "registry", kind.resources("web/"))
    REMOVALS[kind](cloud)

    assert stacks.drift(cloud, "registry") == {"Setting": ("DELETED", set())}
    assert stacks.deploy(cloud, "registry", kind.resources("shop/")) == "UPDATE_ROLLBACK_COMPLETE"
    assert stacks.failures(cloud, "registry") == [
        f"Resource of type '{kind.type}' with identifier '{cloud.account}' was not found."
    ]


@pytest.mark.parametrize("kind", REMOVALS, ids=lambda each: each.type)
def test_the_stack_of_what_was_taken_away_by_hand_can_be_deleted(cloud: Cloud, kind: Kind) -> None:
    stacks.deploy(cloud, "registry", kind.resources("web/"))
    REMOVALS[kind](cloud)

    assert stacks.delete(cloud, "registry") == "DELETE_COMPLETE"


def test_a_change_of_a_setting_replaces_nothing(cloud: Cloud, kind: Kind) -> None:
    stacks.deploy(cloud, "registry", kind.resources("web/"))

    (change,) = stacks.planned(cloud, "registry", kind.resources("shop/"))
    assert change["Replacement"] == "False"


def test_a_policy_in_a_template_may_be_an_object_or_its_text(cloud: Cloud) -> None:
    text = json.dumps(kinds.policy("web/*"))
    as_text = {"Setting": {"Type": kinds.POLICY.type, "Properties": {"PolicyText": text}}}

    assert stacks.deploy(cloud, "registry", as_text) == "CREATE_COMPLETE"
    assert cloud.ecr.get_registry_policy()["policyText"] == text


def test_a_policy_that_is_no_policy_is_refused(cloud: Cloud) -> None:
    for text in ("nothing", "[]"):
        with pytest.raises(ClientError, match="Invalid registry policy provided"):
            cloud.ecr.put_registry_policy(policyText=text)
    assert kinds.POLICY.live(cloud) == []


@pytest.mark.parametrize("kind", [kinds.POLICY, kinds.SIGNING], ids=lambda each: each.type)
def test_a_setting_belongs_to_one_region(cloud: Cloud, kind: Kind) -> None:
    kind.put(cloud, "web/*")

    assert kind.live(cloud) == ["web/*"]
    assert kind.live(cloud.at("us-west-2")) == []


@pytest.mark.parametrize("delete", ["delete_registry_policy", "delete_signing_configuration"])
def test_what_is_not_there_cannot_be_deleted(cloud: Cloud, delete: str) -> None:
    with pytest.raises(ClientError, match="NotFoundException"):
        getattr(cloud.ecr, delete)()
