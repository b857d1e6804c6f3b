"""`ecrctl lifecycle preview`: AWS's preview followed and read page by page, and compared with the simulation."""

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
from registry.errors import UnknownName
from registry.lifecycle.images import INDEX_TYPES
from tests.ops.stubs import HOME, POLICY, REPLICA, Cloud, stubbed
from tests.synth import SMALL

RUN = CliRunner()
NAME = {"repositoryName": "web/api"}
OLD = datetime.now(UTC) - timedelta(days=100)
DIGESTS = [f"sha256:{letter * 64}" for letter in "abc"]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("ops.lifecycle.preview._POLL_SECONDS", 0)
    with stubbed(monkeypatch) as made:
        made.caller()
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(SMALL + "repositories: {web/api: }\n")
    return path


def previewed(file: Path, *arguments: str) -> Any:
    return RUN.invoke(app, ["lifecycle", "preview", *arguments, "-f", str(file)], env={"COLUMNS": "200"})


def untagged(cloud: Cloud, *digests: str, at: str = HOME, **more: Any) -> None:
    """A repository of untagged images that are old."""
    rows = [{"imageDigest": digest, "imagePushedAt": OLD, **more} for digest in digests]
    wanted = {**NAME, "filter": {"imageStatus": "ANY"}, "maxResults": 1000}
    cloud.expect("describe_images", {"imageDetails": rows}, wanted, at=at)


def started(cloud: Cloud, at: str = HOME) -> None:
    cloud.expect(
        "start_lifecycle_policy_preview", {"status": "IN_PROGRESS"}, {**NAME, "lifecyclePolicyText": POLICY}, at=at
    )


def page(cloud: Cloud, status: str, *digests: str, token: str = "", after: str = "", at: str = HOME) -> None:
    """One answer of AWS's."""
    results = [
        {
            "imageTags": [],
            "imageDigest": digest,
            "imagePushedAt": OLD,
            "action": {"type": "EXPIRE"},
            "appliedRulePriority": 1,
        }
        for digest in digests
    ]
    answer = {"registryId": "123456789012", **NAME, "lifecyclePolicyText": POLICY, "status": status}
    answer |= {"previewResults": results, "summary": {"expiringImageTotalCount": 2}}
    answer |= {"nextToken": token} if token else {}
    wanted = {**NAME, "maxResults": 100} | ({"nextToken": after} if after else {})
    cloud.expect("get_lifecycle_policy_preview", answer, wanted, at=at)


def test_awss_preview_is_started_with_the_declared_policy_followed_and_read_to_its_end(
    cloud: Cloud, file: Path
) -> None:
    untagged(cloud, *DIGESTS)
    started(cloud)
    page(cloud, "IN_PROGRESS")
    page(cloud, "COMPLETE", DIGESTS[0], token="more")
    page(cloud, "COMPLETE", DIGESTS[1], after="more")
    answer = previewed(file, "web/api", "--json")
    assert answer.exit_code == 0
    found = json.loads(answer.stdout)
    assert [row["imageDigest"] for row in found["previewResults"]] == DIGESTS[:2]
    assert found["previewResults"][0]["imagePushedAt"] == OLD.isoformat()
    assert (found["region"], found["status"], found["simulated"]) == (HOME, "COMPLETE", False)
    assert found["summary"] == {"expiringImageTotalCount": 2}


def test_a_preview_that_somebody_else_runs_ends_first(cloud: Cloud, file: Path) -> None:
    untagged(cloud, DIGESTS[0])
    cloud.refuse("start_lifecycle_policy_preview", "LifecyclePolicyPreviewInProgressException")
    started(cloud)
    page(cloud, "COMPLETE", DIGESTS[0])
    assert previewed(file, "web/api").exit_code == 0


@pytest.mark.parametrize("status", ["FAILED", "EXPIRED"])
def test_a_preview_that_fails_is_said(cloud: Cloud, file: Path, status: str) -> None:
    untagged(cloud, DIGESTS[0])
    started(cloud)
    page(cloud, status)
    answer = previewed(file, "web/api")
    assert isinstance(answer.exception, CloudError)
    assert f"the preview of web/api in {HOME} ended in {status}" in str(answer.exception)


def test_where_the_service_has_no_preview_it_is_simulated_and_said(cloud: Cloud, file: Path) -> None:
    untagged(cloud, *DIGESTS)
    cloud.refuse("start_lifecycle_policy_preview", "InvalidAction", "Unknown action")
    answer = previewed(file, "web/api")
    assert answer.exit_code == 0
    assert answer.stdout.startswith(f"web/api in {HOME}, simulated: 3 expire, 0 are archived")
    assert answer.stderr == "note: this service has no preview of lifecycle policies; it was simulated\n"


def test_any_other_refusal_of_awss_is_an_error(cloud: Cloud, file: Path) -> None:
    untagged(cloud, *DIGESTS)
    cloud.refuse("start_lifecycle_policy_preview", "AccessDeniedException", "no")
    answer = previewed(file, "web/api")
    assert isinstance(answer.exception, CloudError)
    assert "AWS refused StartLifecyclePolicyPreview: no (AccessDeniedException)" in str(answer.exception)


def test_asked_to_simulate_aws_is_not_asked(cloud: Cloud, file: Path) -> None:
    untagged(cloud, *DIGESTS)
    answer = previewed(file, "web/api", "--simulate")
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert "3 expire" in answer.stdout


def test_a_comparison_shows_every_difference_and_exits_1(cloud: Cloud, file: Path) -> None:
    untagged(cloud, *DIGESTS[:2])
    started(cloud)
    page(cloud, "COMPLETE", DIGESTS[1], DIGESTS[2])
    answer = previewed(file, "web/api", "--compare")
    assert answer.exit_code == 1
    assert f"{DIGESTS[0]}: AWS says nothing, the simulation EXPIRE by rule 1\n" in answer.stdout
    assert f"{DIGESTS[2]}: AWS says EXPIRE by rule 1, the simulation nothing\n" in answer.stdout
    assert f"{DIGESTS[1]}: " not in answer.stdout


def test_a_comparison_without_differences_exits_0(cloud: Cloud, file: Path) -> None:
    untagged(cloud, DIGESTS[0])
    started(cloud)
    page(cloud, "COMPLETE", DIGESTS[0])
    answer = previewed(file, "web/api", "--compare", "--json")
    assert (answer.exit_code, json.loads(answer.stdout)["differences"]) == (0, [])


def test_the_children_of_indexes_are_read_from_their_manifests(cloud: Cloud, file: Path) -> None:
    rows = [
        {"imageDigest": DIGESTS[0], "imagePushedAt": OLD, "imageTags": ["v1"],
         "imageManifestMediaType": "application/vnd.oci.image.index.v1+json"},
        {"imageDigest": DIGESTS[1], "imagePushedAt": OLD},
    ]  # fmt: skip
    cloud.expect("describe_images", {"imageDetails": rows})
    manifest = json.dumps({"manifests": [{"digest": DIGESTS[1]}]})
    cloud.expect(
        "batch_get_image",
        {"images": [{"imageId": {"imageDigest": DIGESTS[0]}, "imageManifest": manifest}]},
        {**NAME, "imageIds": [{"imageDigest": DIGESTS[0]}], "acceptedMediaTypes": sorted(INDEX_TYPES)},
    )
    answer = previewed(file, "web/api", "--simulate", "--json")
    found = json.loads(answer.stdout)
    assert (found["previewResults"], "indexesWithUnknownChildren" in found) == ([], False)


def test_where_pulls_count_no_manifest_is_pulled(cloud: Cloud, file: Path, tmp_path: Path) -> None:
    selection = {"tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days", "countNumber": 9}
    action = {"type": "transition", "targetStorageClass": "archive"}
    policy = tmp_path / "p.json"
    policy.write_text(json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": action}]}))
    untagged(cloud, DIGESTS[0], imageManifestMediaType="application/vnd.oci.image.index.v1+json")
    found = json.loads(previewed(file, "web/api", "--simulate", "--json", "--policy", str(policy)).stdout)
    assert found["indexesWithUnknownChildren"] == [DIGESTS[0]]
    assert found["summary"]["transitioningImageTotalCounts"] == [
        {"targetStorageClass": "ARCHIVE", "imageTotalCount": 1}
    ]


def test_all_means_every_repository_in_every_region(cloud: Cloud, file: Path) -> None:
    file.write_text(SMALL + f"replicas: {{{REPLICA}: }}\nrepositories: {{web/api: }}\n")
    untagged(cloud, DIGESTS[0])
    started(cloud)
    page(cloud, "COMPLETE", DIGESTS[0])
    cloud.refuse("describe_images", "RepositoryNotFoundException", at=REPLICA)
    answer = previewed(file, "--all")
    assert answer.exit_code == 0
    assert f"web/api in {HOME}: 2 expire" in answer.stdout
    assert f"web/api in {REPLICA}: there is no such repository yet\n" in answer.stdout


def test_one_region_can_be_chosen(cloud: Cloud, file: Path) -> None:
    file.write_text(SMALL + f"replicas: {{{REPLICA}: }}\nrepositories: {{web/api: }}\n")
    untagged(cloud, at=REPLICA)
    answer = previewed(file, "--all", "--simulate", "--region", REPLICA)
    assert answer.stdout == f"web/api in {REPLICA}, simulated: 0 expire, 0 are archived\n"


def test_a_repository_without_a_policy_loses_nothing(cloud: Cloud, file: Path) -> None:
    file.write_text(SMALL + "lifecycles: {none: []}\nrepositories: {web/api: {lifecycle: none}}\n")
    answer = previewed(file, "--all")
    assert (answer.exit_code, answer.stdout) == (0, "nothing expires there: no lifecycle policy is declared\n")


@pytest.mark.parametrize("arguments", [[], ["web/api", "--all"]], ids=["neither", "both"])
def test_names_or_all_have_to_be_said(file: Path, arguments: list[str]) -> None:
    assert previewed(file, *arguments).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["web/apo"], "did you mean web/api?"), (["--all", "--region", "us-west-1"], "the file declares nothing in us-")],
)
def test_what_is_not_declared_is_said(file: Path, arguments: list[str], message: str) -> None:
    answer = previewed(file, *arguments)
    assert isinstance(answer.exception, UnknownName)
    assert message in str(answer.exception)
