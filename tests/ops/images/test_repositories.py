"""`ecrctl repositories`: what is in AWS, and what the file says of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.aws.cloud import OddAnswer
from ops.cli import app
from ops.images import ImageRegistry
from registry.errors import ExitCode
from tests.ops.images.stored import INDEX, described, row
from tests.ops.stubs import ACCOUNT, HOME, REPLICA, Cloud
from tests.synth import SMALL

RUN = CliRunner()
MADE = datetime(2026, 1, 2, tzinfo=UTC)
FILE = """\
replicas: {us-west-2: {namespaces: [web]}}
creation_templates:
  ROOT: {applied_for: [CREATE_ON_PUSH]}
  hub: {applied_for: [CREATE_ON_PUSH]}
  hub/deep: {applied_for: [CREATE_ON_PUSH]}
repositories: {web/api: , web/new: }
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(SMALL + FILE)
    return path


def there(cloud: Cloud, *names: str, at: str = HOME) -> None:
    rows = [
        {
            "repositoryName": name,
            "repositoryUri": f"{ACCOUNT}.dkr.ecr.{at}.amazonaws.com/{name}",
            "createdAt": MADE,
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfiguration": {"encryptionType": "KMS"},
        }
        for name in names
    ]
    wanted = {"registryId": ACCOUNT, "maxResults": 1000}
    cloud.expect("describe_repositories", {"repositories": rows}, wanted, at=at)


def listed(file: Path, *options: str) -> Any:
    return RUN.invoke(app, ["repositories", "-f", str(file), *options])


def test_each_repository_says_where_it_comes_from(cloud: Cloud, file: Path) -> None:
    there(cloud, "web/api", "hub/nginx", "hub/deep/x", "hubs", "old")
    finished = listed(file)
    assert finished.exit_code == ExitCode.FINE, finished.exception
    head, *lines = (line.split("\t") for line in finished.stdout.splitlines())
    assert head == ["repository", "file", "mutability", "encryption", "scan on push", "created"]
    assert {line[0]: line[1] for line in lines} == {
        "hub/deep/x": "template hub/deep",
        "hub/nginx": "template hub",
        "hubs": "template ROOT",
        "old": "template ROOT",
        "web/api": "declared",
        "web/new": "declared, not in AWS",
    }
    assert lines[0][2:] == ["IMMUTABLE", "KMS", "yes", "2026-01-02T00:00+00:00"]
    assert finished.stderr == "5 repositories in AWS, 4 of them not declared; 1 declared and not in AWS\n"


def test_an_answer_about_one_repository_without_it_cannot_be_used(cloud: Cloud) -> None:
    cloud.expect("describe_repositories", {"repositories": []})
    with pytest.raises(OddAnswer, match="DescribeRepositories cannot be used: it has no row\n    way out: "):
        ImageRegistry(HOME, account=ACCOUNT).repository("web/api")


def test_what_nobody_speaks_of_is_not_declared(cloud: Cloud, file: Path) -> None:
    file.write_text(SMALL + "repositories: {web/api: }\n")
    there(cloud, "old", "web/api")
    assert listed(file).stdout.splitlines()[1].startswith("old\tnot declared\t")


def test_at_a_replica_only_what_is_declared_there_is_missing(cloud: Cloud, file: Path) -> None:
    file.write_text(SMALL + FILE.replace("web/new: ", "data/x: "))
    there(cloud, at=REPLICA)
    found = json.loads(listed(file, "--region", "us-west-2", "--json").stdout)
    assert [(it["repositoryName"], it["inAws"]) for it in found] == [("web/api", False)]


def test_usage_counts_images_and_no_index_twice(cloud: Cloud, file: Path) -> None:
    there(cloud, "web/api", "web/new")
    pulled = datetime.now(UTC) - timedelta(days=1)
    described(
        cloud,
        row("1", "v1", days=2, imageManifestMediaType=INDEX, imageSizeInBytes=9),
        row("2", days=2, imageSizeInBytes=9, lastRecordedPullTime=pulled),
        row("3", days=5, imageSizeInBytes=5),
    )
    cloud.refuse("describe_images", "RepositoryNotFoundException")  # deleted in between
    api, new = json.loads(listed(file, "--usage", "--json").stdout)
    assert (api["imageCount"], api["taggedImageCount"], api["sizeInBytes"]) == (3, 1, 14)
    assert datetime.fromisoformat(api["lastRecordedPullTime"]) == pulled
    assert datetime.fromisoformat(api["lastPushedAt"]) > datetime.fromisoformat("2026-01-01T00:00+00:00")
    assert new["imageCount"] is None


def test_usage_has_its_columns(cloud: Cloud, file: Path) -> None:
    there(cloud, "web/api")
    described(cloud)
    lines = [line.split("\t") for line in listed(file, "--sizes").stdout.splitlines()]
    assert lines[0][6:] == ["images", "tagged", "size", "last push", "last pull"]
    assert lines[1][6:] == ["0", "0", "0 B", "never", "never"]
    assert len(lines[2]) == len(lines[0])  # what is not in AWS, too
