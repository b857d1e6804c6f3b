"""`ecrctl lifecycle guard`: what would go is compared with what runs, wherever that is known from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.cloud import CloudError
from registry.errors import UnreadableFile
from tests.ops.stubs import ACCOUNT, HOME, Cloud, stubbed
from tests.synth import ROOT, SMALL

RUN = CliRunner()
HOST = f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com"
OLD, NEW = (datetime.now(UTC) - timedelta(days=days) for days in (100, 1))
OLDEST, NEWEST = (f"sha256:{letter * 64}" for letter in "ab")
ARN = f"arn:aws:ecs:{HOME}:{ACCOUNT}"
TEXT = SMALL + 'lifecycles: {x: [{keep: {tagged: "v*", last: 1}}]}\nrepositories: {web/api: {lifecycle: x}}\n'


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with stubbed(monkeypatch) as made:
        made.caller()
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(TEXT)
    return path


def guarded(file: Path, *arguments: str) -> Any:
    return RUN.invoke(app, ["lifecycle", "guard", "-f", str(file), *arguments], env={"COLUMNS": "200"})


def two_images(cloud: Cloud, scan_type: str = "BASIC", **oldest: Any) -> None:
    """The older of them goes by the policy."""
    cloud.expect("get_registry_scanning_configuration", {"scanningConfiguration": {"scanType": scan_type}})
    rows = [
        {"imageDigest": OLDEST, "imagePushedAt": OLD, "imageTags": ["v1", "prod"], **oldest},
        {"imageDigest": NEWEST, "imagePushedAt": NEW, "imageTags": ["v2"]},
    ]
    cloud.expect("describe_images", {"imageDetails": rows})


def no_ecs(cloud: Cloud) -> None:
    cloud.expect("list_clusters", {"clusterArns": []})
    cloud.expect("list_task_definition_families", {"families": []})


def no_lambda(cloud: Cloud) -> None:
    cloud.expect("list_functions", {"Functions": []})


def definition(cloud: Cloud, name: str, *images: str) -> None:
    containers = [{"name": "x", "image": image} for image in images]
    cloud.expect(
        "describe_task_definition", {"taskDefinition": {"containerDefinitions": containers}}, {"taskDefinition": name}
    )


def test_nothing_that_runs_goes(cloud: Cloud, file: Path) -> None:
    two_images(cloud)
    no_ecs(cloud)
    no_lambda(cloud)
    answer = guarded(file)
    assert (answer.exit_code, answer.stdout) == (0, "repositories: 1; images that would go: 1; of them running: 0\n")


def test_a_service_of_ecs_is_an_error_with_repository_digest_tag_rule_and_place(cloud: Cloud, file: Path) -> None:
    two_images(cloud)
    cloud.expect("list_clusters", {"clusterArns": [f"{ARN}:cluster/blue"]})
    cloud.expect("list_services", {"serviceArns": [f"{ARN}:service/blue/api"]}, {"cluster": f"{ARN}:cluster/blue"})
    service = {"serviceName": "api", "taskDefinition": "api:7", "deployments": [{"taskDefinition": "api:8"}]}
    cloud.expect(
        "describe_services",
        {"services": [service]},
        {"cluster": f"{ARN}:cluster/blue", "services": [f"{ARN}:service/blue/api"]},
    )
    cloud.expect("list_tasks", {"taskArns": []}, {"cluster": f"{ARN}:cluster/blue"})
    cloud.expect("list_task_definition_families", {"families": ["api"]}, {"status": "ACTIVE"})
    definition(cloud, "api:7", f"{HOST}/web/api:prod", "nginx:1")
    definition(cloud, "api:8", f"{HOST}/web/api:v2")
    definition(cloud, "api", f"{HOST}/web/api:v2")
    no_lambda(cloud)
    answer = guarded(file)
    assert answer.exit_code == 1
    assert answer.stdout == (
        f"error: web/api in {HOME}: {OLDEST} (v1, prod) would expire by rule 1 (keep the last 1 images tagged v*)\n"
        "    runs in:  ECS service api of cluster blue\n"
        "    way out:  protect its tag in an earlier sentence of the lifecycle, or deploy a newer image first\n"
        "repositories: 1; images that would go: 1; of them running: 1\n"
    )


def test_a_running_task_counts_by_its_tag_and_by_the_digest_it_pulled(cloud: Cloud, file: Path) -> None:
    two_images(cloud)
    cloud.expect("list_clusters", {"clusterArns": [f"{ARN}:cluster/blue"]})
    cloud.expect("list_services", {"serviceArns": []})
    cloud.expect("list_tasks", {"taskArns": [f"{ARN}:task/blue/77"]})
    container = {"image": f"{HOST}/web/api:v2", "imageDigest": OLDEST}  # v2 pointed elsewhere when it started
    cloud.expect("describe_tasks", {"tasks": [{"taskArn": f"{ARN}:task/blue/77", "containers": [container]}]})
    cloud.expect("list_task_definition_families", {"families": []})
    no_lambda(cloud)
    (found,) = json.loads(guarded(file, "--json").stdout)["endangered"]
    assert (found["imageDigest"], found["running"]) == (OLDEST, ["ECS task 77 of cluster blue"])


def test_every_version_of_a_function_counts_by_the_digest_it_keeps(cloud: Cloud, file: Path) -> None:
    two_images(cloud)
    no_ecs(cloud)
    arn = f"arn:aws:lambda:{HOME}:{ACCOUNT}:function:resize"
    functions = [
        {"FunctionName": "resize", "FunctionArn": f"{arn}:3", "Version": "3", "PackageType": "Image"},
        {"FunctionName": "zipped", "FunctionArn": f"{arn}z", "Version": "$LATEST", "PackageType": "Zip"},
    ]
    cloud.expect("list_functions", {"Functions": functions}, {"FunctionVersion": "ALL"})
    code = {"ImageUri": f"{HOST}/web/api:v2", "ResolvedImageUri": f"{HOST}/web/api@{OLDEST}"}
    cloud.expect("get_function", {"Code": code}, {"FunctionName": f"{arn}:3"})
    answer = guarded(file)
    assert answer.exit_code == 1
    assert "    runs in:  Lambda function resize, version 3\n" in answer.stdout


def test_what_kubectl_prints_counts(cloud: Cloud, file: Path, tmp_path: Path) -> None:
    pods = tmp_path / "pods.json"
    pods.write_text(json.dumps({"items": [{"spec": {"containers": [{"image": f"{HOST}/web/api:v1"}]}}]}, indent=1))
    two_images(cloud)
    answer = guarded(file, "--running", str(pods), "--without", "ecs", "--without", "lambda")
    assert answer.exit_code == 1
    assert f"    runs in:  {pods}:7\n" in answer.stdout


def test_an_image_pulled_lately_is_a_warning(cloud: Cloud, file: Path) -> None:
    for arguments, wanted in (([], 1), (["--pulled-days", "0"], 0)):
        two_images(cloud, lastRecordedPullTime=NEW)
        answer = guarded(file, "--without", "ecs", "--without", "lambda", *arguments)
        assert answer.exit_code == 0
        assert answer.stdout.count("warning: ") == wanted
        assert answer.stdout.count(f"    pulled:   {NEW.isoformat(timespec='seconds')}\n") == wanted
        if arguments == []:
            cloud.caller()


def test_of_many_images_pulled_lately_as_many_are_shown_as_people_read(cloud: Cloud, file: Path) -> None:
    cloud.expect("get_registry_scanning_configuration", {"scanningConfiguration": {"scanType": "BASIC"}})
    rows = [
        {"imageDigest": f"sha256:{number:064}", "imagePushedAt": OLD, "imageTags": [f"v{number}"],
         "lastRecordedPullTime": NEW}
        for number in range(31)
    ]  # fmt: skip
    cloud.expect("describe_images", {"imageDetails": rows})
    answer = guarded(file, "--without", "ecs", "--without", "lambda")
    assert answer.stdout.count("warning: ") == 20
    assert "and 10 more that were pulled lately; --json has all of them\n" in answer.stdout


def test_where_amazon_inspector_looks_its_count_of_use_counts(cloud: Cloud, file: Path) -> None:
    two_images(cloud, "ENHANCED")
    details = {"awsEcrContainerImage": {"inUseCount": 3, "lastInUseAt": NEW}}
    cloud.expect(
        "describe_image_scan_findings",
        {"imageScanFindings": {"enhancedFindings": [{"resources": [{"details": details}]}]}},
        {"repositoryName": "web/api", "imageId": {"imageDigest": OLDEST}, "maxResults": 1},
    )
    answer = guarded(file, "--without", "ecs", "--without", "lambda")
    assert answer.exit_code == 1
    assert f"    runs in:  3 ECS or EKS tasks or pods, as Amazon Inspector saw at {NEW.isoformat()}\n" in answer.stdout


@pytest.mark.parametrize("code", ["ScanNotFoundException", "InvalidAction"])
def test_an_image_of_which_inspector_knows_nothing_is_not_in_use(cloud: Cloud, file: Path, code: str) -> None:
    two_images(cloud, "ENHANCED")
    cloud.refuse("describe_image_scan_findings", code)
    assert guarded(file, "--without", "ecs", "--without", "lambda").exit_code == 0


def test_before_the_first_deploy_there_is_nothing_to_guard_and_nobody_is_asked_what_runs(
    cloud: Cloud, file: Path
) -> None:
    cloud.expect("get_registry_scanning_configuration", {"scanningConfiguration": {"scanType": "BASIC"}})
    cloud.refuse("describe_images", "RepositoryNotFoundException")
    answer = guarded(file)
    assert (answer.exit_code, answer.stdout) == (0, "repositories: 0; images that would go: 0; of them running: 0\n")


def test_where_a_service_is_not_there_nothing_runs_on_it_and_that_is_said(cloud: Cloud, file: Path) -> None:
    two_images(cloud)
    cloud.refuse("list_clusters", "InvalidAction", "Unknown action")
    cloud.refuse("list_functions", "UnknownOperationException")
    answer = guarded(file)
    assert answer.exit_code == 0
    assert answer.stderr == (
        f"note: ecs in {HOME} is not there, so nothing runs on it\n"
        f"note: lambda in {HOME} is not there, so nothing runs on it\n"
    )


def test_where_nobody_may_ask_what_runs_the_guard_fails_with_the_way_out(cloud: Cloud, file: Path) -> None:
    two_images(cloud)
    cloud.refuse("list_clusters", "AccessDeniedException", "not allowed")
    no_lambda(cloud)
    answer = guarded(file)
    assert isinstance(answer.exception, CloudError)
    assert "say --without ecs where nothing of this account runs there" in str(answer.exception)


def test_another_policy_can_be_guarded(cloud: Cloud, file: Path, tmp_path: Path) -> None:
    policy = tmp_path / "p.json"
    selection = {"tagStatus": "tagged", "tagPatternList": ["x*"], "countType": "imageCountMoreThan", "countNumber": 1}
    policy.write_text(
        json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})
    )
    two_images(cloud)
    assert (
        guarded(file, "--policy", str(policy)).stdout
        == "repositories: 1; images that would go: 0; of them running: 0\n"
    )


def test_a_list_that_cannot_be_read_stops_it_before_anything_is_asked(file: Path) -> None:
    assert isinstance(guarded(file, "--running", "no-such-file").exception, UnreadableFile)


def test_an_unknown_service_is_bad_usage(file: Path) -> None:
    assert guarded(file, "--without", "eks").exit_code == 2


def test_what_runs_in_another_account_is_listed_there_and_read_here(
    monkeypatch: pytest.MonkeyPatch, file: Path, tmp_path: Path
) -> None:
    with stubbed(monkeypatch) as there:
        there.expect("list_clusters", {"clusterArns": []})
        there.expect("list_task_definition_families", {"families": ["nightly"]})
        definition(there, "nightly", f"{HOST}/web/api:prod")
        no_lambda(there)
        listed = RUN.invoke(app, ["lifecycle", "running", "--region", HOME])
    assert listed.stdout == f"{HOST}/web/api:prod\tECS task definition nightly, its newest revision\n"
    runs = tmp_path / "runs.txt"
    runs.write_text(listed.stdout)
    with stubbed(monkeypatch) as here:
        here.caller()
        two_images(here)
        answer = guarded(file, "--running", str(runs), "--without", "ecs", "--without", "lambda")
    assert f"    runs in:  ECS task definition nightly, its newest revision ({runs}:1)\n" in answer.stdout


def test_make_deploy_runs_the_guard_before_it_deploys() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\ndeploy:")[2].partition("\n\n")[0]
    assert recipe.index("ecrctl lifecycle guard --registry $(REGISTRY) $(GUARD)") < recipe.index("$(CDK) deploy")
