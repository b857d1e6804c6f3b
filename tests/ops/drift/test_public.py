"""Drift of public repositories: another service, one region, and calls that are put in its own words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ops.aws import cloud as ops_cloud
from ops.drift import fix
from ops.drift.compare import State
from ops.drift.public import PUBLIC_REPOSITORY, find
from ops.drift.reading import ResourceKey
from ops.drift.repository_settings import Settings
from registry.limits import PUBLIC_REGION
from registry.locations import Location
from registry.model import Registry
from tests.ops.drift.fixing import as_declared, steps
from tests.ops.stubs import ACCOUNT, Cloud, stubbed
from tests.synth import SMALL, declared

AT = Location(ACCOUNT, PUBLIC_REGION)
NAME = "tools/base"
ARN = f"arn:aws:ecr-public::{ACCOUNT}:repository/{NAME}"
FILE = f"""{SMALL}
principals: {{partner: {{role: "arn:aws:iam::210987654321:role/publisher"}}}}
repositories: {{web/api: }}
public_repositories:
  {NAME}:
    repository_description: What it is
    usage_text: pull it
    operating_systems: [Linux]
    architectures: [x86-64, ARM 64]
    owner: platform
    push: [partner]
"""
THING = ResourceKey(AT, PUBLIC_REPOSITORY.noun, NAME)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        yield made


def registry() -> Registry:
    return declared(FILE)


def wanted() -> Settings:
    return as_declared(registry(), AT)[THING]


def row(name: str) -> dict[str, Any]:
    return {"repositoryName": name, "repositoryArn": ARN.replace(NAME, name)}


def answers(cloud: Cloud, catalog: dict[str, Any], policy: Any, tags: dict[str, str]) -> None:
    """What is asked of each public repository that is read."""
    stub = cloud.stub("ecr-public", PUBLIC_REGION)
    if policy is None:
        stub.add_client_error("get_repository_policy", "RepositoryPolicyNotFoundException")
    else:
        stub.add_response("get_repository_policy", {"policyText": json.dumps(policy)}, {"repositoryName": NAME})
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    stub.add_response("list_tags_for_resource", {"tags": listed}, {"resourceArn": ARN})
    stub.add_response("get_repository_catalog_data", {"catalogData": catalog}, {"repositoryName": NAME})


def read(cloud: Cloud) -> Settings | None:
    client = ops_cloud.client("ecr-public", PUBLIC_REGION)
    return find(client, registry(), AT)[NAME]()


def test_every_page_is_read_and_what_is_as_declared_is_the_same(cloud: Cloud) -> None:
    stub = cloud.stub("ecr-public", PUBLIC_REGION)
    stub.add_response(
        "describe_repositories", {"repositories": [row("x/y")], "nextToken": "more"}, {"maxResults": 1000}
    )
    stub.add_response("describe_repositories", {"repositories": [row(NAME)]}, {"maxResults": 1000, "nextToken": "more"})
    catalog = {
        "description": "What it is",
        "usageText": "pull it",
        "operatingSystems": ["Linux"],
        "architectures": ["x86-64", "ARM 64"],  # AWS keeps no order
        "logoUrl": "https://example.com/logo.png",
        "marketplaceCertified": False,
    }
    tags = {"owner": "platform", "ecr-registry": "acme", "aws:cloudformation:stack-name": "acme-PublicRepositories"}
    answers(cloud, catalog, wanted()["repositoryPolicy"], tags)
    logo = {"logoUrl": catalog["logoUrl"]}  # for `ecrctl adopt`: no file declares it, so nothing compares it
    assert read(cloud) == {**wanted(), **logo}


def test_what_was_never_given_is_nothing(cloud: Cloud) -> None:
    stub = cloud.stub("ecr-public", PUBLIC_REGION)
    stub.add_response("describe_repositories", {"repositories": [row(NAME)]})
    stub.add_client_error("get_repository_policy", "RepositoryPolicyNotFoundException")
    stub.add_response("list_tags_for_resource", {"tags": []})
    stub.add_client_error("get_repository_catalog_data", "RepositoryCatalogDataNotFoundException")
    nothing: Settings = {
        "description": None,
        "aboutText": None,
        "usageText": None,
        "operatingSystems": [],
        "architectures": [],
    }
    assert read(cloud) == {**nothing, "repositoryPolicy": None, "tags": {}}


def put_back(cloud: Cloud, live: Settings | None, *calls: tuple[str, dict[str, Any]]) -> None:
    found = {} if live is None else {THING: live}
    for operation, parameters in calls:
        cloud.stub("ecr-public", PUBLIC_REGION).add_response(operation, {}, parameters)
    planned = [step for step in steps(registry(), found, at=AT) if step.thing == THING]
    assert fix.put_back(planned, lambda step: True) == sum(len(step.rows) for step in planned)


def test_texts_and_badges_are_put_back_by_one_call(cloud: Cloud) -> None:
    catalog = {
        "description": "What it is",
        "usageText": "pull it",
        "operatingSystems": ["Linux"],
        "architectures": ["ARM 64", "x86-64"],
    }
    live = {**wanted(), "usageText": "by hand", "aboutText": "by hand", "architectures": []}
    put_back(cloud, live, ("put_repository_catalog_data", {"repositoryName": NAME, "catalogData": catalog}))


def test_tags_and_policy_are_put_back(cloud: Cloud) -> None:
    live = {**wanted(), "tags": {"owner": "x", "by": "hand"}, "repositoryPolicy": None}
    text = json.dumps(wanted()["repositoryPolicy"], separators=(",", ":"))
    put_back(
        cloud,
        live,
        ("set_repository_policy", {"repositoryName": NAME, "policyText": text}),
        ("untag_resource", {"resourceArn": ARN, "tagKeys": ["by"]}),
        ("tag_resource", {"resourceArn": ARN, "tags": [{"Key": "owner", "Value": "platform"}]}),
    )


def test_one_that_was_deleted_is_made_again_empty(cloud: Cloud) -> None:
    catalog = {key: value for key, value in wanted().items() if value and key not in ("repositoryPolicy", "tags")}
    tags = [{"Key": "owner", "Value": "platform"}, {"Key": "ecr-registry", "Value": "acme"}]
    text = json.dumps(wanted()["repositoryPolicy"], separators=(",", ":"))
    put_back(
        cloud,
        None,
        ("create_repository", {"repositoryName": NAME, "catalogData": catalog, "tags": tags}),
        ("set_repository_policy", {"repositoryName": NAME, "policyText": text}),
    )


def test_one_that_no_file_declares_is_worth_a_line() -> None:
    """It is public all the same."""
    other = THING._replace(name="by-hand")
    (step,) = (it for it in steps(registry(), as_declared(registry(), AT), others=(other,), at=AT) if it.thing == other)
    assert step.rows[0].state is State.UNDECLARED
