"""`ecrctl archive` and `ecrctl restore`: not to be pulled any more, and back again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from registry.errors import ExitCode
from tests.ops.images.local_ecr import LocalEcr, Refused, local_ecr
from tests.ops.images.stored import digest
from tests.ops.images.test_delete import ALONE, HOST, image

RUN = CliRunner()


def ran(file: Path, command: str, *words: str) -> Any:
    return RUN.invoke(app, [command, *words, "-f", str(file)])


def statuses(ecr: LocalEcr) -> dict[str, str]:
    return {it[7]: image.status for it, image in ecr.repositories["web/api"].items()}


def test_an_image_is_archived_with_all_its_tags_and_they_are_listed(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1", "old"), image("b", "v2"))
    finished = ran(file, "archive", "web/api:v1", "--yes")
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert finished.stdout.splitlines()[1].startswith(f"archive\tweb/api\told, v1\t{digest('a')}")
    assert statuses(ecr) == {"a": "ARCHIVED", "b": "ACTIVE"}
    assert ecr.tags("web/api")["a"] == {"v1", "old"}


def test_nothing_is_archived_without_a_yes(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"))
    finished = RUN.invoke(app, ["archive", "web/api:v1", "-f", str(file)], input="n\n")
    assert finished.exit_code == ExitCode.NO
    assert "Archive 1 image (at most 1.5 MB)? [y/N]" in finished.output
    assert statuses(ecr) == {"a": "ACTIVE"}


def test_an_image_that_runs_is_not_archived(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"))
    ecr.runs = (f"{HOST}/web/api:v1",)
    assert ran(file, "archive", f"web/api@{digest('a')}", "--yes").exit_code == ExitCode.NO
    assert statuses(ecr) == {"a": "ACTIVE"}
    assert ran(file, "archive", "web/api:v1", "--yes", "--accept", "it is stopped").exit_code == ExitCode.FINE


def test_the_parts_of_a_manifest_list_go_with_it_or_are_told(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("2"), image("1", "v1", children="23"), image("3"), image("4", "v2", children="3"))
    finished = ran(file, "archive", "web/api:v1", "--json", *ALONE)
    assert finished.exit_code == ExitCode.FINE
    assert "2 images of these manifest lists stay in the standard class: --with-children" in finished.stderr
    finished = ran(file, "archive", "web/api:v1", "--with-children", "--yes", *ALONE)
    assert finished.exit_code == ExitCode.FINE
    assert [it["imageId"]["imageDigest"][7] for it in ecr.calls("UpdateImageStorageClass")] == ["1", "2"]
    assert statuses(ecr) == {"1": "ARCHIVED", "2": "ARCHIVED", "3": "ACTIVE", "4": "ACTIVE"}


def test_what_is_archived_already_is_told_and_left(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1", status="ARCHIVED"))
    finished = ran(file, "archive", "web/api:v1", "--yes")
    assert "it is in the archive already" in finished.stdout
    assert ecr.calls("UpdateImageStorageClass") == []


def test_what_ecr_does_not_archive_is_told_with_its_words(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"))
    ecr.refuses["UpdateImageStorageClass"] = Refused("ImageStorageClassUpdateNotSupportedException", "too young")
    finished = ran(file, "archive", "web/api:v1", "--yes")
    assert finished.exit_code == ExitCode.NO
    assert "ECR does not move web/api@" in finished.stdout
    assert "too young" in finished.stdout
    ecr.repositories["web/api"][digest("a")].status = "ARCHIVED"
    finished = ran(file, "restore", "web/api:v1")
    assert (finished.exit_code, "is not restored: ECR does not move" in finished.stdout) == (ExitCode.NO, True)


def test_a_call_that_is_refused_ends_with_3(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"))
    ecr.refuses["UpdateImageStorageClass"] = Refused("AccessDeniedException", "not you")
    finished = ran(file, "archive", "web/api:v1", "--yes")
    assert finished.exit_code == ExitCode.UNKNOWN
    assert "0 of 1 done" in finished.stdout
    assert "AWS refused UpdateImageStorageClass: not you" in finished.stderr


def test_a_restore_begins_and_with_wait_ends_when_it_can_be_pulled(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1", status="ARCHIVED"), image("b", "v2"))
    finished = ran(file, "restore", "web/api:v1", "web/api:v2")
    assert finished.exit_code == ExitCode.FINE
    assert finished.stdout == (
        f"web/api@{digest('a')} (v1) is being restored, which takes up to 20 minutes\n"
        f"web/api@{digest('b')} (v2) can be pulled\n"
    )
    ecr.restored_after = 3
    finished = ran(file, "restore", "web/api:v1", "--wait", "--json")
    assert finished.exit_code == ExitCode.FINE
    assert [row["imageStatus"] for row in json.loads(finished.stdout)] == ["ACTIVE"]
    assert len(ecr.calls("UpdateImageStorageClass")) == 1


def test_a_restore_without_an_end_is_not_known(ecr: LocalEcr, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.images.archiving._POLLS", 3)
    ecr.has("web/api", image("a", "v1", status="ARCHIVED"))
    ecr.restored_after = 99
    assert ran(file, "restore", "web/api:v1", "--wait").exit_code == ExitCode.UNKNOWN


def test_the_parts_of_a_manifest_list_are_restored_when_it_can_be_read(ecr: LocalEcr, file: Path) -> None:
    parts = [image(it, status="ARCHIVED") for it in "23"]
    ecr.has("web/api", image("1", "v1", children="23", status="ARCHIVED"), *parts)
    finished = ran(file, "restore", "web/api:v1", "--with-children")
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert statuses(ecr) == {"1": "ACTIVE", "2": "ACTIVE", "3": "ACTIVE"}


def test_an_image_that_is_not_there_is_a_no(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1.2.3"))
    for command in ("archive", "restore"):
        finished = ran(file, command, "web/api:v1.2.4")
        assert finished.exit_code == ExitCode.NO
        assert "there is no image web/api:v1.2.4: did you mean v1.2.3?" in finished.stderr


@pytest.mark.parametrize("goodbye", [True, False], ids=["interrupted", "killed"])
def test_killed_between_any_two_calls_the_same_line_archives_the_rest(
    monkeypatch: pytest.MonkeyPatch, file: Path, goodbye: bool
) -> None:
    """A list in the archive cannot be read, so its images would not be known."""
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)
    words = ("web/api:v1", "--with-children", "--yes", *ALONE)
    number, complete, ends = 0, False, set()
    while not complete:
        for after in (False, True):
            with local_ecr(monkeypatch) as ecr, monkeypatch.context() as killed:
                ecr.has("web/api", image("1", "v1", children="23"), image("2"), image("3"), image("4", "v2"))
                if not goodbye:
                    killed.setattr("ops.images.begun.Begun.forget", lambda *_: None)
                ecr.killed = killing(number, after=after)
                first = ran(file, "archive", *words)
                killed.undo()
                ecr.killed = lambda call, done: None
                complete = first.exit_code == ExitCode.FINE
                ends.add(str(statuses(ecr)))
                again = ran(file, "archive", *words)
                assert again.exit_code in (ExitCode.FINE, ExitCode.NO), again.output
                assert statuses(ecr) == {"1": "ARCHIVED", "2": "ARCHIVED", "3": "ARCHIVED", "4": "ACTIVE"}
        number += 1
    assert len(ends) == 4


def killing(number: int, *, after: bool) -> Callable[[int, bool], None]:
    """Ends the call of a number, before it is made or before it is answered."""

    def kill(call: int, done: bool) -> None:
        if (call, done) == (number, after):
            raise KeyboardInterrupt

    return kill
