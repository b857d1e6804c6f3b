"""`ecrctl images`: every digest once, where it has arrived, and its manifests only where they are asked for."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.images import NoSuchRepository, listing
from ops.output.images import age, image_rows, image_table, size_text
from registry.errors import ExitCode, UnknownName
from registry.load import load
from tests.ops.images.stored import INDEX, NAME, NOW, described, digest, image_manifest, index_manifest, read, row
from tests.ops.stubs import REPLICA, Cloud
from tests.synth import SMALL

RUN = CliRunner()


def listed(file: Path, *options: str) -> Any:
    return RUN.invoke(app, ["images", "web/api", "-f", str(file), *options])


def rows(file: Path, *options: str) -> list[dict[str, Any]]:
    finished = listed(file, "--json", *options)
    assert finished.exit_code == ExitCode.FINE, finished.output
    return list(json.loads(finished.stdout))


def tags(file: Path, *options: str) -> list[list[str]]:
    return [each["imageTags"] for each in rows(file, *options)]


def test_a_line_has_all_tags_of_a_digest_and_what_ecr_says_of_it(cloud: Cloud, file: Path) -> None:
    scanned = {"imageScanFindingsSummary": {"findingSeverityCounts": {"LOW": 3, "CRITICAL": 1}}}
    described(cloud, row("a", "v2", "latest", days=3, **scanned), row("b", days=40, imageStatus="ARCHIVED"))
    finished = listed(file)
    head, newest, oldest = (line.split("\t") for line in finished.stdout.splitlines())
    assert head == ["tags", "digest", "kind", "size", "pushed", "age", "last pull", "class", "scan"]
    assert newest[:4] == ["latest, v2", digest("a"), "image", "1.5 MB"]
    assert newest[5:] == ["3d", "never", "standard", "1 CRITICAL, 3 LOW"]
    assert (oldest[0], oldest[5], oldest[7]) == ("", "40d", "archive")
    assert finished.stderr == "web/api in 123456789012/ap-northeast-2: 2 images, 1 tagged\n"


def test_for_programs_keys_are_ecrs_and_sizes_are_bytes(cloud: Cloud, file: Path) -> None:
    described(cloud, row("a", "v1", days=2, imageScanStatus={"status": "COMPLETE"}))
    (found,) = rows(file)
    assert found["imageTags"] == ["v1"]
    assert found["imageSizeInBytes"] == 1_500_000
    assert found["ageInDays"] == 2
    assert found["lastRecordedPullTime"] is None
    assert found["scanStatus"] == "COMPLETE"
    assert "platforms" not in found


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["v2", "pr-1", "v1", ""]),
        (["--sort", "size"], ["v1", "v2", "pr-1", ""]),
        (["--sort", "pulled"], ["pr-1", "v2", "v1", ""]),
        (["--sort", "tag"], ["pr-1", "v1", "v2", ""]),
        (["--tag", "v*"], ["v2", "v1"]),
        (["--untagged"], [""]),
        (["--since", "5d"], ["v2", "pr-1"]),
        (["--since", "36h", "--tag", "v*"], ["v2"]),
        (["--since", "2001-01-01"], ["v2", "pr-1", "v1", ""]),
    ],
)
def test_rows_are_sorted_and_filtered(cloud: Cloud, file: Path, options: list[str], expected: list[str]) -> None:
    pulled = row("c", "pr-1", days=2)
    described(
        cloud,
        row("a", "v1", days=10, imageSizeInBytes=9_000_000),
        row("b", "v2", days=1),
        pulled | {"lastRecordedPullTime": pulled["imagePushedAt"]},
        row("d", days=30, imageSizeInBytes=1),
    )
    assert [" ".join(each) for each in tags(file, *options)] == expected


def test_a_time_that_is_none_is_bad_usage(file: Path) -> None:
    finished = listed(file, "--since", "soon")
    assert finished.exit_code == ExitCode.INVALID
    assert "soon is no time; write 12h, 7d, 2w" in finished.output


def test_where_an_image_has_arrived_and_where_not(cloud: Cloud, file: Path) -> None:
    file.write_text(
        f"{SMALL}replicas: {{us-west-2: , eu-west-1: , 210987654321/eu-west-1: }}\nrepositories: {{web/api: }}\n"
    )
    described(cloud, row("a", "v2", days=0), row("b", "v1", days=1))
    described(cloud, row("b", "v1"), at=REPLICA)
    cloud.refuse("describe_images", "RepositoryNotFoundException", at="eu-west-1")
    finished = listed(file)
    assert [line.split("\t")[-1] for line in finished.stdout.splitlines()] == [
        "arrived", "not eu-west-1, not us-west-2", "us-west-2, not eu-west-1",
    ]  # fmt: skip
    assert "not asked, because they are in other accounts: 210987654321/eu-west-1; --profile" in finished.stderr


def test_a_tag_that_the_file_does_not_allow_is_told(cloud: Cloud, file: Path) -> None:
    file.write_text(f"{SMALL}repositories: {{web/api: {{tags_must_match: ['v*', latest]}}}}\n")
    described(cloud, row("a", "v1", "latest"), row("b", "test", "v2", days=2), row("c", days=3))
    finished = listed(file)
    head, *lines = (line.split("\t") for line in finished.stdout.splitlines())
    assert head[-1] == "not allowed"
    assert [line[-1] for line in lines] == ["", "test", ""]
    assert finished.stderr.endswith(": 3 images, 2 tagged, 1 with a tag that is not allowed\n")
    described(cloud, row("b", "test", "v2"))
    assert [it["tagsNotAllowed"] for it in rows(file)] == [["test"]]


def test_a_replica_in_another_account_is_asked_with_its_profile(
    cloud: Cloud, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "210987654321"
    file.write_text(f"{SMALL}replicas: {{us-west-2: , {other}/eu-west-1: }}\nrepositories: {{web/api: }}\n")
    asked = list[str]()

    def session(profile_name: str) -> Cloud:
        asked.append(profile_name)
        return cloud

    described(cloud, row("a", "v1"))
    described(cloud, row("a", "v1"), at=REPLICA)
    wanted = {**NAME, "registryId": other, "filter": {"imageStatus": "ANY"}, "maxResults": 1000}
    cloud.expect("describe_images", {"imageDetails": [row("a", "v1")]}, wanted, at="eu-west-1")
    monkeypatch.setattr("ops.aws.cloud.boto3.Session", session)
    finished = listed(file, "--profile", f"{other}=vault")
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert finished.stdout.splitlines()[1].split("\t")[-1] == f"us-west-2, {other}/eu-west-1"
    assert "not asked" not in finished.stderr
    assert asked == ["vault"]
    assert "is not an account and a profile" in listed(file, "--profile", "vault").output


def test_a_replica_that_does_not_receive_the_namespace_is_not_asked(cloud: Cloud, file: Path) -> None:
    file.write_text(f"{SMALL}replicas: {{us-west-2: {{namespaces: [data]}}}}\nrepositories: {{web/api: , data/x: }}\n")
    described(cloud, row("a", "v1"))
    (found,) = rows(file)
    assert (found["arrivedIn"], found["notArrivedIn"]) == ([], [])


def test_another_region_is_asked_alone(cloud: Cloud, file: Path) -> None:
    file.write_text(f"{SMALL}replicas: {{us-west-2: }}\nrepositories: {{web/api: }}\n")
    described(cloud, row("a", "v1"), at=REPLICA)
    assert tags(file, "--region", "us-west-2") == [["v1"]]
    finished = listed(file, "--region", "us-east-1")
    assert isinstance(finished.exception, UnknownName)
    assert str(finished.exception).endswith("way out: ap-northeast-2, us-west-2")


def test_manifests_say_platforms_parts_and_the_size_of_unique_layers(cloud: Cloud, file: Path) -> None:
    described(
        cloud,
        row("1", "v1", days=1, imageManifestMediaType=INDEX),
        row("2", days=2),
        row("3", days=3),
        row("4", days=4, imageStatus="ARCHIVED"),
        row("5", days=5, subjectManifestDigest=digest("1"), artifactMediaType="application/spdx+json"),
    )
    read(
        cloud,
        **{
            "1": index_manifest(**{"2": "linux_amd64", "3": "linux_arm64", "6": "unknown_unknown"}),
            "2": image_manifest("c", a=1000, b=20),
            "3": image_manifest("d", a=1000, e=3),
        },
    )
    read(cloud, **{"6": image_manifest("f")})
    found = {each["imageDigest"][7]: each for each in rows(file, "--manifests")}
    assert found["1"]["platforms"] == ["linux/amd64", "linux/arm64"]
    assert found["1"]["uniqueLayersInBytes"] == 1000 + 20 + 3 + 3 * 100
    assert found["2"]["uniqueLayersInBytes"] == 1000 + 20 + 100
    assert found["2"]["partOf"] == ["v1"]
    assert found["4"]["uniqueLayersInBytes"] is None  # an archived image cannot be read
    assert found["5"]["kind"] == "SBOM"


def test_nothing_is_read_where_that_would_keep_images_alive(cloud: Cloud, file: Path) -> None:
    lifecycle = "lifecycles: {cold: [{archive: {any: true, unpulled_days: 90}}]}\n"
    file.write_text(f"{SMALL}{lifecycle}repositories: {{web/api: {{lifecycle: cold}}}}\n")
    described(cloud, row("a", "v1"))
    finished = listed(file, "--manifests")
    assert finished.exit_code == ExitCode.FINE
    assert "and cold counts days since the last one" in finished.stderr


def test_a_repository_that_is_not_there_is_named_with_the_way_out(cloud: Cloud, file: Path) -> None:
    cloud.refuse("describe_images", "RepositoryNotFoundException")
    finished = listed(file)
    assert isinstance(finished.exception, NoSuchRepository)
    assert finished.exception.exit_code == ExitCode.INVALID
    assert str(finished.exception).startswith("there is no repository web/api in 123456789012/ap-northeast-2\n")


def test_no_images_are_said_in_words(cloud: Cloud, file: Path) -> None:
    described(cloud)
    finished = listed(file)
    assert (finished.exit_code, finished.stdout) == (ExitCode.FINE, "")
    assert "0 images" in finished.stderr


@pytest.mark.parametrize(
    ("minutes", "text"), [(-5, "0m"), (0, "0m"), (59, "59m"), (60, "1h"), (1439, "23h"), (1440, "1d"), (100_000, "69d")]
)
def test_an_age_is_in_the_largest_unit(minutes: int, text: str) -> None:
    assert age(timedelta(minutes=minutes)) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(None, ""), (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_960, "1.0 MB"), (5 * 10**16, "50000.0 TB")],
)
def test_a_size_is_in_the_unit_that_fits(size: int | None, text: str) -> None:
    assert size_text(size) == text


def test_on_a_terminal_digests_are_short(cloud: Cloud, file: Path) -> None:
    described(
        cloud, row("a", "v1"), row("b", days=2, subjectManifestDigest=digest("a"), artifactMediaType="application/x")
    )
    registry, _ = load(file)
    found = listing.listing(registry, registry.home, "web/api", lambda image: True)
    _, cells = image_table(found, image_rows(found, found.images, NOW), NOW, short=True)
    assert cells[0][1] == "sha256:aaaaaaaaaaaa"
    assert cells[1][2] == "artifact of sha256:aaaaaaaaaaaa"


def test_a_status_that_is_new_is_shown_as_it_is(cloud: Cloud, file: Path) -> None:
    described(cloud, row("a", "v1", imageStatus="FROZEN"))
    assert "\tFROZEN\t" in listed(file).stdout
