"""The policies for CloudFormation in AWS: made once, brought up to date, and never more versions than IAM keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.deploy import bootstrap
from registry import naming
from registry.access.cloudformation import execution_policies, execution_policy_arns
from registry.locations import Location
from tests.ops.stubs import ACCOUNT, Cloud, stubbed
from tests.synth import SMALL, declared

REGISTRY = declared(f"{SMALL}replicas: {{210987654321/us-west-2: }}\nrepositories: {{web/api: }}\n")
(ARN,) = execution_policy_arns(REGISTRY, ACCOUNT)
(DOCUMENT,) = execution_policies(REGISTRY, ACCOUNT)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        yield made


def version(number: int, *, default: bool = False) -> dict[str, Any]:
    return {"VersionId": f"v{number}", "IsDefaultVersion": default, "CreateDate": datetime(2026, 1, number, tzinfo=UTC)}


def exists(cloud: Cloud, versions: list[dict[str, Any]], document: dict[str, Any]) -> None:
    cloud.refuse("create_policy", "EntityAlreadyExists")
    cloud.expect("list_policy_versions", {"Versions": versions}, {"PolicyArn": ARN})
    default = next(each["VersionId"] for each in versions if each["IsDefaultVersion"])
    cloud.expect(
        "get_policy_version",
        {"PolicyVersion": {"VersionId": default, "Document": json.dumps(document)}},
        {"PolicyArn": ARN, "VersionId": default},
    )


def test_a_policy_that_is_not_there_is_made(cloud: Cloud) -> None:
    cloud.expect(
        "create_policy",
        {},
        {
            "PolicyName": "CloudFormation-acme-1",
            "Path": "/cdk-execution/",
            "PolicyDocument": json.dumps(DOCUMENT),
            "Description": "What CloudFormation may do for the registry acme; made by ecrctl bootstrap",
        },
    )
    assert bootstrap.put_policies(REGISTRY, ACCOUNT) == [ARN]


def test_a_policy_that_says_the_same_is_left_alone(cloud: Cloud) -> None:
    exists(cloud, [version(1, default=True)], DOCUMENT)
    bootstrap.put_policies(REGISTRY, ACCOUNT)


def test_another_one_gets_a_new_version_and_the_oldest_of_five_makes_room(cloud: Cloud) -> None:
    exists(cloud, [version(5, default=True), *(version(n) for n in (4, 2, 3, 1))], {"Version": "2012-10-17"})
    cloud.expect("delete_policy_version", {}, {"PolicyArn": ARN, "VersionId": "v1"})
    cloud.expect(
        "create_policy_version",
        {},
        {"PolicyArn": ARN, "PolicyDocument": json.dumps(DOCUMENT), "SetAsDefault": True},
    )
    bootstrap.put_policies(REGISTRY, ACCOUNT)


@pytest.mark.parametrize(
    ("account", "trust_home", "trusts"),
    [
        (ACCOUNT, True, []),
        ("210987654321", None, []),
        ("210987654321", True, ["--trust", ACCOUNT]),
        ("210987654321", False, ["--untrust", ACCOUNT]),
    ],
)
def test_the_cdk_is_called_for_a_bootstrap_of_the_registrys_own(
    account: str, trust_home: bool | None, trusts: list[str]
) -> None:
    targets = [Location(account, "us-west-2"), Location(account, "eu-west-1")]
    assert bootstrap.arguments(REGISTRY, targets, ["a", "b"], trust_home=trust_home) == [
        *("bootstrap", f"aws://{account}/us-west-2", f"aws://{account}/eu-west-1"),
        *("--qualifier", naming.bootstrap_qualifier("acme"), "--toolkit-stack-name", "CDKToolkit-acme"),
        *("--cloudformation-execution-policies", "a,b", *trusts),
    ]


def test_what_left_the_file_can_be_deleted_as_long_as_it_is_there(cloud: Cloud) -> None:
    left = [(Location(ACCOUNT, "eu-west-1"), "Registry"), (Location(ACCOUNT, "eu-west-3"), "Network-vpc-12345678")]
    by_sid = {
        statement["Sid"]: statement
        for document in execution_policies(REGISTRY, ACCOUNT, left)
        for statement in document["Statement"]
    }
    assert f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/*" in by_sid["Repositories"]["Resource"]
    assert by_sid["Endpoints"]["Resource"] == [f"arn:aws:ec2:eu-west-3:{ACCOUNT}:*"]
    assert "NewEndpoints" not in by_sid
    made = {"StackStatus": "CREATE_COMPLETE", "CreationTime": datetime(2026, 1, 1, tzinfo=UTC)}
    rows = [
        {**made, "StackName": f"{name}-Registry", "Tags": [{"Key": "ecr-registry", "Value": name}]}
        for name in ("acme", "acme-web")
    ]
    cloud.expect("describe_regions", {"Regions": [{"RegionName": "eu-west-1"}]})
    for region in ("eu-west-1", "ap-northeast-2"):
        cloud.expect("describe_stacks", {"Stacks": rows}, at=region)
    found = bootstrap.deployed_stacks(REGISTRY, ACCOUNT)
    assert sorted(found) == [
        (Location(ACCOUNT, "ap-northeast-2"), "Registry"), (Location(ACCOUNT, "eu-west-1"), "Registry")
    ]  # fmt: skip


def test_the_policies_are_printed_for_review_without_an_account(tmp_path: Any) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(f"{SMALL}replicas: {{210987654321/us-west-2: }}\nrepositories: {{web/api: }}\n")
    printed = CliRunner().invoke(app, ["bootstrap", "--print", "--registry", str(file), "--account", "210987654321"])
    assert json.loads(printed.stdout) == list(execution_policies(REGISTRY, "210987654321"))
    wrong = CliRunner().invoke(app, ["bootstrap", "--print", "--registry", str(file), "--account", "999999999999"])
    assert wrong.exit_code == 2
