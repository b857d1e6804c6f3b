"""What an import of repositories asks of AWS, in which order, and what it refuses before anything is prepared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ops.adopt import repositories
from ops.adopt.change_sets import CHANGE_SET, ImportRefused
from ops.aws import cloud as ops_cloud
from registry.errors import UnknownName
from registry.locations import Location
from registry.model import Registry
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, AskedAssembly, Cloud, assembling, row
from tests.ops.stubs import importing as importing_stubs
from tests.synth import SEED, SMALL, declared

STACK = "acme-Repositories-web"
KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
KMS = {"encryptionType": "KMS", "kmsKey": KEY}


@pytest.fixture
def assembly(monkeypatch: pytest.MonkeyPatch) -> AskedAssembly:
    made = AskedAssembly()
    assembling(monkeypatch, "ops.adopt.repositories", made)
    return made


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with importing_stubs(monkeypatch) as made:
        yield made


def registry(settings: str = "", rest: str = "") -> Registry:
    return declared(f"{SMALL}{rest}repositories: {{web/api: {{{settings}}}}}")


def stack(cloud: Cloud, status: str | None = "UPDATE_COMPLETE", *, at: str = HOME) -> None:
    if status is None:
        cloud.refuse("describe_stacks", "ValidationError", f"Stack with id {STACK} does not exist", at=at)
    else:
        answer = {"Stacks": [{"StackName": STACK, "StackStatus": status, "CreationTime": 0}]}
        cloud.expect("describe_stacks", answer, {"StackName": STACK}, at=at)


def owner(
    cloud: Cloud, name: str | None, *, kind: str = "AWS::ECR::Repository", status: str = "CREATE_COMPLETE"
) -> None:
    wanted = {"PhysicalResourceId": "web/api"}
    if name is None:
        cloud.refuse("describe_stack_resources", "ValidationError", "Stack for web/api does not exist")
        return
    resource = {**row(kind, status, "web/api"), "StackName": name, "Timestamp": 0}
    del resource["LastUpdatedTimestamp"]
    cloud.expect("describe_stack_resources", {"StackResources": [resource]}, wanted)


def imported(registry: Registry, *names: str, answer: bool = True) -> bool:
    return repositories.import_repositories(registry, names or ["web/api"], file=SEED, confirm=lambda question: answer)


def change_set(cloud: Cloud) -> None:
    change: dict[str, Any] = {"Action": "Import", "LogicalResourceId": "L", "PhysicalResourceId": "web/api"}
    wanted = {"StackName": STACK, "ChangeSetName": CHANGE_SET}
    cloud.expect("describe_change_set", {"Changes": [{"ResourceChange": change}]}, wanted)
    cloud.expect("execute_change_set", {}, wanted)
    stack(cloud, "IMPORT_COMPLETE")


def test_what_is_as_the_file_says_is_imported_and_compared_again(cloud: Cloud, assembly: AskedAssembly) -> None:
    cloud.caller()
    cloud.holds(STACK, "web/other")
    cloud.repository("web/api")
    stack(cloud)
    owner(cloud, None)
    change_set(cloud)
    cloud.repository("web/api")
    assert imported(registry())
    (asked,) = assembly.asked
    assert asked[:2] == ("deploy", f"{ACCOUNT}/{HOME}/Repositories-web")
    assert {"--import-existing-resources", "prepare-change-set"} <= set(asked)


def test_a_difference_is_refused_before_anything_is_prepared(cloud: Cloud, assembly: AskedAssembly) -> None:
    cloud.caller()
    cloud.no_stack(STACK)
    cloud.repository("web/api", imageTagMutability="MUTABLE")
    stack(cloud, None)
    owner(cloud, None)
    with pytest.raises(ImportRefused, match=rf"repository web/api in {HOME}: imageTagMutability") as refused:
        imported(registry())
    assert '        live: "MUTABLE"\n        file: "IMMUTABLE"' in str(refused.value)
    assert assembly.asked == []


def test_a_difference_that_appears_during_the_import_is_not_called_a_success(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    cloud.caller()
    cloud.no_stack(STACK)
    cloud.repository("web/api")
    stack(cloud, None)
    owner(cloud, None)
    change_set(cloud)
    cloud.repository("web/api", policy={"Version": "2012-10-17", "Statement": []})
    with pytest.raises(ImportRefused, match="repositoryPolicy"):
        imported(registry())


@pytest.mark.parametrize("arn", [KEY, f"{KEY[:-1]}3"])
def test_a_key_by_its_alias_is_compared_by_its_arn(cloud: Cloud, assembly: AskedAssembly, arn: str) -> None:
    cloud.caller()
    cloud.no_stack(STACK)
    cloud.repository("web/api", encryptionConfiguration=KMS)
    stack(cloud, None)
    owner(cloud, None)
    cloud.expect("describe_key", {"KeyMetadata": {"KeyId": "k", "Arn": arn}}, {"KeyId": "alias/ecr"})
    of = registry("encryption_type: KMS, kms_key: alias/ecr")
    if arn == KEY:
        assert not imported(of, answer=False)
    else:
        with pytest.raises(ImportRefused, match="kmsKey"):
            imported(of)
    assert assembly.asked == []


def test_a_repository_of_another_stack_is_named_with_the_way_to_hand_it_over(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    cloud.caller()
    cloud.no_stack(STACK)
    cloud.repository("web/api")
    stack(cloud, None)
    owner(cloud, "legacy-ecr")
    with pytest.raises(ImportRefused, match=f"web/api in {HOME} is in the stack legacy-ecr") as refused:
        imported(registry())
    assert "DeletionPolicy: Retain" in str(refused.value)
    assert assembly.asked == []


@pytest.mark.parametrize(
    ("kind", "status"), [("AWS::SSM::Parameter", "CREATE_COMPLETE"), ("AWS::ECR::Repository", "DELETE_COMPLETE")]
)
def test_what_another_stack_has_by_the_same_name_or_had_is_no_owner(
    cloud: Cloud, assembly: AskedAssembly, kind: str, status: str
) -> None:
    cloud.caller()
    cloud.no_stack(STACK)
    cloud.repository("web/api")
    stack(cloud, None)
    owner(cloud, "legacy", kind=kind, status=status)
    assert not imported(registry(), answer=False)


def test_a_stack_whose_first_deploy_failed_is_named_with_the_command_that_removes_it(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    cloud.caller()
    cloud.holds(STACK)
    cloud.repository("web/api")
    stack(cloud, "ROLLBACK_COMPLETE")
    with pytest.raises(ImportRefused, match=f"the first deploy of {STACK} in {HOME} failed") as refused:
        imported(registry())
    assert "ecrctl clear-failed" in str(refused.value)


def test_a_row_of_a_deleted_resource_is_not_held(cloud: Cloud, assembly: AskedAssembly) -> None:
    cloud.caller()
    cloud.holds(STACK, "web/api", status="DELETE_SKIPPED")
    cloud.repository("web/api")
    stack(cloud)
    owner(cloud, None)
    assert not imported(registry(), answer=False)


def test_what_its_stack_holds_and_what_does_not_exist_is_nothing_to_import(
    cloud: Cloud, assembly: AskedAssembly, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.caller()
    cloud.holds(STACK, "web/api")
    cloud.no_repository()
    of = declared(f"{SMALL}repositories: {{web/api: , web/new: }}")
    assert imported(of, "web/api", "web/new")
    assert "nothing to import" in capsys.readouterr().out


def test_a_name_that_the_file_does_not_declare_is_named_with_the_nearest(cloud: Cloud, assembly: AskedAssembly) -> None:
    with pytest.raises(UnknownName, match="did you mean web/api"):
        imported(registry(), "web/ap")


def test_replicas_come_before_the_home_and_only_those_of_the_credentials_account(cloud: Cloud) -> None:
    of = registry(rest=f"replicas: {{{REPLICA}: , 210987654321/{REPLICA}: }}\n")
    cloud.caller()
    assert ops_cloud.own_locations(of) == (Location(ACCOUNT, REPLICA), Location(ACCOUNT, HOME))
