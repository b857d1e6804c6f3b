"""`ecrctl promote` and `ecrctl release`: what they say, ask and refuse, and their exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from ops.images import waiting
from ops.images.allowed import TagNotAllowed
from ops.images.gate import GateClosed, NotScanned
from ops.images.promotion import NothingBefore, TagIsFixed, Unfinished
from registry.errors import ExitCode
from tests.ops.images.fake_ecr import FakeEcr, Held, installed
from tests.ops.images.test_copying import FakeBlobs
from tests.ops.stubs import ACCOUNT, REPLICA
from tests.synth import SMALL

RUN = CliRunner()


@pytest.fixture
def ecr(monkeypatch: pytest.MonkeyPatch) -> FakeEcr:
    fake = installed(monkeypatch)
    monkeypatch.setattr(FakeBlobs, "ecr", fake, raising=False)
    monkeypatch.setattr("ops.images.blobs.Blobs", FakeBlobs)
    monkeypatch.setattr(waiting, "_POLL_SECONDS", 0.0)
    return fake


@pytest.fixture
def held(ecr: FakeEcr) -> Held:
    made = ecr.repository()
    for version in ("v1", "v2"):
        made.image(version, version)
    return made


def run(file: Path, *words: str, says: str = "") -> Any:
    return RUN.invoke(app, [*words, "-f", str(file)], input=says)


def test_it_shows_what_prod_was_and_asks(held: Held, file: Path) -> None:
    assert run(file, "promote", "web/api:v1", "prod", "--yes").exit_code == ExitCode.FINE
    finished = run(file, "promote", "web/api:v2", "prod", says="n\n")
    assert finished.exit_code == ExitCode.NO
    assert finished.stderr.splitlines()[:2] == [
        f"web/api:prod is on v1 ({held.tags['v1']})", f"it will be on v2 ({held.tags['v2']})",
    ]  # fmt: skip
    assert held.tags["prod"] == held.tags["v1"]
    finished = run(file, "promote", "web/api:v2", "prod", says="y\n")
    assert finished.exit_code == ExitCode.FINE
    assert f"web/api:prod is now on {held.tags['v2']}, remembered as prod-2" in finished.stdout


def test_what_prod_is_on_already_is_not_asked_about(held: Held, file: Path) -> None:
    run(file, "promote", "web/api:v1", "prod", "--yes")
    finished = run(file, "promote", "web/api:v1", "prod")
    assert (finished.exit_code, finished.stdout) == (ExitCode.FINE, f"web/api:prod stays on {held.tags['v1']}\n")
    assert "note: prod is on it already" in finished.stderr


def test_back_and_json(held: Held, file: Path) -> None:
    run(file, "promote", "web/api:v1", "prod", "--yes")
    run(file, "promote", "web/api:v2", "prod", "--yes")
    said = json.loads(run(file, "promote", "web/api", "prod", "--rollback", "--yes", "--json").stdout)
    record = said.pop("recordTag")
    assert record.startswith("prod-2")
    assert record.endswith("-rollback")
    assert said == {
        "repositoryName": "web/api", "imageTag": "prod", "action": "roll back", "notes": [],
        "previousImageDigest": held.tags["v2"], "imageDigest": held.tags["v1"],
    }  # fmt: skip
    finished = run(file, "promote", "web/api", "prod", "--rollback", "--yes")
    assert isinstance(finished.exception, NothingBefore)
    assert finished.exception.exit_code == ExitCode.NO


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["web/api:v1", "prod", "--rollback"], "web/api:v1 is no repository, and --rollback takes one"),
        (["web/api", "prod", "--rollback", "--gate", "HIGH"], "leave out --to and --gate"),
        (["web/api:v1", "prod", "--to-profile", "x"], "--to-profile is for --to"),
        (["web/api", "prod"], "web/api names a repository, and no image in it"),
    ],
)
def test_bad_usage(held: Held, file: Path, words: list[str], said: str) -> None:
    finished = run(file, "promote", *words)
    assert said in " ".join((finished.output + str(finished.exception)).replace("│", "").split())
    assert getattr(finished.exception, "exit_code", finished.exit_code) == ExitCode.INVALID


def test_the_gate_stops_what_has_findings_and_what_nobody_scanned(ecr: FakeEcr, held: Held, file: Path) -> None:
    words = ("promote", "web/api:v1", "prod", "--yes", "--gate", "HIGH")
    finished = run(file, *words)
    assert isinstance(finished.exception, NotScanned)
    assert finished.exception.exit_code == ExitCode.UNKNOWN
    assert "its scan is NOT_SCANNED" in str(finished.exception)
    held.scans[held.tags["v1"]] = ["LOW", "HIGH", "CRITICAL"]
    finished = run(file, *words)
    assert isinstance(finished.exception, GateClosed)
    assert finished.exception.exit_code == ExitCode.NO
    said = str(finished.exception)
    assert f"web/api@{held.tags['v1']} is not let through (--gate HIGH): 1 CRITICAL, 1 HIGH\n" in said
    assert said.index("CRITICAL CVE-2") < said.index("HIGH CVE-1")
    assert "PutImage" not in ecr.calls
    held.scans[held.tags["v1"]] = ["MEDIUM"]
    assert run(file, *words).exit_code == ExitCode.FINE


def test_the_gate_lets_an_accepted_finding_through_and_says_so(held: Held, file: Path) -> None:
    held.scans[held.tags["v1"]] = ["LOW", "HIGH"]
    accepted = "{repositories: ['web/*'], reason: It is never called., until: 2999-12-31}"
    file.write_text(f"{file.read_text()}accepted_findings: {{CVE-1: {accepted}}}\n")
    finished = run(file, "promote", "web/api:v1", "prod", "--yes", "--gate", "HIGH")
    assert finished.exit_code == ExitCode.FINE, finished.exception
    assert "HIGH CVE-1 is accepted until 2999-12-31: It is never called." in finished.stderr
    file.write_text(file.read_text().replace("2999", "2026").replace("-12-31", "-01-31"))
    finished = run(file, "promote", "web/api:v1", "staging", "--yes", "--gate", "HIGH")
    assert isinstance(finished.exception, GateClosed)


def test_the_gate_looks_at_every_platform(ecr: FakeEcr, held: Held, file: Path) -> None:
    one, two = held.image("one"), held.image("two")
    held.index(one, two, tags=("both",))
    held.scans |= {one: [], two: ["HIGH"]}
    finished = run(file, "promote", "web/api:both", "prod", "--yes", "--gate", "HIGH")
    assert isinstance(finished.exception, GateClosed)
    assert "HIGH CVE-0 in linux/a1" in str(finished.exception)
    del held.scans[one]
    held.scans[two] = []
    finished = run(file, "promote", "web/api:both", "prod", "--yes", "--gate", "HIGH")
    assert isinstance(finished.exception, NotScanned)


def test_replicas_are_waited_for_and_those_without_it_are_named(
    ecr: FakeEcr, held: Held, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(
        f"{SMALL}replicas: {{us-west-2: , eu-west-1: , 210987654321/eu-west-1: }}\nrepositories: {{web/api: }}\n"
    )
    west, asked = ecr.repository(region=REPLICA), []
    west.manifests |= held.manifests

    def arrives(operation: str, wanted: Any) -> None:
        asked.append(operation)
        if len(asked) > 20:  # some polls later
            west.tags["prod"] = held.tags["v1"]

    ecr.before = arrives
    monkeypatch.setattr(waiting, "_ARRIVAL_POLLS", 30)
    finished = run(file, "promote", "web/api:v1", "prod", "--yes", "--wait")
    assert finished.exit_code == ExitCode.UNKNOWN
    assert "not asked, because they are in other accounts: 210987654321/eu-west-1\n" in finished.stderr
    assert "prod has arrived in us-west-2\n" in finished.stderr
    assert "prod has not arrived in eu-west-1: there it is on nothing\n    way out: " in finished.stderr
    east = ecr.repository(region="eu-west-1")
    east.manifests |= held.manifests
    east.tags["prod"] = held.tags["v1"]
    assert run(file, "promote", "web/api:v1", "prod", "--wait").exit_code == ExitCode.FINE


def test_to_another_repository_it_is_copied_and_then_promoted(ecr: FakeEcr, held: Held, file: Path) -> None:
    target = ecr.repository("prod/api")
    before = dict(held.tags)
    finished = run(file, "promote", "web/api:v2", "prod", "--to", "prod/api", "--yes")
    assert finished.exit_code == ExitCode.FINE, finished.exception
    assert "copied 1 manifests; of the layers 0 were there, 2 were mounted, 0 were sent (0 bytes)" in finished.stderr
    assert target.tags["prod"] == held.tags["v2"]
    assert len(target.tags) == 2
    assert held.tags == before
    finished = run(file, "promote", "prod/api", "prod", "--rollback", "--yes")
    assert isinstance(finished.exception, NothingBefore)


def test_nothing_is_copied_where_prod_may_not_move_or_nobody_says_yes(ecr: FakeEcr, held: Held, file: Path) -> None:
    target = ecr.repository("prod/api", mutability="IMMUTABLE", filters=())
    finished = run(file, "promote", "web/api:v2", "prod", "--to", "prod/api", "--yes")
    assert isinstance(finished.exception, TagIsFixed)
    target.mutability = "MUTABLE"
    assert run(file, "promote", "web/api:v2", "prod", "--to", "prod/api", says="n\n").exit_code == ExitCode.NO
    assert target.manifests == {}


def test_what_is_unfinished_is_a_no(held: Held, file: Path) -> None:
    held.tags["prod-20260101T000000Z"] = held.tags["v1"]
    finished = run(file, "promote", "web/api:v2", "prod", "--yes")
    assert isinstance(finished.exception, Unfinished)
    assert finished.exception.exit_code == ExitCode.NO


def test_a_release_says_what_is_fixed_new_moved_and_kept(held: Held, file: Path) -> None:
    finished = run(file, "release", "web/api", "v1", "--version", "1.2.3")
    assert finished.exit_code == ExitCode.FINE, finished.exception
    assert finished.stdout.splitlines() == [
        f"web/api:v1.2.3 is {held.tags['v1']}", "web/api:v1.2.x is new", "web/api:v1.x is new",
    ]  # fmt: skip
    finished = run(file, "release", "web/api", "v2", "--version", "1.3.0")
    assert finished.stdout.splitlines()[2] == f"web/api:v1.x was moved to it, from {held.tags['v1']}"
    said = json.loads(run(file, "release", "web/api", "v1", "--version", "1.2.3", "--json").stdout)
    assert said == {
        "repositoryName": "web/api", "version": "1.2.3", "imageDigest": held.tags["v1"], "fixedTags": ["v1.2.3"],
        "movedTags": [], "keptTags": [{"imageTag": "v1.x", "newerVersion": "1.3.0"}], "notes": [],
    }  # fmt: skip
    assert ACCOUNT not in finished.stdout


def test_a_tag_that_the_file_does_not_allow_is_refused_before_anything_is_written(held: Held, file: Path) -> None:
    file.write_text(f"{SMALL}repositories: {{web/api: {{tags_must_match: [v*, prod]}}}}\n")
    before = dict(held.tags)
    finished = run(file, "promote", "web/api:v1", "prod", "--yes")
    assert finished.exit_code == ExitCode.NO
    assert isinstance(finished.exception, TagNotAllowed)
    assert re.match(
        r"the file does not allow prod-\d{8}T\d{6}Z in web/api\n    allowed: v\*, prod\n", str(finished.exception)
    )
    assert held.tags == before
    file.write_text(f"{SMALL}repositories: {{web/api: {{tags_must_match: [v*, 'prod*']}}}}\n")
    assert run(file, "promote", "web/api:v1", "prod", "--yes").exit_code == ExitCode.FINE
    file.write_text(f"{SMALL}repositories: {{web/api: {{tags_must_match: [nothing]}}}}\n")
    before = dict(held.tags)
    released = run(file, "release", "web/api", "v1", "--version", "7.0.0")
    assert isinstance(released.exception, TagNotAllowed)
    assert "does not allow v7.0.0 and v7.0.x and v7.x in web/api" in str(released.exception)
    assert held.tags == before
