"""Stacks that left the app: which they are, what goes with them, in which order, and what is never touched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.aws.stacks import Stack
from ops.cli import app
from ops.deploy import retired_stacks
from registry.locations import Location
from registry.model import Registry
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, Cloud, stubbed
from tests.synth import SMALL, declared

TEXT = f"{SMALL}repositories: {{web/api: }}\n"
AT, WEST = Location(ACCOUNT, HOME), Location(ACCOUNT, REPLICA)
IN_APP = frozenset({(AT, "acme-Access"), (AT, "acme-Registry"), (AT, "acme-Repositories-web")})
ID = "arn:aws:cloudformation:::stack/acme-Repositories-old/1"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)  # a stub answers in one order
    monkeypatch.setattr("ops.deploy.retired_stacks._POLL_SECONDS", 0.0)
    monkeypatch.setattr("ops.aws.cdk_cli.app_stacks", lambda file, folder: IN_APP)
    with stubbed(monkeypatch) as made:
        yield made


def registry() -> Registry:
    return declared(TEXT)


def row(name: str, status: str = "CREATE_COMPLETE", tag: str | None = "acme") -> dict[str, Any]:
    tags = [{"Key": "ecr-registry", "Value": tag}] if tag else []
    return {"StackName": name, "StackId": ID, "StackStatus": status, "CreationTime": 0, "Tags": tags}


def regions(cloud: Cloud, *names: str) -> None:
    cloud.expect("describe_regions", {"Regions": [{"RegionName": name} for name in names]})


def gone(cloud: Cloud, **changed: Any) -> None:
    """acme-Repositories-old at home, with a repository of each kind, and one that is no repository."""
    cloud.caller()
    regions(cloud, HOME)
    stacks = [row("acme-Registry"), row("acme-Repositories-old", **changed), row("acme-untagged", tag=None)]
    cloud.expect("describe_stacks", {"Stacks": [*stacks, row("other-Registry", tag="other")]})
    repository = {"Type": retired_stacks.REPOSITORY, "DeletionPolicy": "RetainExceptOnCreate", "Properties": {}}
    emptied = {"Type": retired_stacks.REPOSITORY, "DeletionPolicy": "Delete", "Properties": {"EmptyOnDelete": True}}
    resources = {"Kept": repository, "Emptied": emptied, "Rule": {"Type": "AWS::Events::Rule"}, "Undone": repository}
    cloud.expect("get_template", {"TemplateBody": json.dumps({"Resources": resources})})
    rows = [
        ("Kept", retired_stacks.REPOSITORY, "old/api", "CREATE_COMPLETE"),
        ("Emptied", retired_stacks.REPOSITORY, "old/scratch", "CREATE_COMPLETE"),
        ("Rule", "AWS::Events::Rule", "rule-1", "CREATE_COMPLETE"),
        ("Undone", retired_stacks.REPOSITORY, "old/undone", "DELETE_COMPLETE"),
    ]
    summaries = [
        {
            "LogicalResourceId": a,
            "ResourceType": b,
            "PhysicalResourceId": c,
            "ResourceStatus": d,
            "LastUpdatedTimestamp": 0,
        }
        for a, b, c, d in rows
    ]
    cloud.expect("list_stack_resources", {"StackResourceSummaries": summaries})
    for name, count in (("old/api", 2), ("old/scratch", 1)):
        images = {"imageDetails": [{"imageDigest": f"sha256:{n}"} for n in range(count)]}
        wanted = {"repositoryName": name, "filter": {"imageStatus": "ANY"}, "maxResults": 1000}
        cloud.expect("describe_images", images, wanted)


def run(tmp_path: Path, *options: str, answer: str = "") -> tuple[int, str]:
    file = tmp_path / "registry.yaml"
    file.write_text(TEXT)
    finished = CliRunner().invoke(app, ["retire", "--registry", str(file), *options], input=answer)
    failed = "" if isinstance(finished.exception, SystemExit | None) else str(finished.exception)
    return finished.exit_code, finished.output + failed


SHOWN = f"""\
acme-Repositories-old in {ACCOUNT}/{HOME} (CREATE_COMPLETE) is no longer in the app
    deleted: AWS::Events::Rule rule-1
    kept:    old/api; 2 images stay in it
    emptied: old/scratch; 1 image is deleted with it
"""


def test_check_shows_what_goes_and_ends_with_1(cloud: Cloud, tmp_path: Path) -> None:
    gone(cloud)
    code, said = run(tmp_path, "--check")
    assert code == 1
    assert said.startswith(SHOWN)
    assert "ecrctl retire --registry" in said


@pytest.mark.parametrize("scan_type", ["ENHANCED", "BASIC"])
def test_what_becomes_of_enhanced_scanning_is_said(cloud: Cloud, scan_type: str) -> None:
    """cloudformation-coverage-roadmap issue 2516: the stack's deletion disables Amazon Inspector in the account."""
    kind = "AWS::ECR::RegistryScanningConfiguration"
    scanning = {"Type": kind, "Properties": {"ScanType": scan_type}}
    cloud.expect("get_template", {"TemplateBody": json.dumps({"Resources": {"Scanning": scanning}})})
    summary = {"LogicalResourceId": "Scanning", "ResourceType": kind, "PhysicalResourceId": ACCOUNT}
    rows = [{**summary, "ResourceStatus": "CREATE_COMPLETE", "LastUpdatedTimestamp": 0}]
    cloud.expect("list_stack_resources", {"StackResourceSummaries": rows})
    stack = Stack(at=AT, name="acme-Registry", status="CREATE_COMPLETE", created=datetime.fromtimestamp(0))
    going = retired_stacks.inspect([stack])
    assert ("aws inspector2 enable --resource-types ECR" in retired_stacks.shown(going)) == (scan_type == "ENHANCED")
    assert going[0].as_dict()["disablesInspector"] is (scan_type == "ENHANCED")


def test_json_says_the_same_and_removes_nothing(cloud: Cloud, tmp_path: Path) -> None:
    gone(cloud)
    code, said = run(tmp_path, "--json", "--yes")
    assert code == 1
    assert '"kept": [\n      {\n        "resource": "old/api",\n        "images": 2' in said


def test_nothing_is_removed_before_somebody_says_yes(cloud: Cloud, tmp_path: Path) -> None:
    gone(cloud)
    code, said = run(tmp_path, answer="n\n")
    assert code == 1
    assert "Remove 1 stack, and 1 image with them?" in said


def deleted(cloud: Cloud, *statuses: str) -> None:
    cloud.expect("describe_stacks", {"Stacks": [row("acme-Repositories-old")]}, {"StackName": "acme-Repositories-old"})
    cloud.expect(
        "update_termination_protection",
        {"StackId": ID},
        {"StackName": "acme-Repositories-old", "EnableTerminationProtection": False},
    )
    cloud.expect("delete_stack", {}, {"StackName": "acme-Repositories-old"})
    for status in statuses:
        cloud.expect("describe_stacks", {"Stacks": [row("acme-Repositories-old", status)]}, {"StackName": ID})


def test_the_stack_goes_after_its_termination_protection(cloud: Cloud, tmp_path: Path) -> None:
    gone(cloud)
    deleted(cloud, "DELETE_IN_PROGRESS", "DELETE_COMPLETE")
    code, said = run(tmp_path, "--yes")
    assert (code, said) == (0, f"{SHOWN}removed 1 stack\n")


def test_a_deletion_that_fails_says_why(cloud: Cloud, tmp_path: Path) -> None:
    gone(cloud)
    deleted(cloud, "DELETE_FAILED")
    event = {"StackId": ID, "EventId": "1", "StackName": "s", "Timestamp": 0, "LogicalResourceId": "Emptied"}
    cloud.expect(
        "describe_stack_events",
        {
            "StackEvents": [
                {**event, "ResourceStatus": "DELETE_FAILED", "ResourceStatusReason": "not empty"},
                {**event, "ResourceStatus": "DELETE_COMPLETE", "ResourceStatusReason": "fine"},
            ]
        },
    )
    code, said = run(tmp_path, "--yes")
    assert code == 1
    assert "ended in DELETE_FAILED:\n    Emptied: not empty\n    way out: " in said
    assert "fine" not in said


def test_a_stack_that_is_being_changed_is_left_alone(cloud: Cloud, tmp_path: Path) -> None:
    gone(cloud, status="UPDATE_IN_PROGRESS")
    code, said = run(tmp_path, "--yes")
    assert code == 1
    assert "acme-Repositories-old in ap-northeast-2 is being changed" in said


def test_a_registry_whose_stacks_are_all_in_the_app_has_nothing_to_retire(cloud: Cloud, tmp_path: Path) -> None:
    cloud.caller()
    regions(cloud, HOME)
    cloud.expect("describe_stacks", {"Stacks": [row("acme-Access"), row("acme-Registry")]})
    assert run(tmp_path, "--check") == (0, f"every stack of acme in {ACCOUNT} is in the app\n")


def test_a_name_that_the_registry_had_before_goes_as_a_whole(cloud: Cloud, tmp_path: Path) -> None:
    cloud.caller()
    regions(cloud, HOME)
    stacks = [row("acme-Registry"), row("acme-Repositories-old"), row("old-Access", tag="old")]
    cloud.expect("describe_stacks", {"Stacks": [*stacks, row("old-Registry", tag="old"), row("x-Registry", tag="x")]})
    for name in ("old-Registry", "old-Access"):
        cloud.expect("get_template", {"TemplateBody": "{}"}, {"StackName": name})
        cloud.expect("list_stack_resources", {"StackResourceSummaries": []}, {"StackName": name})
    code, said = run(tmp_path, "--name", "old", "--check")
    assert code == 1
    assert re.findall(r"^\S+ in ", said, flags=re.MULTILINE) == ["old-Registry in ", "old-Access in "]


def test_an_assembly_that_make_deploy_has_written_is_not_synthesized_again(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path | None] = []

    def app_stacks(file: Path, folder: Path | None) -> frozenset[tuple[Location, str]]:
        asked.append(folder)
        return IN_APP

    monkeypatch.setattr("ops.aws.cdk_cli.app_stacks", app_stacks)
    cloud.caller()
    regions(cloud, HOME)
    cloud.expect("describe_stacks", {"Stacks": [row("acme-Registry")]})
    assert run(tmp_path, "--check", "--app", str(tmp_path / "app"))[0] == 0
    assert asked == [tmp_path / "app"]


def test_every_region_that_is_switched_on_is_looked_into_and_a_closed_one_is_said(cloud: Cloud) -> None:
    regions(cloud, HOME, "eu-west-3", REPLICA)
    cloud.expect("describe_stacks", {"Stacks": [row("acme-Registry")]})
    cloud.refuse("describe_stacks", "AccessDenied", "an organization says no", at="eu-west-3")
    cloud.expect("describe_stacks", {"Stacks": [row("acme-Registry")]}, at=REPLICA)
    stacks, closed = retired_stacks.retired(registry(), ACCOUNT, IN_APP)
    assert ([(stack.at, stack.name) for stack in stacks], closed) == ([(WEST, "acme-Registry")], ["eu-west-3"])


def test_a_region_of_the_file_that_may_not_be_looked_into_is_no_answer(cloud: Cloud, tmp_path: Path) -> None:
    cloud.caller()
    regions(cloud, HOME, "eu-west-3")
    cloud.refuse("describe_stacks", "AccessDenied", "no cloudformation here")
    cloud.refuse("describe_stacks", "AccessDenied", "an organization says no", at="eu-west-3")
    code, said = run(tmp_path, "--check")
    assert code == 3
    assert "every stack" not in said
    assert "the file has stacks in ap-northeast-2, so whether one has left the app there is not known\n" in said
    assert "way out: allow these credentials cloudformation:DescribeStacks there" in said


def test_a_region_of_others_that_is_closed_is_said_and_does_not_matter(cloud: Cloud, tmp_path: Path) -> None:
    cloud.caller()
    regions(cloud, HOME, "eu-west-3")
    cloud.expect("describe_stacks", {"Stacks": [row("acme-Access"), row("acme-Registry")]})
    cloud.refuse("describe_stacks", "AccessDenied", "an organization says no", at="eu-west-3")
    code, said = run(tmp_path, "--check")
    assert code == 0
    assert said.startswith("not looked at, because these credentials may not: eu-west-3\nevery stack of acme in")


def test_an_answer_from_the_wrong_account_is_could_not_tell(cloud: Cloud, tmp_path: Path) -> None:
    cloud.caller("210987654321")
    with pytest.raises(retired_stacks.WrongAccount) as refused:
        retired_stacks.account_of(registry(), None)
    assert refused.value.exit_code == 3


def test_stacks_go_in_the_reverse_order_of_a_deploy(cloud: Cloud) -> None:
    replica = "ap-east-1"  # before the home by its name, and after it in this order
    regions(cloud, replica)
    names = ["acme-Access", "acme-Registry", "acme-Repositories-web", "acme-Repositories", "acme-Network-main"]
    names.append("acme-Access-more")
    cloud.expect("describe_stacks", {"Stacks": [row(name) for name in names[1:3]]}, at=replica)
    cloud.expect("describe_stacks", {"Stacks": [row(name) for name in names]})
    stacks, _ = retired_stacks.retired(registry(), ACCOUNT, frozenset())
    assert [(stack.at.region, stack.name) for stack in stacks] == [
        (HOME, "acme-Network-main"),
        (HOME, "acme-Registry"),
        (HOME, "acme-Repositories"),
        (HOME, "acme-Repositories-web"),
        (replica, "acme-Registry"),
        (replica, "acme-Repositories-web"),
        (HOME, "acme-Access-more"),
        (HOME, "acme-Access"),
    ]


@pytest.mark.parametrize(
    ("deleted", "lets_in"), [("AWS::IAM::Role acme-later", True), ("AWS::Events::Rule acme-ecr-scans", False)]
)
def test_a_stack_with_roles_says_that_they_let_in_as_long_as_it_is_there(deleted: str, lets_in: bool) -> None:
    stack = Stack(at=AT, name="acme-Access-more", status="CREATE_COMPLETE", created=datetime.now(UTC))
    going = retired_stacks.RetiredStack(stack=stack, deleted=(deleted,), kept=(), emptied=())
    assert ("as long as it is there, its roles can be taken" in retired_stacks.shown([going])) is lets_in


@pytest.mark.parametrize(
    ("caller", "left", "said"),
    [
        ("210987654321", None, "add --account 210987654321"),
        ("210987654321", ACCOUNT, f"belong to the account 210987654321, not to {ACCOUNT}"),
        (ACCOUNT, "210987654321", f"belong to the account {ACCOUNT}, not to 210987654321"),
    ],
)
def test_an_account_that_is_not_in_the_file_has_to_be_said(
    caller: str, left: str | None, said: str, cloud: Cloud
) -> None:
    cloud.caller(caller)
    with pytest.raises(retired_stacks.RetireRefused, match=said):
        retired_stacks.account_of(registry(), left)


@pytest.mark.parametrize(("caller", "left"), [(ACCOUNT, None), (ACCOUNT, ACCOUNT), ("210987654321", "210987654321")])
def test_an_account_of_the_file_or_one_that_is_said_may_be_looked_into(
    caller: str, left: str | None, cloud: Cloud
) -> None:
    cloud.caller(caller)
    assert retired_stacks.account_of(registry(), left) == caller


def test_a_repository_that_is_gone_has_no_count(cloud: Cloud) -> None:
    cloud.expect("get_template", {"TemplateBody": '{"Resources": {"L": {"Type": "T", "DeletionPolicy": "Retain"}}}'})
    summary = {"LogicalResourceId": "L", "ResourceType": retired_stacks.REPOSITORY, "PhysicalResourceId": "old/api",
               "ResourceStatus": "CREATE_COMPLETE", "LastUpdatedTimestamp": 0}  # fmt: skip
    cloud.expect("list_stack_resources", {"StackResourceSummaries": [summary]})
    cloud.refuse("describe_images", "RepositoryNotFoundException")
    stack = Stack(at=AT, name="acme-Repositories-old", status="CREATE_COMPLETE", created=datetime.min)
    (going,) = retired_stacks.inspect([stack])
    assert (going.kept, going.deleted, going.emptied) == ((("old/api", None),), (), ())
