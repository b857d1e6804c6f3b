"""`ecrctl findings` and `ecrctl scan`: the worst first, and no silence taken for safety."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.images import NoSuchImage, NoSuchRepository, ScanRefused
from registry.errors import ExitCode
from tests.ops.images.stored import INDEX, NAME, described, digest, found, index_manifest, read, row
from tests.ops.stubs import ACCOUNT, Cloud, stubbed
from tests.synth import SMALL

RUN = CliRunner()


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)
    monkeypatch.setattr("ops.images.waiting._POLL_SECONDS", 0.0)
    with stubbed(monkeypatch) as made:
        yield made


def basic(name: str, severity: str, **attributes: str) -> dict[str, Any]:
    said = [{"key": key, "value": value} for key, value in attributes.items()]
    return {"name": name, "severity": severity, "attributes": said, "uri": f"https://example.com/{name}"}


def enhanced(name: str, severity: str, fixed: str = "", **more: Any) -> dict[str, Any]:
    package = {"name": "zlib", "version": "1.2", "release": "3"} | ({"fixedInVersion": fixed} if fixed else {})
    details = {"vulnerabilityId": name, "vulnerablePackages": [package], "sourceUrl": "https://example.com"}
    return {
        "severity": severity,
        "status": "ACTIVE",
        "fixAvailable": "YES" if fixed else "NO",
        "packageVulnerabilityDetails": details,
        **more,
    }


def scanned(
    cloud: Cloud, letter: str, *rows: dict[str, Any], status: str = "COMPLETE", token: str = "", after: str = ""
) -> None:
    """An answer of DescribeImageScanFindings; enhanced findings have details of a package."""
    of_basic, of_inspector = [it for it in rows if "name" in it], [it for it in rows if "name" not in it]
    answer: dict[str, Any] = {
        "imageScanStatus": {"status": status, "description": "why"},
        "imageScanFindings": {"findings": of_basic, "enhancedFindings": of_inspector},
    }
    wanted = {**NAME, "imageId": {"imageDigest": digest(letter)}, "maxResults": 1000}
    wanted |= {"nextToken": after} if after else {}
    cloud.expect("describe_image_scan_findings", answer | ({"nextToken": token} if token else {}), wanted)


def tagged(cloud: Cloud, **more: Any) -> None:
    """web/api:v1 is the image a."""
    found(cloud, {"imageTag": "v1"}, row("a", "v1", **more))


def run(file: Path, *words: str) -> Any:
    return RUN.invoke(app, [*words, "-f", str(file)])


def test_the_worst_stand_first_and_of_these_what_can_be_fixed(cloud: Cloud, file: Path) -> None:
    tagged(cloud)
    scanned(
        cloud,
        "a",
        enhanced("CVE-1", "MEDIUM", "2.0"),
        enhanced("CVE-2", "CRITICAL", score=9.1),
        token="x",
    )
    closed = enhanced("CVE-9", "CRITICAL", "2.0") | {"status": "CLOSED"}
    scanned(cloud, "a", enhanced("CVE-3", "CRITICAL", "1.3", score=9.0, exploitAvailable="YES"), closed, after="x")
    finished = run(file, "findings", "web/api:v1")
    assert finished.exit_code == ExitCode.FINE, finished.exception
    lines = [line.split("\t") for line in finished.stdout.splitlines()]
    assert [line[:5] for line in lines] == [
        ["severity", "id", "fixable", "score", "exploit"],
        ["CRITICAL", "CVE-3", "yes", "9.0", "yes"],
        ["CRITICAL", "CVE-2", "no", "9.1", ""],
        ["MEDIUM", "CVE-1", "yes", "", ""],
    ]
    assert lines[1][5:] == ["zlib 1.2-3, fixed in 1.3", "web/api:v1"]
    assert finished.stderr == "web/api:v1: 2 CRITICAL, 1 MEDIUM; 2 can be fixed\n"


def test_basic_scans_have_the_same_form(cloud: Cloud, file: Path) -> None:
    tagged(cloud)
    scanned(cloud, "a", basic("CVE-1", "HIGH", package_name="bash", package_version="5", CVSS3_SCORE="7.5"))
    (image,) = json.loads(run(file, "findings", "web/api:v1", "--json").stdout)
    assert (image["imageDigest"], image["scanStatus"]) == (digest("a"), "COMPLETE")
    (it,) = image["findings"]
    assert (it["id"], it["score"], it["fixable"]) == ("CVE-1", 7.5, None)
    assert it["packages"] == [{"name": "bash", "version": "5", "fixedInVersion": None}]


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--severity", "HIGH"], ["a", "b"]),
        (["--severity", "LOW"], ["a", "b", "c"]),
        (["--fixable"], ["a", "c", "d"]),
        ([], ["a", "b", "c", "d"]),
    ],
)
def test_findings_are_filtered(cloud: Cloud, file: Path, options: list[str], ids: list[str]) -> None:
    tagged(cloud)
    rows = [enhanced("a", "CRITICAL", "2"), enhanced("b", "HIGH"), enhanced("c", "LOW", "2"), basic("d", "UNDEFINED")]
    scanned(cloud, "a", *rows)
    (image,) = json.loads(run(file, "findings", "web/api:v1", "--json", *options).stdout)
    assert [it["id"] for it in image["findings"]] == ids


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--fail-on", "CRITICAL"], ExitCode.FINE),
        (["--fail-on", "HIGH"], ExitCode.NO),
        (["--fail-on", "LOW", "--severity", "CRITICAL"], ExitCode.NO),  # what is shown is another question
        (["--fail-on", "HIGH", "--fixable"], ExitCode.FINE),
        (["--fail-on", "MEDIUM", "--fixable"], ExitCode.NO),  # nobody says that it cannot be fixed
        ([], ExitCode.FINE),
    ],
)
def test_a_pipeline_fails_on_a_severity(cloud: Cloud, file: Path, options: list[str], code: ExitCode) -> None:
    tagged(cloud)
    scanned(cloud, "a", enhanced("a", "HIGH"), basic("b", "MEDIUM"))
    assert run(file, "findings", "web/api:v1", *options).exit_code == code


@pytest.mark.parametrize("status", ["IN_PROGRESS", "FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED", ""])
def test_what_was_not_scanned_to_the_end_is_not_clean(cloud: Cloud, file: Path, status: str) -> None:
    tagged(cloud)
    if status:
        scanned(cloud, "a", status=status)
    else:
        cloud.refuse("describe_image_scan_findings", "ScanNotFoundException")
    finished = run(file, "findings", "web/api:v1", "--fail-on", "CRITICAL")
    assert finished.exit_code == ExitCode.UNKNOWN
    assert f"web/api:v1: not known, {status or 'NOT_SCANNED'}" in finished.stderr
    assert "way out: `ecrctl scan`" in finished.stderr


def test_a_manifest_list_is_asked_for_each_of_its_platforms(cloud: Cloud, file: Path) -> None:
    tagged(cloud, imageManifestMediaType=INDEX)
    platforms = {"b": "linux_amd64", "c": "linux_arm64", "d": "unknown_unknown"}
    read(cloud, a=index_manifest(**platforms))
    scanned(cloud, "b", basic("CVE-1", "LOW"))
    scanned(cloud, "c")
    finished = run(file, "findings", "web/api:v1")
    assert finished.stdout.splitlines()[1].endswith("\tweb/api:v1 (linux/amd64)")
    assert "web/api:v1 (linux/arm64): no findings\n" in finished.stderr


def test_a_manifest_list_is_not_read_where_that_would_keep_it_alive(cloud: Cloud, file: Path) -> None:
    lifecycle = "lifecycles: {cold: [{archive: {any: true, unpulled_days: 90}}]}\n"
    file.write_text(f"{SMALL}{lifecycle}repositories: {{web/api: {{lifecycle: cold}}}}\n")
    tagged(cloud, imageManifestMediaType=INDEX)
    finished = run(file, "findings", "web/api:v1", "--fail-on", "LOW")
    assert finished.exit_code == ExitCode.UNKNOWN
    assert "NOT_READ (a manifest list; reading which images it has is a pull, and cold counts days" in finished.stderr
    tagged(cloud, imageManifestMediaType=INDEX)
    assert isinstance(run(file, "scan", "web/api:v1").exception, ScanRefused)


def test_of_a_repository_it_is_the_newest_image_with_a_tag(cloud: Cloud, file: Path) -> None:
    sbom = {"artifactMediaType": "application/spdx+json", "subjectManifestDigest": digest("e")}
    described(
        cloud,
        row("a", days=1),
        row("b", "sbom", days=2, **sbom),
        row("c", "old", days=3, imageStatus="ARCHIVED"),
        row("d", "v1", "v1.0", days=4),
        row("e", "v0", days=5),
    )
    scanned(cloud, "d")
    assert run(file, "findings", "web/api").stderr == "web/api:v1: no findings\n"


def test_without_a_name_it_is_every_declared_repository_that_has_one(cloud: Cloud, file: Path) -> None:
    file.write_text(f"{SMALL}repositories: {{web/a: , web/api: , web/new: }}\n")
    wanted = {"registryId": ACCOUNT, "repositoryName": "web/a", "filter": {"imageStatus": "ANY"}, "maxResults": 1000}
    cloud.expect("describe_images", {"imageDetails": []}, wanted)
    described(cloud, row("a", "v1"))
    cloud.refuse("describe_images", "RepositoryNotFoundException")
    scanned(cloud, "a")
    assert run(file, "findings").stderr == "web/api:v1: no findings\n"


def test_names_that_lead_nowhere_are_errors(cloud: Cloud, file: Path) -> None:
    described(cloud, row("a"))
    assert isinstance(run(file, "findings", "web/api").exception, NoSuchImage)
    cloud.refuse("describe_images", "RepositoryNotFoundException")
    assert isinstance(run(file, "findings", "web/api").exception, NoSuchRepository)


def test_sarif_is_what_code_scanning_reads(cloud: Cloud, file: Path) -> None:
    tagged(cloud)
    scanned(cloud, "a", enhanced("CVE-1", "HIGH", "2", score=7.25), basic("CVE-2", "LOW"), basic("CVE-2", "LOW"))
    said = json.loads(run(file, "findings", "web/api:v1", "--sarif").stdout)
    (one,) = said["runs"]
    assert said["version"] == "2.1.0"
    assert [rule["id"] for rule in one["tool"]["driver"]["rules"]] == ["CVE-1", "CVE-2"]
    assert one["tool"]["driver"]["rules"][0]["properties"]["security-severity"] == "7.2"
    assert [it["level"] for it in one["results"]] == ["error", "note", "note"]
    assert one["results"][0]["message"]["text"] == "CVE-1 (HIGH) in web/api:v1: zlib 1.2-3, fixed in 2"
    (place,) = one["results"][0]["locations"]
    assert place["physicalLocation"] == {"artifactLocation": {"uri": "web/api"}, "region": {"startLine": 1}}


def test_a_finding_of_the_next_image_is_the_same_finding(cloud: Cloud, file: Path) -> None:
    prints = []
    for letter in "ab":
        found(cloud, {"imageTag": letter}, row(letter, letter))
        scanned(cloud, letter, enhanced("CVE-1", "HIGH"))
        said = json.loads(run(file, "findings", f"web/api:{letter}", "--sarif").stdout)
        prints.append(said["runs"][0]["results"][0]["partialFingerprints"])
    assert prints[0] == prints[1]


def started(cloud: Cloud, letter: str) -> None:
    wanted = {**NAME, "imageId": {"imageDigest": digest(letter)}}
    cloud.expect("start_image_scan", {"imageScanStatus": {"status": "IN_PROGRESS"}}, wanted)


def test_a_scan_is_followed_to_its_end(cloud: Cloud, file: Path) -> None:
    tagged(cloud)
    started(cloud, "a")
    cloud.refuse("describe_image_scan_findings", "ScanNotFoundException")
    scanned(cloud, "a", status="IN_PROGRESS")
    scanned(cloud, "a", basic("CVE-1", "HIGH"))
    finished = run(file, "scan", "web/api:v1")
    assert finished.exit_code == ExitCode.FINE, finished.exception
    assert "HIGH\tCVE-1" in finished.stdout


def test_a_scan_that_fails_is_not_known(cloud: Cloud, file: Path) -> None:
    tagged(cloud)
    started(cloud, "a")
    scanned(cloud, "a", status="FAILED")
    finished = run(file, "scan", "web/api:v1", "--json")
    assert finished.exit_code == ExitCode.UNKNOWN
    assert json.loads(finished.stdout)[0]["scanStatus"] == "FAILED"


def test_a_scan_may_go_on_alone(cloud: Cloud, file: Path) -> None:
    tagged(cloud)
    started(cloud, "a")
    assert run(file, "scan", "web/api:v1", "--no-wait").stderr == "web/api:v1: the scan has begun\n"


@pytest.mark.parametrize(
    ("code", "way_out"),
    [
        ("LimitExceededException", "once in 24 hours"),
        ("ValidationException", "with scan_type: ENHANCED Amazon Inspector scans by itself"),
        ("ImageArchivedException", "restore the image first"),
        ("UnsupportedImageTypeException", "an image that ECR can read"),
    ],
)
def test_what_ecr_does_not_scan_is_said_with_the_way_out(cloud: Cloud, file: Path, code: str, way_out: str) -> None:
    tagged(cloud)
    cloud.refuse("start_image_scan", code, "no")
    finished = run(file, "scan", "web/api:v1")
    assert isinstance(finished.exception, ScanRefused)
    assert f"ECR does not scan web/api@{digest('a')}: no\n    way out: " in str(finished.exception)
    assert way_out in str(finished.exception)


def accepting(file: Path, until: str) -> None:
    accepted = f"{{repositories: [web/api], reason: It is never called., until: {until}}}"
    file.write_text(f"{SMALL}accepted_findings: {{CVE-1: {accepted}}}\nrepositories: {{web/api: }}\n")


def test_an_accepted_finding_is_shown_with_its_day_and_fails_nothing(cloud: Cloud, file: Path) -> None:
    """Shape of containers-roadmap #2305: a CVE of the kernel that no image can do anything about."""
    accepting(file, "2999-12-31")
    tagged(cloud)
    scanned(cloud, "a", enhanced("CVE-1", "CRITICAL"), enhanced("CVE-2", "LOW"))
    finished = run(file, "findings", "web/api:v1", "--fail-on", "HIGH")
    assert finished.exit_code == ExitCode.FINE, finished.output
    lines = [line.split("\t") for line in finished.stdout.splitlines()]
    assert [(line[1], line[-1]) for line in lines] == [
        ("id", "accepted"), ("CVE-1", "until 2999-12-31: It is never called."), ("CVE-2", ""),
    ]  # fmt: skip
    assert finished.stderr == "web/api:v1: 1 CRITICAL, 1 LOW; 1 accepted\n"
    tagged(cloud)
    scanned(cloud, "a", enhanced("CVE-1", "CRITICAL"))
    (image,) = json.loads(run(file, "findings", "web/api:v1", "--json").stdout)
    assert image["findings"][0]["accepted"] == {"reason": "It is never called.", "until": "2999-12-31"}
    tagged(cloud)
    scanned(cloud, "a", enhanced("CVE-1", "CRITICAL"))
    sarif = json.loads(run(file, "findings", "web/api:v1", "--sarif").stdout)
    assert sarif["runs"][0]["results"][0]["suppressions"] == [
        {"kind": "external", "justification": "It is never called."}
    ]


def test_an_acceptance_that_is_over_accepts_nothing(cloud: Cloud, file: Path) -> None:
    accepting(file, "2026-01-31")
    tagged(cloud)
    scanned(cloud, "a", enhanced("CVE-1", "CRITICAL"))
    finished = run(file, "findings", "web/api:v1", "--fail-on", "HIGH")
    assert finished.exit_code == ExitCode.NO
    assert finished.stderr == "web/api:v1: 1 CRITICAL\n"
