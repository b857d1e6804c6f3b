"""What `delete --with-children` left where it was interrupted: the same line lists it and goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.images.begun import DamagedNote
from registry.errors import ExitCode
from tests.ops.images.local_ecr import LocalEcr
from tests.ops.images.stored import digest
from tests.ops.images.test_delete import ALONE, HOST, deleted, image, notes, planned


def interrupted(ecr: LocalEcr, file: Path, *words: str) -> None:
    """Take the manifest list of v1, and end before its images go."""

    def kill(number: int, done: bool) -> None:
        if len(ecr.calls("BatchDeleteImage")) == 2 and not done:
            raise KeyboardInterrupt

    ecr.killed = kill
    deleted(file, *words, *ALONE, "--with-children")
    ecr.killed = lambda number, done: None


def test_what_is_left_of_a_list_is_said_before_it_goes(ecr: LocalEcr, file: Path, state: Path) -> None:
    ecr.has("web/api", image("1", "v1", children="23"), image("2"), image("3", "kept"), image("4"))
    interrupted(ecr, file, "web/api:v1")
    assert set(ecr.tags("web/api")) == {"2", "3", "4"}
    assert notes(state) == ["1"]
    assert [(it["imageDigest"][7], it["action"]) for it in planned(file, "web/api:v1", *ALONE, "--with-children")] == [
        ("1", "gone"),
        ("2", "delete"),
        ("3", "stay"),
    ]
    finished = deleted(file, "web/api:v1", *ALONE, "--with-children")
    assert "gone\tweb/api\tv1" in finished.stdout
    assert "an interrupted run took it, and not all its images" in finished.stdout
    assert finished.stdout.endswith("\n1 of 1 done\n")
    assert finished.exit_code == ExitCode.FINE
    assert set(ecr.tags("web/api")) == {"3", "4"}
    assert notes(state) == []


def test_without_with_children_nothing_is_gone_on_with(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("1", "v1", children="2"), image("2"))
    interrupted(ecr, file, "web/api:v1")
    finished = deleted(file, "web/api:v1", *ALONE)
    assert "there is no image web/api:v1" in finished.stderr
    assert set(ecr.tags("web/api")) == {"2"}


def test_other_images_are_not_taken_for_it(ecr: LocalEcr, file: Path) -> None:
    """Whoever interrupted it may have meant to: only what is named again goes on."""
    ecr.has("web/api", image("1", "v1", children="2"), image("2"), image("9", "v9", children="8"), image("8"))
    interrupted(ecr, file, "web/api:v1")
    assert deleted(file, "web/api:v9", *ALONE, "--with-children").exit_code == ExitCode.FINE
    assert set(ecr.tags("web/api")) == {"2"}


def test_a_tag_that_was_given_anew_is_the_new_image(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("1", "v1", children="2"), image("2"))
    interrupted(ecr, file, "web/api:v1")
    ecr.has("web/api", image("7", "v1"))
    (row,) = planned(file, "web/api:v1", *ALONE, "--with-children")
    assert (row["imageDigest"], row["action"]) == (digest("7"), "delete")
    finished = deleted(file, f"web/api@{digest('1')}", *ALONE, "--with-children")
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert ecr.tags("web/api") == {"7": {"v1"}}


def test_an_image_that_another_list_has_meanwhile_stays(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("1", "v1", children="23"), image("2"), image("3"))
    interrupted(ecr, file, "web/api:v1")
    ecr.has("web/api", image("9", "v9", children="2"))
    finished = deleted(file, "web/api:v1", *ALONE, "--with-children")
    assert "it is part of the manifest list v9" in finished.stdout
    assert set(ecr.tags("web/api")) == {"2", "9"}


@pytest.mark.parametrize("runs", ["1", "2"])
def test_what_runs_by_the_list_or_its_image_stays(ecr: LocalEcr, file: Path, runs: str) -> None:
    ecr.has("web/api", image("1", "v1", children="2"), image("2"))
    interrupted(ecr, file, "web/api:v1")
    ecr.runs = (f"{HOST}/web/api@{digest(runs)}",)
    finished = deleted(file, "web/api:v1", "--with-children")
    assert "runs in ECS" in finished.stdout
    assert finished.exit_code == ExitCode.NO
    assert set(ecr.tags("web/api")) == {"2"}


def test_lists_of_lists_are_gone_on_with(ecr: LocalEcr, file: Path, state: Path) -> None:
    ecr.has("web/api", image("1", "v1", children="2"), image("2", children="3"), image("3"))
    for calls in (2, 4):  # each time it ends after one more list
        ecr.killed = lambda number, done, calls=calls: (  # type: ignore[misc]
            interrupt() if len(ecr.calls("BatchDeleteImage")) == calls and not done else None
        )
        deleted(file, "web/api:v1", *ALONE, "--with-children")
    ecr.killed = lambda number, done: None
    assert set(ecr.tags("web/api")) == {"3"}
    finished = deleted(file, "web/api:v1", *ALONE, "--with-children")
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert ecr.repositories["web/api"] == {}
    assert notes(state) == []


def interrupt() -> None:
    raise KeyboardInterrupt


def test_where_no_note_can_be_left_it_is_said_and_done(
    ecr: LocalEcr, file: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ecr.has("web/api", image("1", "v1", children="2"), image("2"))
    state.write_text("no folder")
    finished = deleted(file, "web/api:v1", *ALONE, "--with-children")
    assert "no note can be left: " in finished.stderr
    assert "If this is interrupted, --untagged finds the images of its manifest lists" in finished.stderr
    assert finished.exit_code == ExitCode.FINE
    assert ecr.repositories["web/api"] == {}


def test_a_note_of_nobody_s_is_refused_with_its_place(ecr: LocalEcr, file: Path, state: Path) -> None:
    ecr.has("web/api", image("1", "v1", children="2"), image("2"))
    interrupted(ecr, file, "web/api:v1")
    (note,) = state.rglob("*.json")
    note.write_text("[]")
    finished = deleted(file, "web/api:v1", *ALONE, "--with-children")
    assert isinstance(finished.exception, DamagedNote)
    assert f"{note} should say what an interrupted deletion has left" in str(finished.exception)
    assert set(ecr.tags("web/api")) == {"2"}


def test_on_another_machine_the_way_out_is_said(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("2"))
    finished = deleted(file, "web/api:v1", *ALONE, "--with-children")
    assert "`ecrctl delete web/api --untagged` lists the images that belong to no other" in finished.stderr


def test_a_repository_below_another_is_no_note_of_it(ecr: LocalEcr, file: Path, state: Path) -> None:
    """ECR takes names such as web/api/x.json."""
    ecr.has("web/api/x.json", image("1", "v1", children="2"), image("2"))
    interrupted(ecr, file, "web/api/x.json:v1")
    ecr.has("web/api", image("3", "v1", children="4"), image("4"))
    finished = deleted(file, "web/api:v1", *ALONE, "--with-children")
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert notes(state) == ["1"]
