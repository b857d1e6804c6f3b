"""`ecrctl cost --live`: what AWS holds, priced; and what it does not get to see, said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.aws.cloud import CloudError
from ops.cli import app
from registry.errors import ExitCode, InvalidFile
from tests.ops.stubs import ACCOUNT, HOME, Cloud, stubbed
from tests.synth import SMALL

RUN = CliRunner()
TOKYO = "ap-northeast-1"
GB = 2**30
TEXT = f"{SMALL}namespaces: {{web: {{owner: team-web}}}}\nrepositories: {{web/api: }}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(TEXT)
    return path


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)  # stubs answer in their order
    with stubbed(monkeypatch) as made:
        yield made


def run(file: Path, *words: str) -> Any:
    return RUN.invoke(app, ["cost", "--live", "--no-manifests", *words, "--registry", str(file)])


def there(cloud: Cloud, *sizes: int, at: str = HOME) -> None:
    """The repository web/api with images of some GB, which were pushed long ago."""
    repository = {
        "repositoryName": "web/api",
        "repositoryUri": f"{ACCOUNT}.dkr.ecr.{at}.amazonaws.com/web/api",
        "createdAt": datetime(2026, 1, 2, tzinfo=UTC),
    }
    cloud.expect("describe_repositories", {"repositories": [repository] if sizes else []}, at=at)
    images = [
        {
            "imageDigest": f"sha256:{n:064}",
            "imagePushedAt": datetime(2020, 1, 1, tzinfo=UTC),
            "imageSizeInBytes": size * GB,
            "imageTags": [f"v{n}"],
        }
        for n, size in enumerate(sizes)
    ]
    if sizes:
        cloud.expect("describe_images", {"imageDetails": images}, at=at)


def test_what_aws_holds_is_priced(cloud: Cloud, file: Path) -> None:
    cloud.caller()
    there(cloud, 10, 20)
    finished = run(file, "--by", "owner")
    assert finished.exit_code == ExitCode.FINE, finished.exception
    assert finished.stdout.splitlines()[1:] == ["team-web\t2.00 to 3.00\t"]
    assert "manifests were not read in ap-northeast-2, where ECR records that as a pull" in finished.stderr


def test_a_replica_is_counted_by_what_is_there_and_not_by_what_should_be(cloud: Cloud, file: Path) -> None:
    file.write_text(f"{TEXT}replicas: {{{TOKYO}: }}\n")
    cloud.caller()
    there(cloud, 10)
    there(cloud, 4, at=TOKYO)
    finished = run(file, "--by", "location")
    assert finished.stdout.splitlines()[1:] == [f"{TOKYO}\t0.40", f"{HOME}\t1.00"]


def test_an_account_without_credentials_makes_it_a_part_and_that_is_said(cloud: Cloud, file: Path) -> None:
    file.write_text(f"{TEXT}replicas: {{210987654321/{TOKYO}: }}\n")
    cloud.caller()
    there(cloud, 10)
    finished = run(file)
    assert finished.exit_code == ExitCode.UNKNOWN
    said = f"not counted: storage in 210987654321/{TOKYO} (0.1 USD a GB-month): not asked what is stored"
    assert said in finished.stderr


def test_what_a_plan_adds_holds_what_the_home_holds(cloud: Cloud, file: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.yaml"
    old.write_text(TEXT)
    file.write_text(f"{TEXT}replicas: {{{TOKYO}: }}\n")
    cloud.caller()
    there(cloud, 10)  # and nothing is asked of the replica, which is not there yet
    finished = run(file, "--plan", str(old), "--by", "location")
    assert finished.stdout.splitlines()[1:] == [f"{TOKYO}\t0.00\t1.00\t+1.00", f"{HOME}\t1.00\t1.00\t0.00"]


def test_a_budget_is_a_finding_and_no_question(cloud: Cloud, file: Path) -> None:
    file.write_text(f"{TEXT}budgets: {{team-web: 1}}\n")
    cloud.caller()
    there(cloud, 20)
    finished = run(file)
    assert finished.exit_code == ExitCode.NO
    assert f"{file}:4:21: error: team-web costs more than its budget [budget-exceeded]" in finished.stderr


def test_a_part_that_is_refused_is_no_whole(cloud: Cloud, file: Path) -> None:
    cloud.caller()
    cloud.refuse("describe_repositories", "AccessDeniedException", "no")
    finished = run(file)
    assert isinstance(finished.exception, CloudError) or finished.exit_code == ExitCode.UNKNOWN
    assert "DescribeRepositories" in str(finished.exception)


def saved(file: Path, *regions: str) -> Path:
    """An `ecrctl usage --json` in which web/api holds 10 GB in each region, 3 of them pushed in a month."""
    size = {"atLeast": 10 * GB, "atMost": 10 * GB}
    none = {"atLeast": 0, "atMost": 0}
    repository = {
        "repositoryName": "web/api",
        "owner": "team-of-then",
        "imageCount": 4,
        "archivedImageCount": 0,
        "imagesWithUnknownLayers": 0,
        "newImageCount": 0,
        "newInBytes": none,
        "unpulledImageCount": 0,
        "unpulledInBytes": none,
        "neverPulledImageCount": 0,
        "lastPushedAt": None,
        "lastRecordedPullTime": None,
        "standardInBytes": size,
        "archiveInBytes": none,
        "pushedByMonth": [
            {"month": "2026-04", "imageCount": 2, "newInBytes": {"atLeast": 3 * GB, "atMost": 3 * GB}},
            {"month": "2026-05", "imageCount": 9, "newInBytes": size},
        ],
    }
    registries = [
        {
            "registryId": ACCOUNT,
            "region": region,
            "eachLayerOnceInBytes": size,
            "repositories": [repository],
            "layers": [],
            "bases": [],
        }
        for region in regions
    ]
    path = file.parent / "usage.json"
    day = "2026-05-09T00:00:00+00:00"
    said = {"asOf": day, "newSince": day, "unpulledSince": day, "notAsked": [], "registries": registries}
    path.write_text(json.dumps(said))
    return path


def kept(file: Path, usage: Path, *words: str) -> Any:
    return RUN.invoke(app, ["cost", "--usage", str(usage), *words, "--registry", str(file)])


def test_what_was_counted_before_is_priced_with_the_month_before_it(file: Path) -> None:
    file.write_text(f"{TEXT}replicas: {{{TOKYO}: }}\n")
    finished = kept(file, saved(file, HOME, TOKYO), "--by", "line")
    assert finished.exit_code == ExitCode.FINE, finished.exception
    rows = [line.split("\t") for line in finished.stdout.splitlines()[1:]]
    assert [(row[0], row[1], row[3], row[4], row[6]) for row in rows] == [
        ("storage", TOKYO, "team-web", "10 GB-month", "1.00"),
        ("storage", HOME, "team-web", "10 GB-month", "1.00"),
        ("transfer to other regions", HOME, "team-web", "3 GB", "0.24"),
    ]
    assert "sizes are those of 2026-05-09" in finished.stderr
    assert "pushes are those of 2026-04" in finished.stderr


def test_a_location_that_was_not_counted_is_said(file: Path) -> None:
    file.write_text(f"{TEXT}replicas: {{{TOKYO}: }}\n")
    finished = kept(file, saved(file, HOME))
    assert finished.exit_code == ExitCode.UNKNOWN
    assert f"not counted: storage in {TOKYO} (0.1 USD a GB-month): not asked what is stored" in finished.stderr


def test_what_is_no_usage_is_refused(file: Path) -> None:
    finished = kept(file, file)
    assert isinstance(finished.exception, InvalidFile)


def test_options_about_aws_want_live(file: Path) -> None:
    finished = RUN.invoke(app, ["cost", "--manifests", "--registry", str(file)])
    assert finished.exit_code == ExitCode.INVALID
