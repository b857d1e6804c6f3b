"""ECR Public in the local AWS: a stack of it, what drift reads of it, and how that is put back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.drift.public import PUBLIC_REPOSITORY, PUBLIC_WRITER
from ops.drift.writer import Change
from registry.limits import PUBLIC_REGION
from registry.locations import Location
from registry.model import Registry
from tests.emulator import stacks
from tests.emulator.cloud import Cloud
from tests.synth import declared, synthesized

TEXT = """
registry: {{name: acme, account: "{account}", region: ap-northeast-2}}
principals: {{partner: {{role: "arn:aws:iam::210987654321:role/publisher"}}}}
repositories: {{web/api: }}
public_repositories:
  hello:
  tools/base:
    repository_description: What it is
    usage_text: pull it
    architectures: [x86-64, ARM 64]
    owner: platform
    push: [partner]
"""
NAME = "tools/base"


def client(cloud: Cloud) -> Any:
    return cloud.session.client(
        "ecr-public",
        region_name=cloud.region,
        endpoint_url=cloud.endpoint,
        aws_access_key_id=cloud.account,
        aws_secret_access_key="any",
    )


def deployed(cloud: Cloud, folder: Path) -> tuple[Registry, Cloud, dict[str, Any]]:
    registry = declared(TEXT.format(account=cloud.account))
    _, templates = synthesized(registry, folder)
    resources = templates[f"{cloud.account}/{PUBLIC_REGION}/PublicRepositories"]["Resources"]
    here = replace(cloud, region=PUBLIC_REGION)
    assert stacks.deploy(here, "acme-PublicRepositories", resources) == "CREATE_COMPLETE"
    return registry, here, resources


def read(registry: Registry, here: Cloud) -> dict[str, Any]:
    at = Location(here.account, PUBLIC_REGION)
    return {name: settings() for name, settings in PUBLIC_REPOSITORY.find(client(here), registry, at).items()}


def test_one_that_exists_comes_into_a_stack_as_it_is(cloud: Cloud, tmp_path: Path) -> None:
    registry = declared(TEXT.format(account=cloud.account))
    _, templates = synthesized(registry, tmp_path)
    resources = templates[f"{cloud.account}/{PUBLIC_REGION}/PublicRepositories"]["Resources"]
    here = replace(cloud, region=PUBLIC_REGION)
    chosen = {key: it for key, it in resources.items() if it["Properties"]["RepositoryName"] == NAME}
    identifiers = {key: {"RepositoryName": NAME} for key in chosen}
    assert "was not found" in stacks.import_resources(here, "acme-PublicRepositories", chosen, identifiers)
    shown = {"description": "by hand"}
    client(here).create_repository(repositoryName=NAME, catalogData=shown)
    stacks.delete(here, "acme-PublicRepositories")
    assert stacks.import_resources(here, "acme-PublicRepositories", chosen, identifiers) == "IMPORT_COMPLETE"
    assert client(here).get_repository_catalog_data(repositoryName=NAME)["catalogData"] == shown


def test_what_a_deploy_makes_is_what_the_file_says_and_what_a_hand_changes_is_put_back(
    cloud: Cloud, tmp_path: Path
) -> None:
    registry, here, resources = deployed(cloud, tmp_path)
    at = Location(here.account, PUBLIC_REGION)
    wanted = PUBLIC_REPOSITORY.declared(registry, at)
    assert read(registry, here) == wanted
    public = client(here)
    public.put_repository_catalog_data(repositoryName=NAME, catalogData={"aboutText": "by hand"})
    public.delete_repository_policy(repositoryName=NAME)
    public.untag_resource(resourceArn=f"arn:aws:ecr-public::{here.account}:repository/{NAME}", tagKeys=["owner"])
    live = read(registry, here)
    changed = {key for key, value in live[NAME].items() if value != wanted[NAME][key]}
    assert changed == {"description", "aboutText", "usageText", "architectures", "repositoryPolicy", "tags"}
    change = Change(
        registry=registry,
        service="ecr-public",
        region=PUBLIC_REGION,
        at=at,
        name=NAME,
        wanted=wanted[NAME],
        live=live[NAME],
        settings=frozenset(changed),
    )
    PUBLIC_WRITER.update(public, change)
    assert read(registry, here) == wanted
    public.delete_repository(repositoryName=NAME)
    PUBLIC_WRITER.create(public, replace(change, live=None))
    assert read(registry, here) == wanted
    # One that leaves the file stays, and stays public.
    assert stacks.deploy(here, "acme-PublicRepositories", {"hello": resources["hello"]}) == "UPDATE_COMPLETE"
    assert set(read(registry, here)) == {"hello", NAME}


def test_another_region_knows_neither_the_type_nor_the_service(cloud: Cloud) -> None:
    resource = {"Type": "AWS::ECR::PublicRepository", "Properties": {"RepositoryName": "hello"}}
    assert stacks.deploy(cloud, "elsewhere", {"hello": resource}) == "ROLLBACK_COMPLETE"
    assert any("Unrecognized resource types" in said for said in stacks.failures(cloud, "elsewhere"))
    with pytest.raises(ClientError, match="UnknownOperationException"):
        client(cloud).describe_repositories()


def test_a_name_is_taken_once_and_what_is_not_there_is_refused(cloud: Cloud) -> None:
    public = client(replace(cloud, region=PUBLIC_REGION))
    public.create_repository(repositoryName="hello")
    with pytest.raises(ClientError, match="RepositoryAlreadyExistsException"):
        public.create_repository(repositoryName="hello")
    with pytest.raises(ClientError, match="RepositoryNotFoundException"):
        public.get_repository_catalog_data(repositoryName="other")
    with pytest.raises(ClientError, match="RepositoryPolicyNotFoundException"):
        public.get_repository_policy(repositoryName="hello")
