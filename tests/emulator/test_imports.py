"""A repository that exists comes into a stack as it is."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator import stacks
from tests.emulator.cloud import Cloud

NAME = "web/api"
DECLARED: Any = {"ImageTagMutability": "IMMUTABLE", "Tags": [{"Key": "team", "Value": "web"}]}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})
OTHER = {"Other": stacks.repository("web/other")}


@pytest.fixture
def live(cloud: Cloud) -> Cloud:
    """An account with a mutable, tagged repository that holds an image and has a policy."""
    cloud.ecr.create_repository(repositoryName=NAME, tags=[{"Key": "team", "Value": "old"}])
    cloud.ecr.set_repository_policy(repositoryName=NAME, policyText=POLICY)
    cloud.put_image(NAME, "one", "v1")
    return cloud


def tags(cloud: Cloud) -> dict[str, str]:
    arn = f"arn:aws:ecr:{cloud.region}:{cloud.account}:repository/{NAME}"
    found = cloud.ecr.list_tags_for_resource(resourceArn=arn)["tags"]
    return {each["Key"]: each["Value"] for each in found}


def manually(cloud: Cloud, resources: stacks.Resources) -> str:
    """What `cdk import` does."""
    return stacks.import_repositories(cloud, "web", resources, {"Resource": NAME})


def automatically(cloud: Cloud, resources: stacks.Resources) -> str:
    """What `cdk deploy --import-existing-resources` does."""
    return stacks.deploy(cloud, "web", resources, import_existing=True)


@pytest.fixture(params=[manually, automatically])
def imported(request: pytest.FixtureRequest, live: Cloud) -> Cloud:
    """The account after an import in one of the two ways, with a template that differs from what is live."""
    ended = request.param(live, {"Resource": stacks.repository(NAME, **DECLARED)})
    assert ended in ("IMPORT_COMPLETE", "CREATE_COMPLETE")
    return live


def test_an_import_leaves_every_live_setting_as_it_is(imported: Cloud) -> None:
    (repository,) = imported.ecr.describe_repositories(repositoryNames=[NAME])["repositories"]

    assert repository["imageTagMutability"] == "MUTABLE"
    assert tags(imported)["team"] == "old"
    assert imported.ecr.get_repository_policy(repositoryName=NAME)["policyText"] == POLICY
    assert list(imported.tags(NAME).values()) == [{"v1"}]


def test_only_drift_detection_tells_what_the_template_would_have(imported: Cloud) -> None:
    resources = {"Resource": stacks.repository(NAME, **DECLARED)}
    assert stacks.deploy(imported, "web", resources).startswith("The submitted information didn't contain")

    drifted = {"/ImageTagMutability", "/Tags/0/Value"}
    assert stacks.drift(imported, "web") == {"Resource": ("MODIFIED", drifted)}


def test_an_imported_repository_is_updated_by_the_next_change(imported: Cloud) -> None:
    changed = stacks.repository(NAME, **DECLARED, ImageScanningConfiguration={"ScanOnPush": True})

    assert stacks.deploy(imported, "web", {"Resource": changed}) == "UPDATE_COMPLETE"

    (repository,) = imported.ecr.describe_repositories(repositoryNames=[NAME])["repositories"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}


def test_an_imported_repository_has_its_attributes(live: Cloud) -> None:
    uri = {"Key": "uri", "Value": {"Fn::GetAtt": ["Resource", "RepositoryUri"]}}
    arn = {"Key": "arn", "Value": {"Fn::GetAtt": ["Resource", "Arn"]}}
    copy = stacks.repository("web/copy", Tags=[uri, arn])
    automatically(live, {"Resource": stacks.repository(NAME), "Copy": copy})

    own = f"arn:aws:ecr:{live.region}:{live.account}:repository/web/"
    tagged = live.ecr.list_tags_for_resource(resourceArn=f"{own}copy")["tags"]
    found = {each["Key"]: each["Value"] for each in tagged}
    assert found["arn"] == f"{own}api"
    assert found["uri"] == f"{live.account}.dkr.ecr.{live.region}.amazonaws.com/web/api"


@pytest.mark.parametrize("way", ["manually", "automatically"])
def test_the_tags_of_the_stack_come_with_the_import(live: Cloud, way: str) -> None:
    stacks.deploy(live, "web", OTHER, tags={"registry": "acme"})
    adopting = OTHER | {"Resource": stacks.repository(NAME)}

    if way == "manually":
        assert manually(live, adopting) == "IMPORT_COMPLETE"
    else:
        ended = stacks.deploy(live, "web", adopting, import_existing=True, tags={"registry": "acme"})
        assert ended == "UPDATE_COMPLETE"

    assert tags(live)["registry"] == "acme"
    assert tags(live)["aws:cloudformation:logical-id"] == "Resource"
    assert tags(live)["team"] == "old"
    assert stacks.drift(live, "web")["Other"] == ("IN_SYNC", set())


def test_a_repository_imported_exactly_as_it_is_has_not_drifted(live: Cloud) -> None:
    as_it_is = stacks.repository(
        NAME,
        ImageTagMutability="MUTABLE",
        RepositoryPolicyText=json.loads(POLICY),
        Tags=[{"Key": "team", "Value": "old"}],
    )
    stacks.deploy(live, "web", {"Resource": as_it_is}, import_existing=True, tags={"registry": "acme"})

    assert stacks.drift(live, "web") == stacks.in_sync()


def test_a_change_set_says_what_it_imports(live: Cloud) -> None:
    resources = OTHER | {"Resource": stacks.repository(NAME)}
    changes = stacks.planned(live, "web", resources, import_existing=True)

    found = {change["LogicalResourceId"]: change["Action"] for change in changes}
    assert found == {"Resource": "Import", "Other": "Add"}


def test_a_repository_that_does_not_exist_cannot_be_imported(cloud: Cloud) -> None:
    reason = manually(cloud, {"Resource": stacks.repository(NAME)})

    assert reason == "Resource of type 'AWS::ECR::Repository' with identifier 'web/api' was not found."


def test_a_repository_without_retention_cannot_be_imported_automatically(live: Cloud) -> None:
    reason = automatically(live, {"Resource": stacks.repository(NAME) | {"DeletionPolicy": "Delete"}})

    assert "must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate'" in reason
    assert "Resource ({RepositoryName=web/api})" in reason


def test_a_repository_of_another_stack_cannot_be_imported(live: Cloud) -> None:
    stacks.deploy(live, "owner", {"Resource": stacks.repository(NAME)}, import_existing=True)

    assert "web/api already exists in stack" in manually(live, {"Resource": stacks.repository(NAME)})


def test_an_import_identifies_a_repository_by_its_name(live: Cloud) -> None:
    with pytest.raises(ClientError, match=r"Expected \[RepositoryName\]"):
        live.cloudformation.create_change_set(
            StackName="web",
            ChangeSetName="import",
            ChangeSetType="IMPORT",
            TemplateBody=json.dumps({"Resources": {"Resource": stacks.repository(NAME)}}),
            ResourcesToImport=[
                {
                    "ResourceType": "AWS::ECR::Repository",
                    "LogicalResourceId": "Resource",
                    "ResourceIdentifier": {"Arn": NAME},
                }
            ],
        )


def test_a_failed_deploy_releases_what_it_had_imported(live: Cloud) -> None:
    refused = stacks.repository("UPPER") | {"DependsOn": "Resource"}
    resources = {"Resource": stacks.repository(NAME), "Refused": refused}

    ended = stacks.deploy(live, "web", resources, import_existing=True, tags={"registry": "acme"})

    assert ended == "ROLLBACK_COMPLETE"
    assert list(live.tags(NAME).values()) == [{"v1"}]
    assert tags(live) == {"team": "old"}
