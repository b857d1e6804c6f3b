"""`ecrctl lifecycle guard`: what would go is compared with what runs, wherever that is known from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.aws.cloud import CloudError
from ops.cli import app
from registry.errors import UnreadableFile
from registry.lifecycle.images import INDEX_TYPES
from tests.ops.stubs import ACCOUNT, HOME, Cloud, stubbed
from tests.synth import SMALL

RUN = CliRunner()
HOST = f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com"
OLD, NEW = (datetime.now(UTC) - timedelta(days=days) for days in (100, 1))
OLDEST, NEWEST = (f"sha256:{letter * 64}" for letter in "ab")
ARN = f"arn:aws:ecs:{HOME}:{ACCOUNT}"
EVERYTHING = {"filter": {"imageStatus": "ANY"}, "maxResults": 1000}
ALONE = ("--without", "ecs", "--without", "lambda")
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


def two_images(cloud: Cloud, scan_type: str = "BASIC", live: str | None = None, **oldest: Any) -> None:
    """The older of them goes by the policy; `live` is the policy that the repository has now."""
    rows = [
        {"imageDigest": OLDEST, "imagePushedAt": OLD, "imageTags": ["v1", "prod"], **oldest},
        {"imageDigest": NEWEST, "imagePushedAt": NEW, "imageTags": ["v2"]},
    ]
    cloud.expect("describe_images", {"imageDetails": rows}, {**EVERYTHING, "repositoryName": "web/api"})
    has_policy(cloud, live)
    cloud.expect("get_registry_scanning_configuration", {"scanningConfiguration": {"scanType": scan_type}})


def has_policy(cloud: Cloud, text: str | None) -> None:
    if text is None:
        cloud.refuse("get_lifecycle_policy", "LifecyclePolicyNotFoundException")
    else:
        cloud.expect("get_lifecycle_policy", {"lifecyclePolicyText": text}, {"repositoryName": "web/api"})


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
    assert (answer.exit_code, answer.stdout) == (
        0,
        "repositories: 1; images to be deleted: 1; of them running: 0; by this change: 0\n",
    )


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
        "repositories: 1; images to be deleted: 1; of them running: 1; by this change: 1\n"
        "way out: protect their tags in an earlier sentence of the lifecycle, deploy newer images first, or give "
        "the reason to delete them: make deploy GUARD='--accept \"REASON\"'\n"
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
    rows = [
        {"imageDigest": f"sha256:{number:064}", "imagePushedAt": OLD, "imageTags": [f"v{number}"],
         "lastRecordedPullTime": NEW}
        for number in range(31)
    ]  # fmt: skip
    cloud.expect("describe_images", {"imageDetails": rows})
    has_policy(cloud, None)
    cloud.expect("get_registry_scanning_configuration", {"scanningConfiguration": {"scanType": "BASIC"}})
    answer = guarded(file, *ALONE)
    assert answer.stdout.count("warning: ") == 20
    assert "and 10 more warnings; --json has all of them\n" in answer.stdout


def covered(digest: str, **image: Any) -> dict[str, Any]:
    """An image as Amazon Inspector covers it: without a single vulnerability."""
    return {
        "resourceType": "AWS_ECR_CONTAINER_IMAGE",
        "resourceId": f"arn:aws:ecr:{HOME}:{ACCOUNT}:repository/web/api/{digest}",
        "accountId": ACCOUNT,
        "scanType": "PACKAGE",
        "resourceMetadata": {"ecrImage": image},
    }


OF_WEB_API = {
    "filterCriteria": {
        "ecrRepositoryName": [{"comparison": "EQUALS", "value": "web/api"}],
        "resourceType": [{"comparison": "EQUALS", "value": "AWS_ECR_CONTAINER_IMAGE"}],
    },
    "maxResults": 200,
}


def test_where_amazon_inspector_looks_an_image_in_use_counts_without_a_vulnerability(cloud: Cloud, file: Path) -> None:
    two_images(cloud, "ENHANCED")
    cloud.expect("list_coverage", {"coveredResources": [covered(NEWEST)], "nextToken": "more"}, OF_WEB_API)
    used = covered(OLDEST, inUseCount=4, lastInUseAt=NEW)
    cloud.expect("list_coverage", {"coveredResources": [used]}, OF_WEB_API | {"nextToken": "more"})
    where = {"lastInUse": NEW, "clusterMetadata": {"awsEksMetadataDetails": {"namespace": "shop"}}}
    blue, green = (f"arn:aws:eks:{HOME}:{ACCOUNT}:cluster/{name}" for name in ("blue", "green"))
    asked = {"filter": {"resourceId": used["resourceId"]}, "maxResults": 100}
    details = [{**where, "runningUnitCount": 2}, {**where, "runningUnitCount": 1}]
    cloud.expect(
        "get_clusters_for_image",
        {"cluster": [{"clusterArn": blue, "clusterDetails": details}], "nextToken": "n"},
        asked,
    )
    stopped = [{"clusterArn": green, "clusterDetails": [{**where, "stoppedUnitCount": 9}]}]
    cloud.expect("get_clusters_for_image", {"cluster": stopped}, asked | {"nextToken": "n"})
    answer = guarded(file, *ALONE)
    assert answer.exit_code == 1
    assert f"    runs in:  3 ECS or EKS tasks or pods of cluster {blue}, seen by Amazon Inspector\n" in answer.stdout
    assert green not in answer.stdout


def test_where_nobody_says_in_which_cluster_the_count_of_use_is_enough(cloud: Cloud, file: Path) -> None:
    two_images(cloud, "ENHANCED")
    cloud.expect("list_coverage", {"coveredResources": [covered(OLDEST, inUseCount=1)]}, OF_WEB_API)
    cloud.expect("get_clusters_for_image", {"cluster": [{"clusterArn": f"{ARN}:cluster/blue"}]})
    answer = guarded(file, *ALONE)
    assert answer.exit_code == 1
    assert "    runs in:  1 ECS or EKS task or pod, reported by Amazon Inspector\n" in answer.stdout


def test_an_image_that_was_used_lately_is_a_warning(cloud: Cloud, file: Path) -> None:
    two_images(cloud, "ENHANCED")
    cloud.expect("list_coverage", {"coveredResources": [covered(OLDEST, inUseCount=0, lastInUseAt=NEW)]}, OF_WEB_API)
    answer = guarded(file, *ALONE)
    assert (answer.exit_code, answer.stdout.count("warning: ")) == (0, 1)
    assert f"    used:     {NEW.isoformat(timespec='seconds')}\n" in answer.stdout


@pytest.mark.parametrize(
    "covers", [[], [covered(OLDEST)], [covered(NEWEST, inUseCount=3)]], ids=["nothing", "it", "other"]
)
def test_an_image_that_inspector_does_not_see_in_use_is_not(cloud: Cloud, file: Path, covers: list[Any]) -> None:
    two_images(cloud, "ENHANCED")
    cloud.expect("list_coverage", {"coveredResources": covers}, OF_WEB_API)
    assert guarded(file, *ALONE).exit_code == 0


@pytest.mark.parametrize("operation", ["list_coverage", "get_clusters_for_image"])
def test_where_inspector_may_not_be_asked_the_guard_says_which_permission_and_which_option(
    cloud: Cloud, file: Path, operation: str
) -> None:
    two_images(cloud, "ENHANCED")
    if operation == "get_clusters_for_image":
        cloud.expect("list_coverage", {"coveredResources": [covered(OLDEST, inUseCount=1)]}, OF_WEB_API)
    cloud.refuse(operation, "AccessDeniedException", "not allowed")
    answer = guarded(file, *ALONE)
    assert isinstance(answer.exception, CloudError)
    assert "allow inspector2:ListCoverage and inspector2:GetClustersForImage, or add --without inspector" in str(
        answer.exception
    )


def test_where_there_is_no_inspector_it_sees_nothing(cloud: Cloud, file: Path) -> None:
    two_images(cloud, "ENHANCED")
    cloud.refuse("list_coverage", "InvalidAction")
    assert guarded(file, *ALONE).exit_code == 0


def test_an_answer_that_does_not_say_how_images_are_scanned_is_not_taken_for_basic(cloud: Cloud, file: Path) -> None:
    rows = [{"imageDigest": d, "imagePushedAt": OLD, "imageTags": [t]} for d, t in ((OLDEST, "v1"), (NEWEST, "v2"))]
    cloud.expect("describe_images", {"imageDetails": rows})
    has_policy(cloud, None)
    cloud.expect("get_registry_scanning_configuration", {})
    answer = guarded(file, *ALONE)
    assert isinstance(answer.exception, CloudError)
    assert "add --without inspector" in str(answer.exception)


def test_without_inspector_nobody_asks_how_images_are_scanned(cloud: Cloud, file: Path) -> None:
    rows = [{"imageDigest": d, "imagePushedAt": OLD, "imageTags": [t]} for d, t in ((OLDEST, "v1"), (NEWEST, "v2"))]
    cloud.expect("describe_images", {"imageDetails": rows})
    has_policy(cloud, None)
    assert guarded(file, *ALONE, "--without", "inspector").exit_code == 0


def test_of_archived_images_nobody_asks_inspector(cloud: Cloud, tmp_path: Path) -> None:
    """They are not scanned, and run nowhere; that they go is counted all the same."""
    file = tmp_path / "registry.yaml"
    file.write_text(
        SMALL + "lifecycles: {x: [{expire_archived: {any: true, after_days: 90}}]}\n"
        "repositories: {web/api: {lifecycle: x}}\n"
    )
    row = {"imageDigest": OLDEST, "imagePushedAt": OLD, "lastArchivedAt": OLD, "imageStatus": "ARCHIVED"}
    cloud.expect("describe_images", {"imageDetails": [row]}, {**EVERYTHING, "repositoryName": "web/api"})
    has_policy(cloud, None)
    answer = guarded(file, *ALONE)
    assert answer.stdout == "repositories: 1; images to be deleted: 1; of them running: 0; by this change: 0\n"


#: What the file declares, and a policy that takes the same images in other words.
DECLARED = {"tagStatus": "tagged", "tagPatternList": ["v*"], "countType": "imageCountMoreThan", "countNumber": 1}


def policy_text(action: dict[str, str] | None = None, **selection: Any) -> str:
    rule = {"rulePriority": 1, "selection": DECLARED | selection, "action": action or {"type": "expire"}}
    return json.dumps({"rules": [rule]})


@pytest.mark.parametrize(
    ("live", "code"),
    [
        (None, 1),
        (policy_text(), 0),
        (policy_text(tagPatternList=["*"]), 0),
        (policy_text(countNumber=2), 1),
        (policy_text(tagPatternList=["x*"]), 1),
        (policy_text({"type": "transition", "targetStorageClass": "archive"}), 1),
        (policy_text(countType="of a kind that is not known yet"), 1),
    ],
    ids=["none", "the same", "takes it as well", "keeps it", "is about others", "archives it", "cannot be read"],
)
def test_only_what_this_deploy_would_newly_take_stops_it(
    cloud: Cloud, file: Path, tmp_path: Path, live: str | None, code: int
) -> None:
    """One endangered image of one team must not stop the deploys of all teams that change nothing about it."""
    runs = tmp_path / "runs.txt"
    runs.write_text("web/api:prod\n")
    two_images(cloud, live=live)
    answer = guarded(file, *ALONE, "--running", str(runs))
    assert answer.exit_code == code
    assert answer.stdout.startswith("error: " if code else "warning: ")
    assert ("    live:     the deployed policy deletes it anyway" in answer.stdout) == (code == 0)
    assert f"of them running: 1; by this change: {code}\n" in answer.stdout
    assert ("cannot be read, so every deletion counts as new" in answer.stderr) == (live is not None and "kind" in live)


def test_a_reason_lets_images_go_and_is_printed_with_them(cloud: Cloud, file: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs.txt"
    runs.write_text("web/api:prod\n")
    two_images(cloud)
    answer = guarded(file, *ALONE, "--running", str(runs), "--accept", "stopped on Monday, OPS-17")
    assert answer.exit_code == 0
    assert answer.stdout.startswith(f"accepted: web/api in {HOME}: {OLDEST} (v1, prod) would expire by rule 1")
    assert answer.stdout.endswith("\naccepted, because: stopped on Monday, OPS-17\n")
    cloud.caller()
    two_images(cloud)
    found = json.loads(guarded(file, *ALONE, "--running", str(runs), "--accept", "OPS-17", "--json").stdout)
    assert (found["accepted"], found["endangered"][0]["added"]) == ("OPS-17", True)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_is_one(file: Path, reason: str) -> None:
    assert guarded(file, "--accept", reason).exit_code == 2


def test_a_list_that_names_no_image_is_said(cloud: Cloud, file: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs.txt"
    runs.write_text("")
    two_images(cloud)
    answer = guarded(file, *ALONE, "--running", str(runs))
    assert (answer.exit_code, answer.stderr) == (0, f"note: {runs} names no image\n")


def test_manifest_lists_are_read_by_the_hundred_and_archived_ones_not_at_all(cloud: Cloud, file: Path) -> None:
    index = "application/vnd.oci.image.index.v1+json"
    digests = [f"sha256:{number:064}" for number in range(102)]
    rows: list[dict[str, Any]] = [
        {"imageDigest": digest, "imagePushedAt": NEW, "imageManifestMediaType": index} for digest in digests
    ]
    rows[101] |= {"imageStatus": "ARCHIVED", "lastArchivedAt": NEW}
    rows.append({"imageDigest": OLDEST, "imagePushedAt": OLD, "imageTags": ["v1"]})
    rows.append({"imageDigest": NEWEST, "imagePushedAt": NEW, "imageTags": ["v2"]})
    cloud.expect("describe_images", {"imageDetails": rows})
    has_policy(cloud, None)
    manifest = json.dumps({"manifests": [{"digest": OLDEST}]})
    for batch in (digests[:100], digests[100:101]):
        cloud.expect(
            "batch_get_image",
            {"images": [{"imageId": {"imageDigest": d}, "imageManifest": manifest} for d in batch]},
            {
                "repositoryName": "web/api",
                "imageIds": [{"imageDigest": d} for d in batch],
                "acceptedMediaTypes": sorted(INDEX_TYPES),
            },
        )
    answer = guarded(file, *ALONE)
    assert answer.stdout == "repositories: 1; images to be deleted: 0; of them running: 0; by this change: 0\n"


def test_services_are_described_by_the_ten_and_tasks_by_the_hundred(cloud: Cloud, file: Path) -> None:
    two_images(cloud)
    cluster = f"{ARN}:cluster/blue"
    services = [f"{ARN}:service/blue/s{number}" for number in range(11)]
    tasks = [f"{ARN}:task/blue/{number}" for number in range(101)]
    cloud.expect("list_clusters", {"clusterArns": [cluster]})
    cloud.expect("list_services", {"serviceArns": services})
    for batch in (services[:10], services[10:]):
        cloud.expect("describe_services", {"services": []}, {"cluster": cluster, "services": batch})
    cloud.expect("list_tasks", {"taskArns": tasks})
    container = {"image": f"{HOST}/web/api@{OLDEST}"}
    for batch, rows in ((tasks[:100], []), (tasks[100:], [{"taskArn": tasks[100], "containers": [container]}])):
        cloud.expect("describe_tasks", {"tasks": rows}, {"cluster": cluster, "tasks": batch})
    cloud.expect("list_task_definition_families", {"families": []})
    no_lambda(cloud)
    answer = guarded(file)
    assert answer.exit_code == 1
    assert "    runs in:  ECS task 100 of cluster blue\n" in answer.stdout


def test_before_the_first_deploy_there_is_nothing_to_guard_and_nobody_is_asked_what_runs(
    cloud: Cloud, file: Path
) -> None:
    cloud.refuse("describe_images", "RepositoryNotFoundException")
    answer = guarded(file)
    assert (answer.exit_code, answer.stdout) == (
        0,
        "repositories: 0; images to be deleted: 0; of them running: 0; by this change: 0\n",
    )


def test_where_a_service_is_not_there_nothing_runs_on_it_and_that_is_said(cloud: Cloud, file: Path) -> None:
    two_images(cloud)
    cloud.refuse("list_clusters", "InvalidAction", "Unknown action")
    cloud.refuse("list_functions", "UnknownOperationException")
    answer = guarded(file)
    assert answer.exit_code == 0
    assert answer.stderr == (
        f"note: ecs in {HOME} is not available there, so nothing runs on it\n"
        f"note: lambda in {HOME} is not available there, so nothing runs on it\n"
    )


def test_where_nobody_may_ask_what_runs_the_guard_fails_with_the_way_out(cloud: Cloud, file: Path) -> None:
    two_images(cloud)
    cloud.refuse("list_clusters", "AccessDeniedException", "not allowed")
    answer = guarded(file, "--without", "lambda")  # what else is asked at the same time may be given up
    assert isinstance(answer.exception, CloudError)
    assert "add --without ecs if nothing runs there in this account" in str(answer.exception)


def test_another_policy_can_be_guarded(cloud: Cloud, file: Path, tmp_path: Path) -> None:
    policy = tmp_path / "p.json"
    selection = {"tagStatus": "tagged", "tagPatternList": ["x*"], "countType": "imageCountMoreThan", "countNumber": 1}
    policy.write_text(
        json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})
    )
    cloud.expect("describe_images", {"imageDetails": [{"imageDigest": OLDEST, "imagePushedAt": OLD}]})
    has_policy(cloud, None)
    assert (
        guarded(file, "--policy", str(policy)).stdout
        == "repositories: 1; images to be deleted: 0; of them running: 0; by this change: 0\n"
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
