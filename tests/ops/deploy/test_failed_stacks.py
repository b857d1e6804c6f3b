"""Stacks whose creation failed: only this registry's, only in that state, and only where nothing is left in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ops.aws.cloud import CloudError
from ops.deploy import failed_stacks
from ops.deploy.failed_stacks import FailedStack, clear_failed
from tests.ops.stubs import HOME, REPLICA, Cloud, stubbed
from tests.synth import SMALL, declared

REGISTRY = declared(f"{SMALL}replicas: {{{REPLICA}: }}\nrepositories: {{web/api: }}\n")
FAILED = {"StackStatusFilter": ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"]}


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        yield made


def listed(cloud: Cloud, *names: str, at: str = HOME, status: str = "ROLLBACK_COMPLETE") -> None:
    rows = [{"StackName": name, "CreationTime": 0, "StackStatus": status} for name in names]
    cloud.expect("list_stacks", {"StackSummaries": rows}, FAILED, at=at)


def holds(cloud: Cloud, stack: str, **statuses: str) -> None:
    rows: list[dict[str, Any]] = [
        {"LogicalResourceId": name, "ResourceType": "T", "ResourceStatus": status, "LastUpdatedTimestamp": 0}
        for name, status in statuses.items()
    ]
    cloud.expect("list_stack_resources", {"StackResourceSummaries": rows}, {"StackName": stack})


def test_only_those_of_the_registry_are_asked_about_and_removed(cloud: Cloud) -> None:
    cloud.caller()
    # ours, one of another registry, one that the file does not make, one whose name only begins like ours
    listed(cloud, "acme-Repositories-web", "other-Registry", "acme-Repositories-old", "acme-Registry-copy")
    listed(cloud, "somebody-elses", at=REPLICA)
    holds(cloud, "acme-Repositories-web", Api="DELETE_COMPLETE")
    unprotected = {"StackName": "acme-Repositories-web", "EnableTerminationProtection": False}
    cloud.expect("update_termination_protection", {"StackId": "s"}, unprotected)
    cloud.expect("delete_stack", {}, {"StackName": "acme-Repositories-web"})
    row = {"StackName": "s", "CreationTime": 0, "StackStatus": "DELETE_COMPLETE"}
    cloud.expect("describe_stacks", {"Stacks": [row]}, {"StackName": "acme-Repositories-web"})
    asked: list[str] = []

    def yes(question: str) -> bool:
        asked.append(question)
        return True

    assert clear_failed(REGISTRY, yes) == (FailedStack(region=HOME, name="acme-Repositories-web"),)
    assert asked == ["Remove acme-Repositories-web in ap-northeast-2?"]


def test_one_that_still_holds_something_is_named_with_what_it_holds_and_stays(cloud: Cloud) -> None:
    cloud.caller()
    listed(cloud, "acme-Registry")
    listed(cloud, at=REPLICA)
    holds(cloud, "acme-Registry", Scanning="DELETE_COMPLETE", Key="DELETE_FAILED")
    with pytest.raises(
        CloudError, match="acme-Registry in ap-northeast-2 could not be created, and still contains Key\n"
    ):
        clear_failed(REGISTRY, lambda _: True)


def test_nothing_is_removed_without_a_yes(cloud: Cloud) -> None:
    cloud.caller()
    listed(cloud, "acme-Registry")
    listed(cloud, at=REPLICA)
    assert clear_failed(REGISTRY, lambda _: False) == ()


@pytest.mark.parametrize(("end", "removed"), [("CREATE_COMPLETE", False), ("ROLLBACK_COMPLETE", True)])
def test_a_first_deploy_that_was_killed_and_goes_on_is_waited_for(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, end: str, removed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("ops.aws.stacks._POLL_SECONDS", 0)
    cloud.caller()
    listed(cloud, "acme-Registry", status="CREATE_IN_PROGRESS")
    for status in ("ROLLBACK_IN_PROGRESS" if removed else "CREATE_IN_PROGRESS", end):
        row = {"StackName": "acme-Registry", "CreationTime": 0, "StackStatus": status}
        cloud.expect("describe_stacks", {"Stacks": [row]}, {"StackName": "acme-Registry"})
    listed(cloud, at=REPLICA)
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    assert clear_failed(REGISTRY, no) == ()
    assert bool(asked) is removed
    assert (
        "acme-Registry in ap-northeast-2 is being changed (CREATE_IN_PROGRESS), by a deploy that"
        in capsys.readouterr().err
    )


def test_an_update_that_was_undone_is_no_failed_creation() -> None:
    assert set(failed_stacks._CREATION_FAILED) == {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
