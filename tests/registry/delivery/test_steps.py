"""What CodeBuild runs, against an ECR that answers as the AWS CLI does; nothing sleeps."""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.delivery.buildspecs import STEPS, buildspec, program, variables
from registry.delivery.steps import deploy, ecr, promote, publish
from registry.delivery.steps.ecr import INDEX, CallFailed, Repository, Stopped
from registry.delivery.steps.findings import SEVERITIES
from registry.delivery.steps.history import history, replayed
from tests.synth import SMALL, declared

IMAGE = "application/vnd.oci.image.manifest.v1+json"
NOW = datetime(2026, 11, 26, 8, 15, tzinfo=UTC)
MOVING = ("prod", "staging", "v1.2.x", "v1.3.x", "v1.x", "v2.x")


@dataclass
class Aws:
    """One repository, its scans, and a function; `before` is called before each call, to be somebody else."""

    manifests: dict[str, tuple[str, str]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    scans: dict[str, list[Any]] = field(default_factory=dict)
    states: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    before: Any = None

    def image(self, name: str, *tags: str, media_type: str = IMAGE, **more: Any) -> str:
        text = json.dumps({"mediaType": media_type, "config": {"digest": name}, **more}, indent=1) + "\n"
        digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
        self.manifests[digest] = (media_type, text)
        self.tags |= dict.fromkeys(tags, digest)
        return digest

    def run(self, command: list[str], **_: Any) -> SimpleNamespace:
        """`subprocess.run` of the AWS CLI."""
        assert command[:1] == ["aws"]
        operation, file = command[2], command[4]
        self.asked.append(operation)
        if self.before:
            self.before(operation)
        said = json.loads(Path(file.removeprefix("file://")).read_text())
        try:
            answer = getattr(self, f"_{operation.replace('-', '_')}")(**said)
        except KeyError as problem:
            return SimpleNamespace(
                returncode=254, stdout="", stderr=f"\nAn error occurred ({problem.args[0]}) when …\n"
            )
        return SimpleNamespace(returncode=0, stdout=json.dumps(answer), stderr="")

    def _describe_images(self, **_: Any) -> Any:
        found: dict[str, list[str]] = {}
        for tag, digest in self.tags.items():
            found.setdefault(digest, []).append(tag)
        return {"imageDetails": [{"imageDigest": digest, "imageTags": tags} for digest, tags in found.items()]}

    def _batch_get_image(self, imageIds: Any, **_: Any) -> Any:  # noqa: N803
        known = self.manifests.get(imageIds[0]["imageDigest"])
        images = [{"imageManifest": known[1], "imageManifestMediaType": known[0]}] if known else []
        return {"images": images}

    def _put_image(self, imageManifest: str, imageTag: str, imageDigest: str, **said: Any) -> Any:  # noqa: N803
        assert imageDigest == f"sha256:{hashlib.sha256(imageManifest.encode()).hexdigest()}"
        if self.tags.get(imageTag) == imageDigest:
            raise KeyError("ImageAlreadyExistsException")
        if imageTag in self.tags and imageTag not in MOVING:
            raise KeyError("ImageTagAlreadyExistsException")
        self.manifests[imageDigest] = (said["imageManifestMediaType"], imageManifest)
        self.tags[imageTag] = imageDigest
        return {}

    def _describe_image_scan_findings(self, imageId: Any, **_: Any) -> Any:  # noqa: N803
        left = self.scans.get(imageId["imageDigest"]) or [None]
        scan = left.pop(0) if len(left) > 1 else left[0]
        if scan is None:
            raise KeyError("ScanNotFoundException")
        status, said = scan
        rows = [
            {"name": f"CVE-{severity}-{number}", "severity": severity}
            for severity, count in said.items()
            if severity in SEVERITIES
            for number in range(count)
        ]
        return {
            "imageScanStatus": {"status": status},
            "imageScanFindings": {
                "findings": rows + said.get("basic", []),
                "enhancedFindings": said.get("enhanced", []),
            },
        }

    def _update_function_code(self, **_: Any) -> Any:
        return {"Version": "7", "State": "Pending"}

    def _get_function_configuration(self, **_: Any) -> Any:
        return {"State": self.states.pop(0)}

    def _update_alias(self, **_: Any) -> Any:
        return {}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    found = Aws()
    monkeypatch.setattr(subprocess, "run", found.run)
    return found


HERE = Repository("web/api")


# Publishing


def test_of_one_platform_the_image_stays_as_it_was_pushed(aws: Aws) -> None:
    digest = aws.image("a")
    assert publish.joined(HERE, {"linux/amd64": digest}).digest == digest


def test_plain_images_are_joined_under_their_platforms(aws: Aws) -> None:
    built = {"linux/amd64": aws.image("a"), "linux/arm64": aws.image("b")}
    found = publish.joined(HERE, built)
    assert [(it["digest"], it["platform"]["architecture"], it["size"]) for it in found.entries] == [
        (digest, platform.partition("/")[2], len(aws.manifests[digest][1])) for platform, digest in built.items()
    ]


def test_indexes_with_provenance_are_joined_with_what_is_attached(aws: Aws) -> None:
    """docker manifest refuses an index in an index, as others found: scylladb/vector-store pull 552."""
    entries, built = [], {}
    for name in ("amd64", "arm64"):
        image, attested = aws.image(name), aws.image(f"{name} provenance")
        mine = [
            {"mediaType": IMAGE, "digest": image, "size": 1, "platform": {"os": "linux", "architecture": name}},
            {
                "mediaType": IMAGE,
                "digest": attested,
                "size": 1,
                "platform": {"os": "unknown", "architecture": "unknown"},
            },
        ]
        entries += mine
        built[f"linux/{name}"] = aws.image(f"index {name}", media_type=INDEX, manifests=mine)
    found = publish.joined(HERE, built)
    assert found.entries == entries
    assert publish.platforms(found) == [entries[0]["digest"], entries[2]["digest"]]


def published(aws: Aws, monkeypatch: pytest.MonkeyPatch, folder: Path, **said: str) -> list[float]:
    """Publish what was built; how long it would have slept."""
    slept: list[float] = []
    monkeypatch.chdir(folder)
    known = {
        "REPOSITORY": "web/api",
        "COMMIT": "0123456789abcdef",
        "BUILT": "BUILT_AMD64",
        "CODEBUILD_SRC_DIR": str(folder),
    }
    for name, value in {**known, "SCAN_GATE": "NONE", "ACCEPTED": "", "VERSION_FILE": "", "LINES": "", **said}.items():
        monkeypatch.setenv(name, value)
    publish.publish(slept.append, NOW)
    return slept


def test_an_image_gets_a_tag_of_its_own(aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    digest = aws.image("a")
    published(aws, monkeypatch, tmp_path, BUILT_AMD64=digest)
    assert aws.tags == {"build-20261126T081500Z-0123456789ab": digest}
    assert (tmp_path / "digest").read_text() == digest


@pytest.mark.parametrize(
    ("gate", "counts", "passes"),
    [
        ("HIGH", {"MEDIUM": 9}, True),
        ("HIGH", {"HIGH": 1}, False),
        ("HIGH", {"CRITICAL": 1}, False),
        ("CRITICAL", {"HIGH": 9}, True),
        ("LOW", {"LOW": 1}, False),
        ("LOW", {"INFORMATIONAL": 1}, True),
        ("NONE", {"CRITICAL": 1}, True),
    ],
)
def test_a_scan_stops_what_is_as_bad_as_the_gate_before_it_has_a_tag(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, gate: str, counts: dict[str, int], passes: bool
) -> None:
    digest = aws.image("a")
    aws.scans[digest] = [("COMPLETE", counts)]
    if passes:
        published(aws, monkeypatch, tmp_path, BUILT_AMD64=digest, SCAN_GATE=gate)
    else:
        with pytest.raises(Stopped, match=f"scan_gate: {gate}"):
            published(aws, monkeypatch, tmp_path, BUILT_AMD64=digest, SCAN_GATE=gate)
    assert bool(aws.tags) == passes


def test_who_takes_the_gate_away_opens_nothing(aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(Stopped, match="no SCAN_GATE"):
        published(aws, monkeypatch, tmp_path, BUILT_AMD64=aws.image("a"), SCAN_GATE="")
    assert aws.tags == {}


TODAY, YESTERDAY = "2026-11-26", "2026-11-25"


def accepted(until: str, *names: str) -> str:
    return json.dumps({name: ["It is never\ncalled.", until] for name in names})


@pytest.mark.parametrize(
    ("until", "names", "passes"),
    [
        (TODAY, ["CVE-HIGH-0"], True),
        (YESTERDAY, ["CVE-HIGH-0"], False),
        (TODAY, ["CVE-HIGH-1"], False),
        (TODAY, ["CVE-HIGH"], False),
    ],
)
def test_what_is_accepted_does_not_stop_until_its_last_day_is_over(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any, until: str, names: list[str], passes: bool
) -> None:
    """A false positive blocked every build.

    transcom/mymove 7325, alexjurkiewicz/ecr-scan-image 7, containers-roadmap 1191
    """
    digest = aws.image("a")
    aws.scans[digest] = [("COMPLETE", {"HIGH": 1, "MEDIUM": 3})]
    said = {"BUILT_AMD64": digest, "SCAN_GATE": "HIGH", "ACCEPTED": accepted(until, *names)}
    if passes:
        published(aws, monkeypatch, tmp_path, **said)
        line = "HIGH CVE-HIGH-0 is accepted until 2026-11-26: It is never called."
        assert capsys.readouterr().out.splitlines()[0] == line
    else:
        with pytest.raises(Stopped, match=r"found 1 HIGH \(scan_gate: HIGH\): CVE-HIGH-0; nothing was tagged"):
            published(aws, monkeypatch, tmp_path, **said)
    assert bool(aws.tags) == passes


def test_one_that_is_accepted_hides_no_other(aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    digest = aws.image("a")
    aws.scans[digest] = [("COMPLETE", {"HIGH": 2, "CRITICAL": 1})]
    said = accepted(TODAY, "CVE-HIGH-0", "CVE-HIGH-1")
    with pytest.raises(Stopped, match="found 1 CRITICAL "):
        published(aws, monkeypatch, tmp_path, BUILT_AMD64=digest, SCAN_GATE="HIGH", ACCEPTED=said)


def test_what_amazon_inspector_suppresses_or_closed_stops_nothing(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    digest = aws.image("a")
    rows = [
        {"severity": "HIGH", "status": status, "packageVulnerabilityDetails": {"vulnerabilityId": f"CVE-{status}"}}
        for status in ("SUPPRESSED", "CLOSED", "ACTIVE")
    ]
    aws.scans[digest] = [("ACTIVE", {"enhanced": rows[:2]}), ("ACTIVE", {"enhanced": rows})]
    published(aws, monkeypatch, tmp_path, BUILT_AMD64=digest, SCAN_GATE="HIGH")
    with pytest.raises(Stopped, match=r"1 HIGH \(scan_gate: HIGH\): CVE-ACTIVE;"):
        published(aws, monkeypatch, tmp_path, BUILT_AMD64=digest, SCAN_GATE="HIGH")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"basic": [{"severity": "HIGH"}]}, "has a finding without name; nothing was tagged"),
        ({"basic": [{"name": "CVE-2026-1"}]}, "has a finding without severity; nothing was tagged"),
        ({"enhanced": [{"title": "CVE-HIGH-0"}]}, "has a finding without severity; nothing was tagged"),
        ({"enhanced": [{"severity": "HIGH", "packageVulnerabilityDetails": {}}]}, "found 1 HIGH "),
    ],
)
def test_a_finding_of_which_too_little_is_said_stops_and_is_accepted_by_nothing(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: dict[str, Any], message: str
) -> None:
    digest = aws.image("a")
    aws.scans[digest] = [("COMPLETE", said)]
    with pytest.raises(Stopped, match=message):
        published(
            aws, monkeypatch, tmp_path, BUILT_AMD64=digest, SCAN_GATE="HIGH", ACCEPTED=accepted(TODAY, "CVE-HIGH-0")
        )
    assert not aws.tags


@pytest.mark.parametrize(
    "text", ["[", "[]", "null", '{"CVE-HIGH-0": "no"}', '{"CVE-HIGH-0": ["no", "never"]}', '{"CVE-HIGH-0": ["no", 1]}']
)
def test_a_variable_that_cannot_be_read_accepts_nothing_and_says_so(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    digest = aws.image("a")
    aws.scans[digest] = [("COMPLETE", {"LOW": 1})]
    with pytest.raises(Stopped, match=r"(?s)ACCEPTED of this build cannot be read .*way out: "):
        published(aws, monkeypatch, tmp_path, BUILT_AMD64=digest, SCAN_GATE="HIGH", ACCEPTED=text)
    assert not aws.tags


def test_an_index_without_an_image_for_a_platform_does_not_pass_unscanned(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    entry = {
        "mediaType": IMAGE,
        "digest": aws.image("a"),
        "size": 1,
        "platform": {"architecture": "x", "os": "unknown"},
    }
    for entries in ([], [entry]):
        digest = aws.image("index", media_type=INDEX, manifests=entries)
        with pytest.raises(Stopped, match="has no image for a platform"):
            published(aws, monkeypatch, tmp_path, BUILT_AMD64=digest, SCAN_GATE="CRITICAL")
    assert not aws.tags


def test_a_build_is_told_what_is_accepted_in_its_repository_and_nothing_else() -> None:
    finding = "{{repositories: [{}], reason: 'Ask $(whoami) `x` \"ü\"', until: 2027-06-30}}"
    connection = "arn:aws:codeconnections:ap-northeast-2:123456789012:connection/12345678-90ab-cdef-1234-567890abcdef"
    pipeline = f"{{connection: '{connection}', source: acme/web}}"
    registry = declared(
        f"{SMALL}repositories: {{web/api: , web/ui: }}\npipelines: {{web/api: {pipeline}}}\naccepted_findings:\n"
        f"  CVE-2026-1: {finding.format('web/*')}\n  CVE-2026-2: {finding.format('web/ui')}\n"
    )
    shape = registry.pipelines["web/api"]
    said = variables(registry, "web/api", shape, "Publish")["ACCEPTED"]
    assert json.loads(said) == {"CVE-2026-1": ['Ask $(whoami) `x` "ü"', "2027-06-30"]}
    assert said.isascii()
    open_gate = shape.model_copy(update={"scan_gate": "NONE"})
    assert variables(registry, "web/api", open_gate, "Publish")["ACCEPTED"] == ""


def test_a_scan_is_waited_for_until_it_is_done(aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    digest = aws.image("a")
    aws.scans[digest] = [None, ("PENDING", {}), ("IN_PROGRESS", {}), ("ACTIVE", {})]
    assert published(aws, monkeypatch, tmp_path, BUILT_AMD64=digest, SCAN_GATE="HIGH") == [10, 10, 10]


@pytest.mark.parametrize("scan", [None, ("IN_PROGRESS", {}), ("UNSUPPORTED_IMAGE", {}), ("FAILED", {}), ("", {})])
def test_what_is_not_scanned_is_not_published(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scan: Any
) -> None:
    digest = aws.image("a")
    aws.scans[digest] = [scan]
    with pytest.raises(Stopped, match="nothing was tagged"):
        published(aws, monkeypatch, tmp_path, BUILT_AMD64=digest, SCAN_GATE="HIGH")
    assert not aws.tags


@pytest.mark.parametrize(
    ("version", "lines", "written"),
    [
        ("1.3.0", True, ["v1.3.0", "v1.3.x", "v1.x"]),
        ("v1.2.9\n", True, ["v1.2.9", "v1.2.x", "v1.x"]),
        ("1.2.4", True, ["v1.2.4"]),
        ("1.3.0", False, ["v1.3.0"]),
        ("2.0.0-rc.1", True, ["v2.0.0-rc.1"]),
        ("1.2.5", True, []),
    ],
)
def test_a_new_version_is_released_and_moves_the_lines_it_is_the_newest_of(
    aws: Aws, version: str, lines: bool, written: list[str]
) -> None:
    aws.image("old", "v1.2.5", "v1.2.x")
    aws.image("older", "v1.2.10-rc.1")
    new = aws.image("new")
    found = publish.release(HERE, HERE.manifest(new), version, lines)
    assert found == written
    assert {tag for tag, digest in aws.tags.items() if digest == new} == set(written)


@pytest.mark.parametrize("text", ["", "1.2", "01.2.3", "latest", "1.2.3+build", "$(id)", "1.2.3\n1.2.4"])
def test_what_is_no_version_is_refused(aws: Aws, text: str) -> None:
    with pytest.raises(Stopped, match="is no version"):
        publish.release(HERE, HERE.manifest(aws.image("a")), text, True)


def test_a_link_in_the_source_is_no_file_of_it(aws: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "VERSION").symlink_to("/etc/hostname")
    with pytest.raises(Stopped, match="the source has no file VERSION"):
        published(aws, monkeypatch, tmp_path, BUILT_AMD64=aws.image("a"), VERSION_FILE="VERSION")


# Promoting


def test_a_promotion_is_remembered_before_the_tag_is_moved(aws: Aws) -> None:
    old, new = aws.image("old", "prod", "prod-20261101T000000Z"), aws.image("new")
    assert promote.promote(HERE, "prod", new, NOW) == f"prod is on {new}, remembered as prod-20261126T081500Z"
    assert aws.tags == {"prod-20261101T000000Z": old, "prod-20261126T081500Z": new, "prod": new}
    assert [it for it in aws.asked if it != "batch-get-image"] == [
        "describe-images", "put-image", "describe-images", "put-image", "describe-images",
    ]  # fmt: skip


def test_what_is_there_already_is_not_promoted_again(aws: Aws) -> None:
    digest = aws.image("a", "prod", "prod-20261101T000000Z")
    assert promote.promote(HERE, "prod", digest, NOW) == f"prod is on {digest} already"
    assert "put-image" not in aws.asked


def test_what_somebody_put_there_by_hand_is_remembered_first(aws: Aws) -> None:
    old, new = aws.image("old", "prod"), aws.image("new")
    promote.promote(HERE, "prod", new, NOW)
    found = history(aws.tags, "prod")
    assert found.stack == (old, new)
    assert not found.by_hand


def test_another_promotion_that_is_not_finished_stops_it(aws: Aws) -> None:
    aws.image("old", "prod", "prod-20261101T000000Z")
    aws.image("begun", "prod-20261102T000000Z")
    with pytest.raises(Stopped, match="not finished, or under way"):
        promote.promote(HERE, "prod", aws.image("new"), NOW)


def test_its_own_that_was_not_finished_is_finished(aws: Aws) -> None:
    aws.image("old", "prod", "prod-20261101T000000Z")
    new = aws.image("new", "prod-20261102T000000Z")
    assert "remembered as prod-20261102T000000Z" in promote.promote(HERE, "prod", new, NOW)
    assert aws.tags["prod"] == new


def test_of_two_at_once_this_one_gives_up_and_says_so(aws: Aws) -> None:
    old, new = aws.image("old", "prod", "prod-20261101T000000Z"), aws.image("new")

    def somebody(operation: str) -> None:
        if operation == "put-image":
            aws.before = None
            aws.image("theirs", "prod-20261126T081459Z")

    aws.before = somebody
    with pytest.raises(Stopped, match="somebody else promoted"):
        promote.promote(HERE, "prod", new, NOW)
    assert aws.tags["prod"] == old
    assert aws.tags["prod-20261126T081500Z-void"] == new


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_what_promotions_leave_is_what_ecrctl_reads(images: list[int]) -> None:
    aws = Aws()
    digests = [aws.image(str(number)) for number in range(4)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "run", aws.run)
        for number, image in enumerate(images):
            promote.promote(HERE, "prod", digests[image], NOW + timedelta(minutes=number))
    found = history(aws.tags, "prod")
    wanted: list[str] = []
    for image in images:
        wanted += [digests[image]] if not wanted or wanted[-1] != digests[image] else []
    assert found.stack == tuple(wanted) == replayed(found.records)
    assert found.current == wanted[-1]
    assert found.unfinished is None


def test_an_image_that_is_gone_is_said_to_be(aws: Aws) -> None:
    with pytest.raises(Stopped, match="has no image sha256:0"):
        promote.promote(HERE, "prod", "sha256:0", NOW)
    assert not aws.tags


def test_what_aws_refuses_ends_the_build_with_a_message(aws: Aws, capsys: pytest.CaptureFixture[str]) -> None:
    aws.image("a", "fixed")
    other = HERE.manifest(aws.image("b"))
    with pytest.raises(CallFailed) as told:
        HERE.put(other, "fixed")
    assert told.value.code == "ImageTagAlreadyExistsException"
    with pytest.raises(SystemExit) as ended:
        ecr.run(lambda: HERE.put(other, "fixed"))
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("error: aws ecr put-image: ")


# Deploying


def test_the_alias_is_moved_when_lambda_has_the_image(aws: Aws) -> None:
    aws.states = ["Pending", "Active"]
    slept: list[float] = []
    assert deploy.deploy("resize", "live", "x@sha256:1", slept.append) == "resize:live is version 7, x@sha256:1"
    assert aws.asked == [
        "update-function-code",
        "get-function-configuration",
        "get-function-configuration",
        "update-alias",
    ]
    assert slept == [5, 5]


def test_the_alias_stays_where_the_version_fails(aws: Aws) -> None:
    aws.states = ["Failed"]
    with pytest.raises(Stopped, match="the alias live was not moved"):
        deploy.deploy("resize", "live", "x@sha256:1", lambda _: None)
    assert "update-alias" not in aws.asked


# Programs


@pytest.mark.parametrize("project", ["BuildAmd64", "BuildArm64", "Publish", "Promote", "Deploy"])
def test_bash_can_read_every_program(project: str) -> None:
    finished = subprocess.run(["bash", "-n"], input=program(project), text=True, capture_output=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")


def test_the_steps_need_nothing_but_the_standard_library_and_each_other() -> None:
    """They run alone in an empty folder, with another Python than ours."""
    for project in ("Publish", "Promote", "Deploy"):
        text = program(project)
        for line in text.splitlines():
            if line.startswith("from registry"):
                name = line.split()[1].rpartition(".")[2]
                assert f"cat > registry/delivery/steps/{name}.py <<" in text, line
        assert "END_OF_STEP\n" in text
    assert all("END_OF_STEP" not in step.read_text() for step in STEPS.iterdir() if step.is_file())


@pytest.mark.parametrize("project", ["BuildAmd64", "Publish", "Promote", "Deploy"])
def test_a_document_is_no_longer_than_codebuild_takes(project: str) -> None:
    """25,600 characters, which no page says: aws/aws-cdk 14974."""
    assert len(buildspec(project, SimpleNamespace())) <= 25_600  # type: ignore[arg-type]


def test_a_document_is_data_whatever_a_command_says() -> None:
    hostile = [
        "echo 'it''s'",
        'say "x": {y}',
        "a\nb: c",
        "#{Source.CommitId} ${x} $(id)",
        "- !!python/object:os.system",
    ]
    shape = SimpleNamespace(test=tuple(hostile))
    document = json.loads(buildspec("Test", shape))  # type: ignore[arg-type]
    assert document["phases"] == {"build": {"commands": hostile}}
