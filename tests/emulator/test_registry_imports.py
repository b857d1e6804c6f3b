"""What a registry has already comes into a stack as it is: settings, creation templates, pull-through cache rules."""

from typing import Any

import pytest

from tests.emulator import kinds, stacks
from tests.emulator.cloud import Cloud
from tests.emulator.kinds import Kind

RETAINED = {"DeletionPolicy": "RetainExceptOnCreate"}
TEMPLATE: Any = {"Type": "AWS::ECR::RepositoryCreationTemplate"}
RULE: Any = {"Type": "AWS::ECR::PullThroughCacheRule"}


@pytest.fixture(params=kinds.ALL, ids=lambda each: each.type)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


def adopt(cloud: Cloud, kind: Kind, value: str, registry: str | None = None) -> str:
    """What `cdk import` does, with a template that declares this value."""
    resources = {"Setting": kind.resource(value) | RETAINED}
    return stacks.import_resources(cloud, "registry", resources, {"Setting": {"RegistryId": registry or cloud.account}})


def test_an_import_leaves_the_setting_as_it_is(cloud: Cloud, kind: Kind) -> None:
    kind.put(cloud, "web/")

    assert adopt(cloud, kind, "shop/") == "IMPORT_COMPLETE"
    assert kind.live(cloud) == ["web/"]
    assert stacks.drift(cloud, "registry") == {"Setting": ("MODIFIED", {kind.path})}


def test_an_imported_setting_is_updated_by_the_next_change(cloud: Cloud, kind: Kind) -> None:
    kind.put(cloud, "web/")
    adopt(cloud, kind, "web/")

    assert stacks.deploy(cloud, "registry", kind.resources("shop/")) == "UPDATE_COMPLETE"
    assert kind.live(cloud) == ["shop/"]


def test_an_imported_setting_has_its_registry_id(cloud: Cloud, kind: Kind) -> None:
    kind.put(cloud, "web/")
    adopt(cloud, kind, "web/")
    tag = {"Key": "id", "Value": {"Fn::GetAtt": ["Setting", "RegistryId"]}}
    resources = {"Setting": kind.resource("web/") | RETAINED, "Copy": stacks.repository("web/api", Tags=[tag])}

    assert stacks.deploy(cloud, "registry", resources) == "UPDATE_COMPLETE"
    arn = f"arn:aws:ecr:{cloud.region}:{cloud.account}:repository/web/api"
    assert tag | {"Value": cloud.account} in cloud.ecr.list_tags_for_resource(resourceArn=arn)["tags"]


@pytest.mark.parametrize("kind", [kinds.REPLICATION, kinds.POLICY, kinds.SIGNING], ids=lambda each: each.type)
def test_a_setting_that_is_not_there_cannot_be_imported(cloud: Cloud, kind: Kind) -> None:
    message = f"Resource of type '{kind.type}' with identifier '{cloud.account}' was not found."
    assert adopt(cloud, kind, "web/") == message


def test_a_setting_of_another_registry_cannot_be_imported(cloud: Cloud, kind: Kind) -> None:
    kind.put(cloud, "web/")

    assert adopt(cloud, kind, "web/", "210987654321").endswith("'210987654321' was not found.")


def test_a_setting_is_not_imported_automatically_because_no_template_has_its_id(cloud: Cloud, kind: Kind) -> None:
    kind.put(cloud, "web/")
    resources = {"Setting": kind.resource("web/") | RETAINED}

    assert stacks.deploy(cloud, "registry", resources, import_existing=True) == "ROLLBACK_COMPLETE"
    assert stacks.failures(cloud, "registry") == [
        f"Resource of type '{kind.type}' with identifier '{cloud.account}' already exists."
    ]


def template(description: str) -> Any:
    properties = {"Prefix": "web", "AppliedFor": ["REPLICATION"], "Description": description}
    return {"Resource": TEMPLATE | RETAINED | {"Properties": properties}}


@pytest.mark.parametrize("way", ["manually", "automatically"])
def test_a_creation_template_comes_in_both_ways(cloud: Cloud, way: str) -> None:
    cloud.ecr.create_repository_creation_template(prefix="web", appliedFor=["REPLICATION"], description="live")

    if way == "manually":
        ended = stacks.import_resources(cloud, "registry", template("declared"), {"Resource": {"Prefix": "web"}})
        assert ended == "IMPORT_COMPLETE"
    else:
        ended = stacks.deploy(cloud, "registry", template("declared"), import_existing=True)
        assert ended == "CREATE_COMPLETE"

    (live,) = cloud.ecr.describe_repository_creation_templates()["repositoryCreationTemplates"]
    assert live["description"] == "live"
    assert stacks.drift(cloud, "registry") == {"Resource": ("MODIFIED", {"/Description"})}


@pytest.mark.parametrize("way", ["manually", "automatically"])
def test_a_pull_through_cache_rule_comes_in_both_ways(cloud: Cloud, way: str) -> None:
    cloud.ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="k8s", upstreamRegistryUrl="registry.k8s.io")
    properties = {"EcrRepositoryPrefix": "k8s", "UpstreamRegistryUrl": "registry.k8s.io"}
    resources = {"Resource": RULE | RETAINED | {"Properties": properties}}

    if way == "manually":
        identifiers = {"Resource": {"EcrRepositoryPrefix": "k8s"}}
        assert stacks.import_resources(cloud, "registry", resources, identifiers) == "IMPORT_COMPLETE"
    else:
        assert stacks.deploy(cloud, "registry", resources, import_existing=True) == "CREATE_COMPLETE"
    assert stacks.drift(cloud, "registry") == stacks.in_sync()


def test_a_creation_template_that_is_not_there_cannot_be_imported(cloud: Cloud) -> None:
    reason = stacks.import_resources(cloud, "registry", template("declared"), {"Resource": {"Prefix": "web"}})

    assert reason == "Resource of type 'AWS::ECR::RepositoryCreationTemplate' with identifier 'web' was not found."
