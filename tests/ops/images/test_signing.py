"""`ecrctl signing`: what is not signed and why, and no silence taken for a signature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.images import NoSuchRepository
from registry.errors import ExitCode
from tests.ops.images.stored import NAME, described, digest, row
from tests.ops.stubs import Cloud
from tests.synth import SMALL

RUN = CliRunner()
PROFILE = "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases"
OTHER = "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/company"
DENIED = "is not authorized to perform: signer:SignPayload"


@pytest.fixture
def signing(tmp_path: Path) -> Path:
    path = tmp_path / "registry.yaml"
    path.write_text(
        f"{SMALL}signing: [{{signing_profile: releases, repository_filters: ['web/*']}}]\n"
        "signing_profiles: {releases: }\nrepositories: {web/api: , data/x: }\n"
    )
    return path


def run(file: Path, *words: str) -> Any:
    return RUN.invoke(app, ["signing", *words, "-f", str(file)])


def status(cloud: Cloud, letter: str, *said: tuple[str, str, str]) -> None:
    """An answer of DescribeImageSigningStatus: profile, status and the reason of a failure."""
    rows = [
        {"signingProfileArn": profile, "status": word}
        | ({"failureCode": "ACCESS_DENIED", "failureReason": why} if why else {})
        for profile, word, why in said
    ]
    wanted = {**NAME, "imageId": {"imageDigest": digest(letter)}}
    cloud.expect("describe_image_signing_status", {"signingStatuses": rows}, wanted)


def test_an_image_that_was_pushed_before_the_rule_is_not_signed(cloud: Cloud, signing: Path) -> None:
    """ECR signs nothing that was there, and no status is how it says so."""
    described(cloud, row("a", "v2", days=1), row("b", "v1", days=3))
    status(cloud, "a", (PROFILE, "COMPLETE", ""))
    status(cloud, "b")
    finished = run(signing)
    assert finished.exit_code == ExitCode.NO
    lines = finished.stdout.splitlines()
    assert len(lines) == 2  # the signed one is no line
    assert lines[1].startswith("web/api\tv1\t")
    assert "\treleases\tnot signed\tECR has no status: it was pushed before the rule" in lines[1]
    assert "2 images in 1 repository: 1 signed, 1 not signed" in finished.stderr


def test_a_pusher_without_the_permission_is_told_by_awss_reason(cloud: Cloud, signing: Path) -> None:
    """Shape of containers-roadmap #2830: ECR pushes in a role that may not sign."""
    described(cloud, row("a", "v2"))
    status(cloud, "a", (PROFILE, "FAILED", DENIED))
    finished = run(signing, "web/api", "--json")
    assert finished.exit_code == ExitCode.NO
    (found,) = json.loads(finished.stdout)
    assert found["signingProfileArn"] == PROFILE
    assert (found["status"], found["reason"]) == ("not signed", f"ACCESS_DENIED: {DENIED}")


def test_a_signature_in_progress_is_neither_signed_nor_missing(cloud: Cloud, signing: Path) -> None:
    described(cloud, row("a"))
    status(cloud, "a", (PROFILE, "IN_PROGRESS", ""))
    finished = run(signing)
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert f"web/api\t{digest('a')}\t" in finished.stdout
    assert "0 signed, 1 in progress, 0 not signed" in finished.stderr


def test_old_images_signatures_and_the_archive_are_not_asked_for(cloud: Cloud, signing: Path) -> None:
    """Shape of eks-anywhere #7182: artifacts that refer to an image are many, and are not signed themselves."""
    described(
        cloud,
        row("a", "v1", days=8),
        row("b", subjectManifestDigest=digest("a"), artifactMediaType="application/vnd.cncf.notary.signature"),
        row("c", imageStatus="ARCHIVED"),
    )
    finished = run(signing)
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert "0 images in 1 repository: 0 signed, 0 not signed" in finished.stderr
    described(cloud, row("a", "v1", days=8))
    status(cloud, "a", (PROFILE, "COMPLETE", ""))
    finished = run(signing, "--since", "2w", "--all", "--markdown")
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert "| `web/api` | `v1` |" in finished.stdout


def test_an_image_that_another_profile_signed_is_not_signed_as_the_file_says(cloud: Cloud, signing: Path) -> None:
    described(cloud, row("a", "v1"))
    status(cloud, "a", (OTHER, "COMPLETE", ""))
    finished = run(signing, "--all")
    assert finished.exit_code == ExitCode.NO
    assert [line.split("\t")[3:5] for line in finished.stdout.splitlines()[1:]] == [
        ["company", "signed"], ["releases", "not signed"],
    ]  # fmt: skip
    assert "another profile signed it" in finished.stdout


def test_a_repository_without_a_rule_can_be_asked_for_by_name(cloud: Cloud, signing: Path) -> None:
    wanted = {**NAME, "repositoryName": "data/x"}
    described_there = {**wanted, "filter": {"imageStatus": "ANY"}, "maxResults": 1000}
    cloud.expect("describe_images", {"imageDetails": [row("a", "v1")]}, described_there)
    cloud.expect(
        "describe_image_signing_status", {"signingStatuses": []}, {**wanted, "imageId": {"imageDigest": digest("a")}}
    )
    finished = run(signing, "data/x")
    assert finished.exit_code == ExitCode.NO
    assert "no rule of the file signs this repository" in finished.stdout


def test_a_repository_that_is_not_there_is_an_error_only_where_it_is_named(cloud: Cloud, signing: Path) -> None:
    cloud.refuse("describe_images", "RepositoryNotFoundException")
    assert run(signing).exit_code == ExitCode.FINE
    cloud.refuse("describe_images", "RepositoryNotFoundException")
    assert isinstance(run(signing, "web/api").exception, NoSuchRepository)


def test_a_file_without_signing_says_so_and_asks_nothing(file: Path) -> None:
    finished = run(file)
    assert finished.exit_code == ExitCode.FINE
    assert "declares no signing" in finished.stderr
