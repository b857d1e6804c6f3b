"""`ecrctl image`: where the size of one image goes, what others share with it, and what refers to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.images import NoSuchImage
from registry.errors import ExitCode
from tests.ops.images.stored import INDEX, NAME, described, digest, found, image_manifest, index_manifest, read, row
from tests.ops.stubs import Cloud
from tests.synth import SMALL

RUN = CliRunner()
PROFILE = "arn:aws:signer:ap-northeast-2:123456789012:/signing-profiles/releases"


def run(file: Path, *options: str) -> Any:
    return RUN.invoke(app, ["image", "web/api:v1", "-f", str(file), *options])


def shown(file: Path, *options: str) -> dict[str, Any]:
    finished = run(file, "--json", *options)
    assert finished.exit_code == ExitCode.FINE, finished.exception
    return dict(json.loads(finished.stdout))


def beside(cloud: Cloud, *referrers: dict[str, Any], signed: list[dict[str, Any]] | None = None) -> None:
    """What refers to the image a, and who signed it."""
    subject = {"subjectId": {"imageDigest": digest("a")}, "filter": {"artifactStatus": "ANY"}, "maxResults": 50}
    cloud.expect("list_image_referrers", {"referrers": list(referrers)}, {**NAME, **subject})
    wanted = {**NAME, "imageId": {"imageDigest": digest("a")}}
    cloud.expect("describe_image_signing_status", {"signingStatuses": signed or []}, wanted)


def one(cloud: Cloud, manifest: dict[str, Any] | None = None) -> None:
    """web/api:v1 is an image with two layers."""
    found(cloud, {"imageTag": "v1"}, row("a", "v1", "latest"))
    read(cloud, a=manifest or image_manifest("c", d=3_000_000, e=1_000_000))


def test_layers_stand_the_largest_first_with_their_part(cloud: Cloud, file: Path) -> None:
    one(cloud)
    beside(cloud)
    finished = run(file)
    assert finished.exit_code == ExitCode.FINE, finished.exception
    lines = finished.stdout.splitlines()
    assert lines[0] == f"web/api@{digest('a')}"
    assert "    tags:      latest, v1" in lines
    assert "    size:      4.0 MB" in lines
    assert [line.split("\t")[1:4] for line in lines if "\t" in line] == [
        ["layer", "size", "part"], [digest("d"), "3.0 MB", "75%"], [digest("e"), "1.0 MB", "25%"],
    ]  # fmt: skip


def test_every_platform_of_a_manifest_list_and_each_layer_counted_once(cloud: Cloud, file: Path) -> None:
    found(cloud, {"imageTag": "v1"}, row("a", "v1", imageManifestMediaType=INDEX))
    read(cloud, a=index_manifest(b="linux_amd64", c="linux_arm64", d="unknown_unknown"))
    manifests = {"b": image_manifest("1", e=5, f=7), "c": image_manifest("2", e=5), "d": image_manifest("3", f=7)}
    read(cloud, **manifests)
    beside(cloud)
    said = shown(file)
    assert said["platforms"] == ["linux/amd64", "linux/arm64"]
    assert said["uniqueLayersInBytes"] == 5 + 7 + 3 * 100
    assert [(it["platform"], it["digest"][7]) for it in said["layers"]] == [
        ("linux/amd64", "e"), ("linux/amd64", "f"), ("linux/arm64", "e"),
    ]  # fmt: skip


def test_what_refers_to_it_and_who_signed_it(cloud: Cloud, file: Path) -> None:
    one(cloud)
    failed = {"signingProfileArn": PROFILE, "status": "FAILED", "failureCode": "AccessDenied", "failureReason": "no"}
    beside(
        cloud,
        {"digest": digest("1"), "mediaType": "m", "artifactType": "application/vnd.cncf.notary.signature", "size": 9},
        {"digest": digest("2"), "mediaType": "m", "artifactType": "application/spdx+json", "artifactStatus": "ARCHIVED",
         "size": 1},
        {"digest": digest("3"), "mediaType": "m", "artifactType": "application/vnd.in-toto+json", "size": 1},
        {"digest": digest("4"), "mediaType": "m", "artifactType": "application/x", "size": 1},
        signed=[failed],
    )  # fmt: skip
    finished = run(file)
    rows = [line.split("\t") for line in finished.stdout.partition("refers to it")[2].splitlines()[1:]]
    assert [it[0] for it in rows if len(it) == 5] == ["signature", "SBOM", "attestation", "artifact"]
    assert rows[1][4] == "ARCHIVED"
    assert f"signed by {PROFILE}:FAILED AccessDenied: no" in finished.stdout


def test_referrers_are_read_to_the_last_page(cloud: Cloud, file: Path) -> None:
    one(cloud)
    asked = {**NAME, "subjectId": {"imageDigest": digest("a")}, "filter": {"artifactStatus": "ANY"}, "maxResults": 50}
    each = [{"digest": digest(letter), "mediaType": "m", "size": 1} for letter in "12"]
    cloud.expect("list_image_referrers", {"referrers": each[:1], "nextToken": "x"}, asked)
    cloud.expect("list_image_referrers", {"referrers": each[1:]}, {**asked, "nextToken": "x"})
    cloud.expect("describe_image_signing_status", {"signingStatuses": []})
    assert [it["digest"] for it in shown(file)["referrers"]] == [digest("1"), digest("2")]


def test_compared_with_the_other_tagged_images_it_says_what_is_its_own(cloud: Cloud, file: Path) -> None:
    found(cloud, {"imageTag": "v1"}, row("a", "v1", days=1))
    described(
        cloud,
        row("a", "v1", days=1),
        row("b", "v0", days=2),
        row("f", days=3),  # without a tag
        row("9", "old", days=4, imageStatus="ARCHIVED"),
    )
    read(cloud, a=image_manifest("c", d=3_000, e=1_000))
    read(cloud, b=image_manifest("8", d=3_000))
    beside(cloud)
    said = shown(file, "--compare")
    assert (said["comparedImages"], said["ownLayersInBytes"]) == (1, 1_000 + 100)
    assert [it["sharedWith"] for it in said["layers"]] == [["v0"], []]


@pytest.mark.parametrize(
    ("layers", "kind", "words"),
    [
        ({"d": 9_000_000, "e": 1_000_000}, "gzip", ["90% are one layer", "compressed with gzip: zstd is usually"]),
        ({"d": 1_000_000, "e": 1_000_000}, "zstd", []),
        ({"d": 2_000_000, "e": 2_000_000}, "", ["4.0 MB are in layers that are not compressed"]),
        ({}, "gzip", []),
    ],
)
def test_what_would_shrink_it_is_said_from_its_manifest(
    cloud: Cloud, file: Path, layers: dict[str, int], kind: str, words: list[str]
) -> None:
    manifest = image_manifest("c", **layers)
    for layer in manifest["layers"]:
        layer["mediaType"] = "application/vnd.oci.image.layer.v1.tar" + (f"+{kind}" if kind else "")
    one(cloud, manifest)
    beside(cloud)
    said = shown(file)["advice"]
    assert len(said) == len(words)
    for text, word in zip(said, words, strict=True):
        assert word in text


def test_a_layer_that_is_there_twice_is_named(cloud: Cloud, file: Path) -> None:
    manifest = image_manifest("c", d=2_000, e=2_000)
    manifest["layers"].append(manifest["layers"][0])
    one(cloud, manifest)
    beside(cloud)
    assert "1 of the layers are there twice: a step of the build repeats another" in shown(file)["advice"]


def test_a_manifest_is_not_read_where_that_would_keep_the_image_alive(cloud: Cloud, file: Path) -> None:
    lifecycle = "lifecycles: {cold: [{archive: {any: true, unpulled_days: 90}}]}\n"
    file.write_text(f"{SMALL}{lifecycle}repositories: {{web/api: {{lifecycle: cold}}}}\n")
    found(cloud, {"imageTag": "v1"}, row("a", "v1"))
    beside(cloud)
    finished = run(file, "--compare")
    assert "its manifest is not read: to ECR that is a pull, and cold counts days" in finished.stderr
    assert "    size:      1.5 MB\n" in finished.stdout


def test_a_script_can_ask_whether_a_tag_exists(cloud: Cloud, file: Path) -> None:
    cloud.refuse("describe_images", "ImageNotFoundException")
    finished = run(file)
    assert isinstance(finished.exception, NoSuchImage)
    assert finished.exception.exit_code == ExitCode.NO
