"""What `ecrctl align` changes at a replica, in which order, what it leaves and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.adopt import align
from ops.cli import app
from ops.lifecycle.guard import GuardResult
from registry.errors import ExitCode
from registry.lifecycle.images import Image
from registry.lifecycle.in_use import ImageAtRisk
from tests.ops.stubs import ACCOUNT, HOME, POLICY, REPLICA, Cloud, row
from tests.synth import SMALL

STACK = "acme-Repositories-web"
#: A repository as ECR makes it itself: https://github.com/aws/containers-roadmap/issues/140
MADE: Mapping[str, Any] = {
    "imageTagMutability": "MUTABLE",
    "imageScanningConfiguration": {"scanOnPush": False},
    "lifecycle": None,
    "tags": {},
}
KMS = {"encryptionType": "KMS", "kmsKey": f"arn:aws:kms:{REPLICA}:{ACCOUNT}:key/k"}
DENIAL = {"Effect": "Deny", "Principal": "*", "Action": "ecr:BatchDeleteImage"}
DENYING = {"Version": "2012-10-17", "Statement": [DENIAL]}


@pytest.fixture(autouse=True)
def guarded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The repositories of which the guard was asked; nothing runs."""
    return guarding(monkeypatch)


def guarding(monkeypatch: pytest.MonkeyPatch, *stopping: str) -> list[str]:
    asked: list[str] = []

    def guard(registry: Any, targets: Sequence[Any], **_: Any) -> GuardResult:
        asked.extend(f"{each.repository} in {each.region}" for each in targets)
        return GuardResult(repositories=len(targets), going=12, found=tuple(map(at_risk, stopping)))

    monkeypatch.setattr(align, "guard", guard)
    return asked


def at_risk(repository: str) -> ImageAtRisk:
    image = Image(digest=f"sha256:{'0' * 64}", tags=("v1",), pushed=datetime(2026, 1, 1, tzinfo=UTC))
    return ImageAtRisk(
        account=ACCOUNT,
        region=REPLICA,
        repository=repository,
        image=image,
        action="expire",
        priority=1,
        description="",
        because="",
        running=("service web",),
    )


def looked(
    cloud: Cloud,
    live: Mapping[str, Mapping[str, Any]],
    *,
    held: Sequence[str] | None = None,
    owners: Mapping[str, str] | None = None,
) -> None:
    cloud.caller()
    rows = [] if held is None else [{"StackName": STACK, "StackStatus": "CREATE_COMPLETE", "CreationTime": 0}]
    cloud.expect("describe_stacks", {"Stacks": rows}, at=REPLICA)
    if held is not None:
        cloud.holds(STACK, *held, at=REPLICA)
    outside = [name for name in live if name not in (held or ())]
    if outside:
        cloud.repositories(live, read=outside, at=REPLICA)
    for name in outside:
        if owner := (owners or {}).get(name):
            resource = {**row("AWS::ECR::Repository", "CREATE_COMPLETE", name), "StackName": owner, "Timestamp": 0}
            del resource["LastUpdatedTimestamp"]
            cloud.expect("describe_stack_resources", {"StackResources": [resource]}, at=REPLICA)
        else:
            cloud.refuse("describe_stack_resources", "ValidationError", f"{name} does not exist", at=REPLICA)


def written(cloud: Cloud, name: str, *, lifecycle: bool = True, policy: Any = None) -> None:
    """What makes a repository of ECR's own as the file says, in this order."""
    wanted = {"repositoryName": name}
    cloud.expect("put_image_tag_mutability", {}, {**wanted, "imageTagMutability": "IMMUTABLE"}, at=REPLICA)
    scanned = {"imageScanningConfiguration": {"scanOnPush": True}}
    cloud.expect("put_image_scanning_configuration", {}, wanted | scanned, at=REPLICA)
    if policy is not None:
        cloud.expect("set_repository_policy", {}, at=REPLICA)
    if lifecycle:
        text = json.dumps(json.loads(POLICY), separators=(",", ":"))
        cloud.expect("put_lifecycle_policy", {}, {**wanted, "lifecyclePolicyText": text}, at=REPLICA)


def aligned(
    tmp_path: Path, *options: str, repositories: str = "web/api: , web/ui: ", rest: str = "", answer: str = "y\n"
) -> Any:
    file = tmp_path / "registry.yaml"
    file.write_text(f"{SMALL}replicas: {{{REPLICA}: }}\n{rest}repositories: {{{repositories}}}\n")
    words = ("align", *(options or (REPLICA,)))
    return CliRunner().invoke(app, [*words, "--registry", str(file)], input=answer)


def test_what_ecr_made_itself_becomes_what_the_file_says_with_the_lifecycle_last(
    cloud: Cloud, tmp_path: Path, guarded: list[str]
) -> None:
    looked(cloud, {"web/api": MADE})
    written(cloud, "web/api")
    finished = aligned(tmp_path)
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert f"Change 1 repository in {REPLICA}?" in finished.output
    assert "lifecycles of the file delete up to 12 images there at their next run" in finished.output
    assert f"changed 3 settings in {REPLICA}; `ecrctl import --all` imports" in finished.output
    assert guarded == [f"web/api in {REPLICA}"]


def test_many_that_differ_in_the_same_way_are_one_row_for_each_setting(cloud: Cloud, tmp_path: Path) -> None:
    looked(cloud, {"web/api": MADE, "web/ui": MADE})
    finished = aligned(tmp_path, answer="n\n")
    assert finished.exit_code == ExitCode.NO
    rows = [line.split("\t") for line in finished.output.splitlines() if line.endswith("is changed")]
    assert [(it[0], it[3], it[4]) for it in rows] == [
        ("imageTagMutability", "2", "web/api, web/ui"),
        ("scanOnPush", "2", "web/api, web/ui"),
        ("lifecyclePolicy", "2", "web/api, web/ui"),
    ]


def test_the_policy_comes_before_the_lifecycle(cloud: Cloud, tmp_path: Path) -> None:
    looked(cloud, {"web/api": MADE})
    written(cloud, "web/api", policy=True)
    granting = 'principals: {other: {account: "210987654321"}}\n'
    finished = aligned(tmp_path, REPLICA, "--yes", repositories="web/api: {pull: [other]}", rest=granting)
    assert finished.exit_code == ExitCode.FINE, finished.output


def test_a_second_run_has_nothing_to_do_and_asks_nobody(cloud: Cloud, tmp_path: Path, guarded: list[str]) -> None:
    looked(cloud, {"web/api": {}, "web/ui": {}}, held=["web/ui"])
    finished = aligned(tmp_path, answer="")
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert f"there is nothing to align in {REPLICA}" in finished.output
    assert guarded == []


def test_what_a_stack_of_the_registry_holds_is_none_of_its_business(cloud: Cloud, tmp_path: Path) -> None:
    looked(cloud, {"web/api": MADE, "web/ui": MADE}, held=["web/api", "web/ui"])
    assert "there is nothing to align" in aligned(tmp_path).output


def test_what_another_stack_has_is_left_and_named_with_it(cloud: Cloud, tmp_path: Path, guarded: list[str]) -> None:
    looked(cloud, {"web/api": MADE}, owners={"web/api": "legacy-ecr"})
    finished = aligned(tmp_path, answer="")
    assert finished.exit_code == ExitCode.NO
    assert "it is in the stack legacy-ecr: hand it over first" in finished.output
    assert guarded == []


def test_another_encryption_is_left_with_the_way_that_works(cloud: Cloud, tmp_path: Path) -> None:
    looked(cloud, {"web/api": {"encryptionConfiguration": KMS}})
    finished = aligned(tmp_path, answer="")
    assert finished.exit_code == ExitCode.NO
    (line,) = [line for line in finished.output.splitlines() if line.startswith("encryptionType")]
    assert "ECR fixes it when a repository is created" in line
    assert "`ecrctl backfill`" in line


@pytest.mark.parametrize(
    ("live", "said", "setting"),
    [
        ({}, "{image_tag_mutability: MUTABLE}", "imageTagMutability"),
        ({}, "{moving_tags: [latest]}", "imageTagMutability"),
        ({"policy": DENYING}, "", "repositoryPolicy"),
    ],
)
def test_nothing_is_loosened(cloud: Cloud, tmp_path: Path, live: dict[str, Any], said: str, setting: str) -> None:
    looked(cloud, {"web/api": live})
    finished = aligned(tmp_path, repositories=f"web/api: {said}", answer="")
    assert finished.exit_code == ExitCode.NO, finished.output
    (line,) = [line for line in finished.output.splitlines() if line.startswith(f"{setting}\t")]
    assert "it is stricter than the file, and this command loosens nothing" in line


@pytest.mark.parametrize(
    ("kind", "live", "wanted", "stricter"),
    [
        ("IMMUTABLE_WITH_EXCLUSION", ["latest"], ["latest", "dev-*"], True),
        ("IMMUTABLE_WITH_EXCLUSION", ["latest", "dev-*"], ["latest"], False),
        ("MUTABLE_WITH_EXCLUSION", ["v*", "rel-*"], ["v*"], True),
        ("MUTABLE_WITH_EXCLUSION", ["v*"], ["v*", "rel-*"], False),
    ],
)
def test_filters_loosen_or_tighten_after_what_they_except_from(
    kind: str, live: list[str], wanted: list[str], stricter: bool
) -> None:
    def settings(filters: list[str]) -> dict[str, Any]:
        return {"imageTagMutability": kind, "imageTagMutabilityExclusionFilters": filters}

    assert align._is_stricter("imageTagMutabilityExclusionFilters", settings(wanted), settings(live)) is stricter


def test_scanning_is_not_switched_off() -> None:
    assert align._is_stricter("scanOnPush", {"scanOnPush": False}, {"scanOnPush": True})
    assert not align._is_stricter("scanOnPush", {"scanOnPush": True}, {"scanOnPush": False})


def test_a_lifecycle_that_would_delete_what_runs_is_left_and_the_rest_is_changed(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarding(monkeypatch, "web/api")
    looked(cloud, {"web/api": MADE, "web/ui": MADE})
    written(cloud, "web/api", lifecycle=False)
    written(cloud, "web/ui")
    finished = aligned(tmp_path)
    assert finished.exit_code == ExitCode.NO
    assert f"`ecrctl lifecycle guard web/api --region {REPLICA}` names them" in finished.output


def test_what_aws_refuses_in_one_repository_stops_no_other(cloud: Cloud, tmp_path: Path) -> None:
    looked(cloud, {"web/api": MADE, "web/ui": MADE})
    cloud.refuse("put_image_tag_mutability", "AccessDeniedException", "not you", at=REPLICA)
    written(cloud, "web/ui")
    finished = aligned(tmp_path, REPLICA, "--json", "--yes")
    assert finished.exit_code == ExitCode.UNKNOWN
    answer = json.loads(finished.stdout)
    assert answer["refused"] == {"web/api": "AWS refused PutImageTagMutability: not you"}
    assert {it["repository"] for it in answer["changed"]} == {"web/ui"}
    assert (answer["region"], answer["imagesGoing"]) == (REPLICA, 12)


@pytest.mark.parametrize("name", ["us-east-1", HOME, "210987654321/us-west-2"])
def test_a_replica_that_the_file_does_not_declare_is_named_with_those_it_has(tmp_path: Path, name: str) -> None:
    finished = aligned(tmp_path, name)
    assert f"the file declares no replica {name}" in str(finished.exception)


def test_a_replica_of_another_account_wants_its_credentials(cloud: Cloud, tmp_path: Path) -> None:
    cloud.caller()
    file = tmp_path / "registry.yaml"
    file.write_text(f"{SMALL}replicas: {{210987654321/{REPLICA}: }}\nrepositories: {{web/api: }}\n")
    finished = CliRunner().invoke(app, ["align", f"210987654321/{REPLICA}", "--registry", str(file)])
    assert "run this with credentials of 210987654321" in str(finished.exception)
