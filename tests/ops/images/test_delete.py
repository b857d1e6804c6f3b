"""`ecrctl delete`: listed first, no more than listed, nothing that runs, and what was interrupted can be run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.aws.cloud import CloudError
from ops.cli import app
from ops.images import NoSuchRepository, WrongReference
from registry.errors import ExitCode
from tests.ops.images.local_ecr import Image, LocalEcr, Refused, local_ecr
from tests.ops.images.stored import digest
from tests.ops.stubs import ACCOUNT, HOME
from tests.synth import SMALL

RUN = CliRunner()
HOST = f"{ACCOUNT}.dkr.ecr.{HOME}.amazonaws.com"
ALONE = ("--without", "ecs", "--without", "lambda", "--without", "inspector")


def deleted(file: Path, *words: str, answer: str = "") -> Any:
    yes = () if answer else ("--yes",)
    return RUN.invoke(app, ["delete", *words, "-f", str(file), *yes], input=answer)


def image(letter: str, *tags: str, **more: Any) -> Image:
    more["children"] = tuple(map(digest, more.get("children", ())))
    if subject := more.get("subject"):
        more["subject"] = digest(subject)
    return Image(digest(letter), set(tags), **more)


def planned(file: Path, *words: str) -> list[dict[str, Any]]:
    """What would be done: --json without --yes."""
    finished = RUN.invoke(app, ["delete", *words, "-f", str(file), "--json"])
    return list(json.loads(finished.stdout))


def test_one_of_several_tags_is_taken_away_and_the_image_stays(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1", "latest"))
    finished = deleted(file, "web/api:v1")
    assert finished.exit_code == ExitCode.FINE, finished.output
    row = finished.stdout.splitlines()[1].split("\t")
    assert (row[0], row[2], row[7]) == ("untag", "v1", "the image stays, with latest")
    assert ecr.tags("web/api") == {"a": {"latest"}}
    assert ecr.calls("BatchDeleteImage")[0]["imageIds"] == [{"imageDigest": digest("a"), "imageTag": "v1"}]


@pytest.mark.parametrize("words", [("web/api:v1",), (f"web/api@{digest('a')}",)])
def test_the_last_tag_takes_the_image_as_the_digest_does(ecr: LocalEcr, file: Path, words: tuple[str, ...]) -> None:
    ecr.has("web/api", image("a", "v1"), image("b", "v2"))
    finished = deleted(file, *words)
    assert finished.stdout.splitlines()[1].startswith(f"delete\tweb/api\tv1\t{digest('a')}\timage\t1.5 MB\tnever\t")
    assert finished.stdout.endswith("\n1 of 1 done\n")
    assert ecr.tags("web/api") == {"b": {"v2"}}


def test_all_tags_of_an_image_together_take_it(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1", "latest"))
    (row,) = planned(file, "web/api:v1", "web/api:latest")
    assert (row["action"], row["imageTags"]) == ("delete", ["latest", "v1"])


def test_it_is_listed_first_and_nothing_is_done_without_a_yes(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"), image("b", "v2", "latest"))
    finished = deleted(file, "web/api:v1", "web/api:v2", answer="n\n")
    assert finished.exit_code == ExitCode.NO
    assert "Delete 1 image (at most 1.5 MB) and take away 1 tag? [y/N]" in finished.output
    assert ecr.calls("BatchDeleteImage") == []
    assert deleted(file, "web/api:v1", answer="y\n").exit_code == ExitCode.FINE
    assert ecr.tags("web/api") == {"b": {"v2", "latest"}}


def test_json_without_yes_says_what_would_be_done_and_with_it_what_was(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"))
    (row,) = planned(file, "web/api:v1")
    assert row["action"] == "delete"
    assert "done" not in row
    assert ecr.calls("BatchDeleteImage") == []
    (row,) = json.loads(deleted(file, "web/api:v1", "--json").stdout)
    assert (row["done"], row["failure"]) == (True, None)


def test_what_is_not_there_is_said_with_the_nearest_tag_and_the_rest_is_done(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1.2.3"), image("b", "pr-7"))
    finished = deleted(file, "web/api:v1.2.4", "web/api:pr-7")
    assert "there is no image web/api:v1.2.4: did you mean v1.2.3?\n" in finished.stderr
    assert finished.exit_code == ExitCode.NO
    assert ecr.tags("web/api") == {"a": {"v1.2.3"}}


def test_of_a_tag_and_a_digest_both_must_hold(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1", "x"), image("b"))
    finished = deleted(file, f"web/api:v1@{digest('b')}")
    assert f"the tag is at {digest('a')} now" in finished.stderr
    assert deleted(file, f"web/api:v1@{digest('a')}").exit_code == ExitCode.FINE
    assert ecr.tags("web/api") == {"a": {"x"}, "b": set()}


def test_several_repositories_also_undeclared_ones(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"))
    ecr.has("old/thing", image("b", "v1"))
    assert deleted(file, "web/api:v1", f"{HOST}/old/thing:v1").exit_code == ExitCode.FINE
    assert ecr.repositories == {"web/api": {}, "old/thing": {}}


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["web/api"], WrongReference),
        (["web/api:v1", "--untagged"], WrongReference),
        (["nobody/here:v1"], NoSuchRepository),
        (["210987654321.dkr.ecr.eu-west-1.amazonaws.com/web/api:v1"], WrongReference),
        (["web/api", "--older-than", "7d"], SystemExit),
        (["web/api:v1", "--without", "eks"], SystemExit),
        (["web/api:v1", "--accept", " "], SystemExit),
    ],
)
def test_bad_usage_deletes_nothing(ecr: LocalEcr, file: Path, words: list[str], error: type[Exception]) -> None:
    ecr.has("web/api", image("a", "v1"))
    finished = deleted(file, *words)
    assert isinstance(finished.exception, error), finished.output
    assert getattr(finished.exception, "exit_code", finished.exit_code) == ExitCode.INVALID
    assert ecr.calls("BatchDeleteImage") == []


def test_what_the_replicas_will_do_is_told(ecr: LocalEcr, file: Path) -> None:
    replicas = "replicas: {us-west-2: {delete_replication: true}, eu-west-1: , us-east-1: {namespaces: [data]}}\n"
    file.write_text(f"{SMALL}{replicas}repositories: {{web/api: , data/x: }}\n")
    ecr.has("web/api", image("a", "v1"))
    told = deleted(file, "web/api:v1", *ALONE).stderr
    assert told.startswith(
        "us-west-2 will delete them, too; eu-west-1 will keep what has arrived there: see --region\n"
    )
    ecr.has("web/api", image("a", "v1"))
    assert "will" not in deleted(file, "web/api:v1", "--region", "us-west-2", *ALONE).stderr


# Manifest lists.


def test_the_images_of_a_manifest_list_stay_and_are_told(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("1", "v1", children="23"), image("2"), image("3"))
    finished = deleted(file, "web/api:v1")
    assert "2 images of these manifest lists stay, without a tag: --with-children takes them along\n" in finished.stderr
    assert ecr.tags("web/api") == {"2": set(), "3": set()}


def test_with_children_they_go_after_their_manifest_list(ecr: LocalEcr, file: Path) -> None:
    """ECR refuses images of a list that is there: https://github.com/aws/aws-cdk/issues/24822."""
    ecr.has("web/api", image("2"), image("3"), image("1", "v1", children="23"), image("4", "v2"))
    finished = deleted(file, "web/api:v1", "--with-children")
    assert finished.exit_code == ExitCode.FINE, finished.output
    assert [line.split("\t")[0] for line in finished.stdout.splitlines()[1:4]] == ["delete"] * 3
    assert ecr.tags("web/api") == {"4": {"v2"}}


def test_an_image_that_another_list_names_stays(ecr: LocalEcr, file: Path) -> None:
    """https://github.com/dataaxiom/ghcr-cleanup-action/issues/91: a release shared an image with its candidate."""
    ecr.has("web/api", image("1", "rc", children="23"), image("5", "v1", children="3"), image("2"), image("3"))
    finished = deleted(file, "web/api:rc", "--with-children")
    assert finished.exit_code == ExitCode.FINE
    assert f"it is part of the manifest list v1 ({digest('5')})" in finished.stdout
    assert ecr.tags("web/api") == {"5": {"v1"}, "3": set()}


def test_a_child_with_tags_of_its_own_stays(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("1", "v1", children="23"), image("2", "v1-amd64"), image("3"))
    deleted(file, "web/api:v1", "--with-children")
    assert ecr.tags("web/api") == {"2": {"v1-amd64"}}


def test_the_last_tag_of_a_part_of_a_manifest_list_stays_and_the_list_is_named(ecr: LocalEcr, file: Path) -> None:
    """https://github.com/aws/containers-roadmap/issues/1567: ECR refuses, and says no name."""
    ecr.has("web/api", image("1", "v1", children="2"), image("2", "v1-amd64"))
    finished = deleted(file, "web/api:v1-amd64")
    assert finished.exit_code == ExitCode.NO
    assert f"stays\tweb/api\tv1-amd64\t{digest('2')}" in finished.stdout
    assert f"it is part of the manifest list v1 ({digest('1')})" in finished.stdout
    assert ecr.calls("BatchDeleteImage") == []


def test_lists_of_lists_go_from_the_top(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("3"), image("2", children="3"), image("1", "v1", children="2"))
    assert deleted(file, "web/api:v1", "--with-children").exit_code == ExitCode.FINE
    assert ecr.repositories["web/api"] == {}
    assert len(ecr.calls("BatchDeleteImage")) == 3


def test_images_of_a_list_that_ecr_kept_are_not_touched(ecr: LocalEcr, file: Path) -> None:
    """The list is a child of one that came after it was listed."""
    ecr.has("web/api", image("1", "v1", children="2"), image("2"))

    def pushed(number: int, done: bool) -> None:
        if ecr.asked[-1][0] == "BatchDeleteImage" and not done:
            ecr.has("web/api", image("9", "v9", children="1"))

    ecr.killed = pushed
    finished = deleted(file, "web/api:v1", "--with-children")
    assert finished.exit_code == ExitCode.NO
    assert "a manifest list of the repository names it: delete that first" in finished.stdout
    assert "its manifest list stays" in finished.stdout
    assert set(ecr.tags("web/api")) == {"1", "2", "9"}


def test_where_a_lifecycle_counts_pulls_only_what_goes_is_read(ecr: LocalEcr, file: Path) -> None:
    lifecycle = "lifecycles: {cold: [{archive: {any: true, unpulled_days: 90}}]}\n"
    file.write_text(f"{SMALL}{lifecycle}repositories: {{web/api: {{lifecycle: cold}}}}\n")
    ecr.has("web/api", image("1", "v1", children="2"), image("2"), image("3", "v2", children="2"))
    finished = deleted(file, "web/api:v1", answer="n\n")
    assert "manifest lists of web/api are not all read: reading one is a pull, and cold counts" in finished.stderr
    assert ecr.calls("BatchGetImage") == []
    finished = deleted(file, "web/api:v1", "--with-children")
    assert [it["imageIds"] for it in ecr.calls("BatchGetImage")] == [[{"imageDigest": digest("1")}]]
    assert finished.exit_code == ExitCode.NO  # the other list has the image, and ECR keeps it
    assert ecr.tags("web/api") == {"2": set(), "3": {"v2"}}


def test_what_refers_to_an_image_is_told(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"), image("b", subject="a"))
    (row,) = planned(file, "web/api:v1")
    assert row["referrers"] == [digest("b")]
    assert "1 image that refer to it go later, by ECR: SBOM" in deleted(file, "web/api:v1").stdout


# What runs.


@pytest.mark.parametrize(
    "runs", [f"{HOST}/web/api:v1", f"{HOST}/web/api@{digest('a')}", f"{HOST}/web/api:gone@{digest('a')}"]
)
def test_an_image_that_runs_stays_by_whatever_name_it_runs(ecr: LocalEcr, file: Path, runs: str) -> None:
    """https://github.com/awslabs/ecr-cleanup-lambda/issues/44: it deleted what ran by its digest."""
    ecr.has("web/api", image("a", "v1", "latest"))
    ecr.runs = (runs,)
    finished = deleted(file, f"web/api@{digest('a')}")
    assert finished.exit_code == ExitCode.NO
    assert "it runs; runs in ECS task definition api, its newest revision" in finished.stdout
    assert ecr.tags("web/api") == {"a": {"v1", "latest"}}


def test_a_tag_stays_where_it_is_used_by_that_name(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1", "prod"))
    ecr.runs = (f"{HOST}/web/api:prod",)
    assert deleted(file, "web/api:prod").exit_code == ExitCode.NO
    assert deleted(file, "web/api:v1").exit_code == ExitCode.FINE
    assert ecr.tags("web/api") == {"a": {"prod"}}


def test_a_manifest_list_stays_while_one_of_its_images_runs(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("1", "v1", children="23"), image("2"), image("3"))
    ecr.runs = (f"{HOST}/web/api@{digest('3')}",)
    finished = deleted(file, "web/api:v1", "--with-children")
    assert finished.exit_code == ExitCode.NO
    assert ecr.calls("BatchDeleteImage") == []


def test_what_runs_goes_for_a_reason_that_is_printed(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"))
    ecr.runs = (f"{HOST}/web/api:v1",)
    finished = deleted(file, "web/api:v1", "--accept", "stopped on Monday, OPS-17")
    assert finished.exit_code == ExitCode.FINE
    assert "what runs goes, too: stopped on Monday, OPS-17" in finished.stderr
    assert "runs in ECS task definition api" in finished.stdout


def test_what_a_list_names_runs(ecr: LocalEcr, file: Path, tmp_path: Path) -> None:
    pods = tmp_path / "pods.txt"
    pods.write_text(f"{HOST}/web/api:v1\n")
    ecr.has("web/api", image("a", "v1"))
    assert deleted(file, "web/api:v1", *ALONE, "--running", str(pods)).exit_code == ExitCode.NO
    assert {name for name, _ in ecr.asked} == {"DescribeImages"}


def test_what_cannot_be_asked_is_not_taken_for_not_running(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"))
    ecr.refuses["ListClusters"] = Refused("AccessDeniedException", "not you")
    finished = deleted(file, "web/api:v1")
    assert isinstance(finished.exception, CloudError)
    assert "add --without ecs if nothing runs there" in str(finished.exception)
    assert ecr.calls("BatchDeleteImage") == []


# Chosen, not named.


def test_untagged_takes_what_belongs_to_nothing(ecr: LocalEcr, file: Path) -> None:
    """https://github.com/cyrusimap/cyrus-docker/pull/105: untagged parts of manifest lists were deleted."""
    ecr.has(
        "web/api",
        *(image("1", "v1", children="2"), image("2"), image("a", "v2"), image("b", subject="a")),
        *(image("c"), image("d", days=40), image("e", subject="f")),
    )
    rows = planned(file, "web/api", "--untagged")
    assert sorted(row["imageDigest"][7] for row in rows) == ["c", "d", "e"]
    assert deleted(file, "web/api", "--untagged", "--older-than", "30d").exit_code == ExitCode.FINE
    assert sorted(ecr.tags("web/api")) == ["1", "2", "a", "b", "c", "e"]


def test_a_pattern_takes_such_tags_and_images_without_another(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "pr-1"), image("b", "pr-2", "v1"), image("c", "v2"), image("d"))
    assert deleted(file, "web/api", "--tag", "pr-*").exit_code == ExitCode.FINE
    assert ecr.tags("web/api") == {"b": {"v1"}, "c": {"v2"}, "d": set()}


def test_nothing_chosen_is_fine(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"))
    finished = deleted(file, "web/api", "--untagged")
    assert (finished.exit_code, finished.stdout) == (ExitCode.FINE, "")
    assert finished.stderr == "there is nothing to delete\n"


# Partly done.


def test_a_hundred_are_deleted_in_a_call_and_each_failure_is_told(ecr: LocalEcr, file: Path) -> None:
    for number in range(250):
        ecr.has("web/api", Image(f"sha256:{number:064}", {f"pr-{number}"}))

    def moved(number: int, done: bool) -> None:
        if ecr.asked[-1][0] == "BatchDeleteImage" and not done:
            ecr.repositories["web/api"].get(f"sha256:{7:064}", Image("", set())).tags.discard("pr-7")

    ecr.killed = moved
    finished = deleted(file, "web/api", "--tag", "pr-*", *ALONE)
    assert sorted(len(it["imageIds"]) for it in ecr.calls("BatchDeleteImage")) == [50, 100, 100]
    assert finished.exit_code == ExitCode.NO
    assert f"web/api@sha256:{7:064} (pr-7): the tag has moved since the list was made: look again\n" in finished.stdout
    assert finished.stdout.endswith("\n249 of 250 done\n")


def test_a_tag_that_is_given_meanwhile_keeps_its_image(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"))

    def tagged(number: int, done: bool) -> None:
        if ecr.asked[-1][0] == "BatchDeleteImage" and not done:
            ecr.repositories["web/api"][digest("a")].tags.add("prod")

    ecr.killed = tagged
    deleted(file, f"web/api@{digest('a')}")
    assert ecr.tags("web/api") == {"a": {"prod"}}


def test_what_is_gone_already_counts_as_done(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"), image("b", "v2"))

    def gone(number: int, done: bool) -> None:
        if ecr.asked[-1][0] == "BatchDeleteImage" and not done:
            ecr.repositories["web/api"].pop(digest("a"), None)

    ecr.killed = gone
    finished = deleted(file, "web/api:v1", "web/api:v2")
    assert (finished.exit_code, ecr.repositories["web/api"]) == (ExitCode.FINE, {})


def test_a_call_that_is_refused_ends_with_3_and_tells_what_was_done(ecr: LocalEcr, file: Path) -> None:
    ecr.has("web/api", image("a", "v1"))
    ecr.refuses["BatchDeleteImage"] = Refused("AccessDeniedException", "not you")
    finished = deleted(file, "web/api:v1")
    assert finished.exit_code == ExitCode.UNKNOWN
    assert "0 of 1 done" in finished.stdout
    assert "AWS refused BatchDeleteImage: not you" in finished.stderr
    assert "it takes ecr:BatchDeleteImage, which `delete:` of web/api in registry.yaml grants" in finished.stderr


WORLD = (("1", ("v1",), "23"), ("2", (), ""), ("3", (), ""), ("a", ("pr-1", "pr-2"), ""), ("b", ("v2", "x"), ""))
WORDS = ("web/api:v1", "web/api:pr-1", "web/api:pr-2", "web/api:x", "old/thing:v1", "--with-children")
#: By a pattern: another tag of an image stays.
CHOSEN = ("web/api", "old/thing", "--tag", "*1", "--with-children", *ALONE)
#: What is left when it is done.
LEFT = {"web/api": {"b": {"v2"}}, "old/thing": {}}
CHOSEN_LEFT = {"web/api": {"a": {"pr-2"}, "b": {"v2", "x"}}, "old/thing": {}}


def world(ecr: LocalEcr) -> None:
    for letter, tags, children in WORLD:
        ecr.has("web/api", image(letter, *tags, children=children))
    ecr.has("old/thing", image("9", "v1"))


@pytest.mark.parametrize(
    ("words", "end", "goodbye"),
    [(WORDS, LEFT, True), (CHOSEN, CHOSEN_LEFT, False)],
    ids=["named, interrupted", "chosen, killed"],
)
def test_killed_between_any_two_calls_no_other_image_is_lost_and_the_same_line_finishes(
    monkeypatch: pytest.MonkeyPatch, file: Path, state: Path, words: tuple[str, ...], end: dict[str, Any], goodbye: bool
) -> None:
    monkeypatch.setattr("ops.aws.parallel.WORKERS", 1)
    ends, number, complete = set(), 0, False
    while not complete:
        for after in (False, True):
            with local_ecr(monkeypatch) as ecr, monkeypatch.context() as killed:
                world(ecr)
                if not goodbye:  # a process that is killed tidies nothing up
                    killed.setattr("ops.images.begun.Begun.forget", lambda *_: None)
                complete = not killed_at(ecr, file, number, after=after, words=words)
                killed.undo()
                left = {name: ecr.tags(name) for name in ecr.repositories}
                ends.add(json.dumps(left, default=sorted))
                assert left["web/api"]["b"] >= {"v2"}  # it was never to go
                again = deleted(file, *words)
                assert again.exit_code in (ExitCode.FINE, ExitCode.NO), again.output  # 1: what is gone is not there
                assert {name: ecr.tags(name) for name in ecr.repositories} == end
                if goodbye:
                    assert notes(state) == []
        number += 1
    assert number >= 6  # calls
    assert len(ends) >= 3  # different states that it was left in


def notes(state: Path) -> list[str]:
    """The lists that are noted, by the letter of their digest."""
    return sorted(path.stem[7] for path in state.rglob("sha256-*.json"))


def killed_at(ecr: LocalEcr, file: Path, number: int, *, after: bool, words: tuple[str, ...]) -> bool:
    """Run it, and end it before the call of this number, or when that is done and not answered yet."""
    first = len(ecr.asked)

    def kill(call: int, done: bool) -> None:
        if call - first == number and done == after:
            raise KeyboardInterrupt

    ecr.killed = kill
    finished = deleted(file, *words)
    ecr.killed = lambda call, done: None
    return finished.exit_code not in (ExitCode.FINE, ExitCode.NO) or isinstance(finished.exception, KeyboardInterrupt)
