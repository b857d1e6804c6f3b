"""An import of repositories by name: all of them or nothing."""

from __future__ import annotations

import pytest

from ops.adopt.change_sets import ImportRefused
from ops.adopt.run import refuse_unknown, refuse_unprepared
from ops.aws import cloud as ops_cloud
from registry.errors import ExitCode, UnknownName
from registry.locations import Location
from tests.ops.adopt.importing import (
    BOTH,
    KEY,
    KMS,
    LAMBDA,
    MUTABLE,
    SAME,
    STACK,
    UI,
    Person,
    executed,
    imported,
    looked,
    never,
    owner,
    registry,
    stacks,
)
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, AskedAssembly, Cloud


def test_what_is_as_the_file_says_is_imported_and_compared_again(cloud: Cloud, assembly: AskedAssembly) -> None:
    looked(cloud, BOTH, held=UI)
    executed(cloud, "webSapi")
    cloud.repositories(BOTH, read=["web/api"])
    person = Person(answer=True)
    assert imported(registry(), "web/api", confirm=person).exit_code is ExitCode.FINE
    assert person.asked == ["Import 1 repository?"]
    (asked,) = assembly.asked
    assert asked[:2] == ("import", f"{ACCOUNT}/{HOME}/Repositories-web")
    assert {"--no-execute", "--force"} <= set(asked)
    assert assembly.mapped == [{"webSapi": {"RepositoryName": "web/api"}}]


def test_only_what_is_named_is_read_and_imported(cloud: Cloud, assembly: AskedAssembly) -> None:
    looked(cloud, {"web/api": MUTABLE, "web/ui": SAME}, only=["web/ui"])
    executed(cloud, "webSui")
    cloud.repositories(BOTH, read=["web/ui"])
    assert imported(registry(), "web/ui").exit_code is ExitCode.FINE


def test_a_difference_of_a_named_one_is_refused_before_anything_is_prepared(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    looked(cloud, {"web/api": MUTABLE})
    with pytest.raises(ImportRefused, match=rf"repository web/api in {HOME}: imageTagMutability") as refused:
        imported(registry(), "web/api", confirm=never)
    assert '        live: "MUTABLE"\n        file: "IMMUTABLE"' in str(refused.value)
    assert "way out: write it into the file as it is live" in str(refused.value)
    assert assembly.asked == []


def test_a_difference_that_appears_during_the_import_is_not_called_a_success(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    looked(cloud, {"web/api": SAME})
    executed(cloud, "webSapi")
    cloud.repositories({"web/api": {"policy": LAMBDA}}, read=["web/api"])
    with pytest.raises(ImportRefused, match="repositoryPolicy"):
        imported(registry(), "web/api")


def test_that_cloudformation_cannot_be_asked_during_the_import_is_no_answer(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    looked(cloud, {"web/api": SAME})
    cloud.refuse("describe_change_set", "ThrottlingException", "Rate exceeded")
    with pytest.raises(ImportRefused, match="AWS refused DescribeChangeSet: Rate exceeded") as refused:
        imported(registry(), "web/api")
    assert refused.value.exit_code is ExitCode.UNKNOWN


@pytest.mark.parametrize("arn", [KEY, f"{KEY[:-1]}3"])
def test_a_key_by_its_alias_is_compared_by_its_arn(cloud: Cloud, assembly: AskedAssembly, arn: str) -> None:
    looked(cloud, {"web/api": {"encryptionConfiguration": KMS}})
    cloud.expect("describe_key", {"KeyMetadata": {"KeyId": "k", "Arn": arn}}, {"KeyId": "alias/ecr"})
    of = registry("web/api: {encryption_type: KMS, kms_key: alias/ecr}")
    if arn == KEY:
        assert imported(of, "web/api", confirm=Person(answer=False)).imported == ()
    else:
        with pytest.raises(ImportRefused, match="kmsKey"):
            imported(of, "web/api", confirm=never)
    assert assembly.asked == []


def test_a_key_where_the_one_of_ecr_was_never_made_is_another(cloud: Cloud, assembly: AskedAssembly) -> None:
    looked(cloud, {"web/api": {"encryptionConfiguration": KMS}})
    cloud.refuse("describe_key", "NotFoundException")
    with pytest.raises(ImportRefused, match="kmsKey") as refused:
        imported(registry("web/api: {encryption_type: KMS}"), "web/api", confirm=never)
    assert f'live: "{KEY}"\n        file: null' in str(refused.value)
    assert assembly.asked == []


def test_a_key_that_nobody_may_look_up_is_a_note(
    cloud: Cloud, assembly: AskedAssembly, capsys: pytest.CaptureFixture[str]
) -> None:
    looked(cloud, {"web/api": {"encryptionConfiguration": KMS}})
    cloud.refuse("describe_key", "AccessDeniedException")
    of = registry("web/api: {encryption_type: KMS, kms_key: alias/ecr}")
    assert imported(of, "web/api", confirm=Person(answer=False)).left == ()
    assert "its KMS key is not compared" in capsys.readouterr().err


def test_a_named_one_of_another_stack_is_refused_with_the_way_to_hand_it_over(
    cloud: Cloud, assembly: AskedAssembly
) -> None:
    looked(cloud, {"web/api": SAME}, owners={"web/api": "legacy-ecr"})
    with pytest.raises(ImportRefused, match=f"web/api in {HOME} is in the stack legacy-ecr") as refused:
        imported(registry(), "web/api", confirm=never)
    assert "DeletionPolicy: Retain" in str(refused.value)
    assert assembly.asked == []


@pytest.mark.parametrize(
    ("kind", "status"), [("AWS::SSM::Parameter", "CREATE_COMPLETE"), ("AWS::ECR::Repository", "DELETE_COMPLETE")]
)
def test_what_another_stack_has_by_the_same_name_or_had_is_no_owner(
    cloud: Cloud, assembly: AskedAssembly, kind: str, status: str
) -> None:
    cloud.caller()
    stacks(cloud, {})
    cloud.repositories({"web/api": SAME}, read=["web/api"])
    owner(cloud, "web/api", "legacy", kind=kind, status=status)
    person = Person(answer=False)
    imported(registry(), "web/api", confirm=person)
    assert person.asked == ["Import 1 repository?"]


def test_a_row_of_a_deleted_resource_is_not_held(cloud: Cloud, assembly: AskedAssembly) -> None:
    cloud.caller()
    stacks(cloud, {STACK: "UPDATE_COMPLETE"})
    cloud.holds(STACK, "web/api", status="DELETE_SKIPPED")
    cloud.repositories({"web/api": SAME}, read=["web/api"])
    owner(cloud, "web/api", None)
    person = Person(answer=False)
    imported(registry(), "web/api", confirm=person)
    assert person.asked == ["Import 1 repository?"]


def test_what_its_stack_holds_and_what_does_not_exist_is_nothing_to_import(
    cloud: Cloud, assembly: AskedAssembly, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.caller()
    stacks(cloud, {STACK: "UPDATE_COMPLETE"})
    cloud.holds(STACK, "web/api")
    cloud.repositories({"web/api": SAME}, read=[])
    assert imported(registry("web/api: , web/new: "), "web/api", "web/new", confirm=never).exit_code is ExitCode.FINE
    assert "nothing to import" in capsys.readouterr().out


def test_a_name_that_the_file_does_not_declare_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean web/api"):
        refuse_unknown(registry(), ["web/ap"])


def test_an_account_without_a_bootstrap_is_told_ours_and_not_the_cdks(cloud: Cloud) -> None:
    cloud.caller()
    cloud.refuse("describe_stacks", "ValidationError", "Stack with id CDKToolkit-acme does not exist")
    with pytest.raises(ImportRefused, match=r"is not bootstrapped for acme\n    way out: run `make bootstrap`"):
        refuse_unprepared(registry())


def test_replicas_come_before_the_home_and_only_those_of_the_credentials_account(cloud: Cloud) -> None:
    of = registry(rest=f"replicas: {{{REPLICA}: , 210987654321/{REPLICA}: }}\n")
    cloud.caller()
    assert ops_cloud.own_locations(of) == (Location(ACCOUNT, REPLICA), Location(ACCOUNT, HOME))
