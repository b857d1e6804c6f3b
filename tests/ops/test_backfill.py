"""Backfills: started once, followed to the end, within AWS's limits, with every image that did not arrive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ops.cli import app
from tests.ops.stubs import ACCOUNT, HOME, Cloud, stubbed
from tests.synth import SMALL

WEST, EAST, OTHER = ("us-west-2", ACCOUNT), ("us-east-1", ACCOUNT), ("us-west-2", "210987654321")
TEXT = f"{SMALL}replicas: {{us-west-2: , us-east-1: , 210987654321/us-west-2: }}\nrepositories: {{web/api: }}\n"
STARTED = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    monkeypatch.setattr("ops.backfill._POLL_SECONDS", 0.0)
    with stubbed(monkeypatch) as made:
        yield made


def number(index: int) -> str:
    return f"00000000-0000-0000-0000-{index:012}"


def place(to: tuple[str, str]) -> dict[str, str]:
    return {"region": to[0], "registryId": to[1]}


def row(
    index: int, to: tuple[str, str], status: str, done: tuple[int, int, int] | None = None, **more: Any
) -> dict[str, Any]:
    """A backfill as ListReplicationBackfills says it; `done` is total, completed, failed."""
    counts = {}
    if done:
        names = ("totalReplicationCount", "completedReplicationCount", "failedReplicationCount")
        counts = {"progress": {**dict(zip(names, done, strict=True)), "failureCodes": []}}
    return {
        "replicationBackfillId": number(index),
        "destination": place(to),
        "status": status,
        "startedAt": STARTED,
        **counts,
        **more,
    }


def listed(cloud: Cloud, *rows: dict[str, Any]) -> None:
    cloud.expect("list_replication_backfills", {"backfills": list(rows)}, {})


def starts(cloud: Cloud, index: int, to: tuple[str, str]) -> None:
    answer = {**row(index, to, "PREPARING"), "registryId": ACCOUNT}
    cloud.expect("start_replication_backfill", answer, {"destination": place(to)})


def results(
    cloud: Cloud, index: int, *failures: dict[str, Any], after: str | None = None, more: str | None = None
) -> None:
    wanted = {"replicationBackfillId": number(index), "resultStatusFilter": "FAILED"}
    cloud.expect(
        "describe_replication_backfill_results",
        {"results": list(failures), **({"nextToken": more} if more else {})},
        {**wanted, **({"nextToken": after} if after else {})},
    )


def configured(cloud: Cloud, *destinations: tuple[str, str]) -> None:
    cloud.caller()
    rules = [{"destinations": [place(to) for to in destinations]}]
    cloud.expect("describe_registry", {"replicationConfiguration": {"rules": rules}})


def run(tmp_path: Path, *options: str, answer: str = "") -> tuple[int, str]:
    file = tmp_path / "registry.yaml"
    file.write_text(TEXT)
    finished = CliRunner().invoke(app, ["backfill", "--registry", str(file), *options], input=answer)
    failed = "" if isinstance(finished.exception, SystemExit | None) else str(finished.exception)
    return getattr(finished.exception, "exit_code", finished.exit_code), finished.output + failed


def test_one_destination_is_started_and_followed_to_its_end(cloud: Cloud, tmp_path: Path) -> None:
    configured(cloud, WEST, EAST)
    listed(cloud)
    starts(cloud, 1, WEST)
    listed(cloud, row(1, WEST, "IN_PROGRESS", (3, 1, 0)))
    listed(cloud, row(1, WEST, "COMPLETE", (3, 3, 0)))
    results(cloud, 1)
    assert run(tmp_path, "us-west-2", "--yes") == (
        0,
        "to us-west-2: COMPLETE, 3 of 3 replicated, 0 failed; started 2026-11-25 04:00 UTC\n",
    )


FAILURES = [
    {
        "repositoryName": "web/api",
        "imageId": {"imageDigest": "sha256:1", "imageTag": "v1"},
        "status": "FAILED",
        "failureCode": "NO",
    },
    {
        "repositoryName": "web/ui",
        "imageId": {"imageDigest": "sha256:2"},
        "status": "FAILED",
        "subImageFailureCodes": ["A", "B"],
    },
]


def test_every_image_that_did_not_arrive_is_listed_and_the_exit_code_says_so(cloud: Cloud, tmp_path: Path) -> None:
    configured(cloud, WEST)
    listed(cloud)
    starts(cloud, 1, WEST)
    listed(cloud, row(1, WEST, "COMPLETE", (3, 1, 2)))
    results(cloud, 1, FAILURES[0], more="page")
    results(cloud, 1, FAILURES[1], after="page")
    code, said = run(tmp_path, "us-west-2", "--yes")
    assert code == 1
    assert "    web/api:v1 sha256:1: NO\n    web/ui sha256:2: A, B\n" in said


def test_failures_that_are_counted_and_not_listed_are_failures(cloud: Cloud, tmp_path: Path) -> None:
    configured(cloud, WEST)
    listed(cloud, row(1, WEST, "IN_PROGRESS", (3, 1, 0)))
    listed(cloud, row(1, WEST, "COMPLETE", (3, 2, 1)))
    results(cloud, 1)
    code, said = run(tmp_path, "us-west-2", "--yes")
    assert (code, "2 of 3 replicated, 1 failed" in said) == (1, True)


def test_one_that_the_list_does_not_show_yet_is_waited_for(cloud: Cloud, tmp_path: Path) -> None:
    configured(cloud, WEST)
    listed(cloud)
    starts(cloud, 1, WEST)
    listed(cloud)
    listed(cloud, row(1, WEST, "COMPLETE", (1, 1, 0)))
    results(cloud, 1)
    assert run(tmp_path, "us-west-2", "--yes")[0] == 0


def test_json_is_the_shape_of_ecrs_own_answer(cloud: Cloud, tmp_path: Path) -> None:
    configured(cloud, WEST)
    listed(cloud)
    starts(cloud, 1, WEST)
    listed(cloud, row(1, WEST, "FAILED", (200, 50, 50), failureCode="TOO_MANY", endedAt=STARTED))
    results(cloud, 1, FAILURES[0])
    code, said = run(tmp_path, "us-west-2", "--yes", "--json")
    assert code == 1
    (answer,) = json.loads(said)
    assert (answer["status"], answer["failureCode"], answer["endedAt"]) == ("FAILED", "TOO_MANY", STARTED.isoformat())
    assert answer["results"] == [FAILURES[0]]


def test_one_that_is_on_its_way_already_is_followed_and_not_started_again(cloud: Cloud, tmp_path: Path) -> None:
    configured(cloud, WEST)
    listed(cloud, row(7, WEST, "IN_PROGRESS", (1, 0, 0)), row(3, WEST, "STOPPED"))
    listed(cloud, row(7, WEST, "COMPLETE", (1, 1, 0)))
    results(cloud, 7)
    assert run(tmp_path, "us-west-2", "--yes")[0] == 0


def test_one_that_is_being_stopped_is_waited_for_and_not_followed(cloud: Cloud, tmp_path: Path) -> None:
    configured(cloud, WEST)
    listed(cloud, row(7, WEST, "STOPPING", (9, 1, 0)))
    listed(cloud, row(7, WEST, "STOPPED", (9, 1, 0)))
    starts(cloud, 8, WEST)
    listed(cloud, row(7, WEST, "STOPPED", (9, 1, 0)), row(8, WEST, "COMPLETE", (9, 9, 0)))
    results(cloud, 8)
    assert run(tmp_path, "us-west-2", "--yes")[0] == 0


def test_a_second_destination_in_a_region_waits_for_the_first(cloud: Cloud, tmp_path: Path) -> None:
    configured(cloud, WEST, OTHER)
    listed(cloud)
    starts(cloud, 1, WEST)
    listed(cloud, row(1, WEST, "IN_PROGRESS", (1, 0, 0)))
    listed(cloud, row(1, WEST, "COMPLETE", (1, 1, 0)))
    starts(cloud, 2, OTHER)
    listed(cloud, row(1, WEST, "COMPLETE", (1, 1, 0)), row(2, OTHER, "COMPLETE", (1, 1, 0)))
    results(cloud, 1)
    results(cloud, 2)
    code, said = run(tmp_path, "us-west-2", "210987654321/us-west-2", "--yes")
    assert code == 0, said
    assert "to 210987654321/us-west-2: COMPLETE" in said


def test_an_eleventh_waits_and_so_does_one_for_which_somebody_else_was_faster(cloud: Cloud, tmp_path: Path) -> None:
    configured(cloud, WEST)
    others = [row(index, (f"eu-west-{index}", ACCOUNT), "IN_PROGRESS", (1, 0, 0)) for index in range(1, 11)]
    listed(cloud, *others)
    listed(cloud, *others[1:])
    cloud.refuse("start_replication_backfill", "LimitExceededException")
    listed(cloud, *others[1:])
    cloud.refuse("start_replication_backfill", "ReplicationBackfillInProgressException")
    listed(cloud, *others[1:])
    starts(cloud, 20, WEST)
    listed(cloud, row(20, WEST, "COMPLETE", (0, 0, 0)))
    results(cloud, 20)
    assert run(tmp_path, "us-west-2", "--yes")[0] == 0


def test_without_a_word_every_replica_of_the_file_is_meant(cloud: Cloud, tmp_path: Path) -> None:
    configured(cloud, WEST, EAST, OTHER)
    code, said = run(tmp_path, answer="n\n")
    assert code == 1
    assert f"Send the images of {ACCOUNT}/{HOME} that are not in us-east-1, us-west-2, 210987654321/us-west-2" in said


def test_a_destination_that_is_not_deployed_yet_is_refused_before_anything_starts(cloud: Cloud, tmp_path: Path) -> None:
    configured(cloud, WEST)
    code, said = run(tmp_path, "us-east-1", "us-west-2", "--yes")
    assert code == 1
    assert "nothing is replicated to us-east-1 yet" in said
    assert "make deploy" in said


def test_a_destination_the_file_does_not_have_is_refused_with_the_nearest(cloud: Cloud, tmp_path: Path) -> None:
    code, said = run(tmp_path, "us-west-1", "--yes")
    assert code != 0
    assert "the file declares no replica us-west-1" in said
    assert "us-west-2" in said


def test_images_are_sent_by_the_account_of_the_home_only(cloud: Cloud, tmp_path: Path) -> None:
    cloud.caller("210987654321")
    code, said = run(tmp_path, "us-west-2", "--yes")
    assert code == 3
    assert f"choose a profile of {ACCOUNT}" in said


def test_a_backfill_is_stopped_where_one_runs(cloud: Cloud, tmp_path: Path) -> None:
    cloud.caller()
    rows = [row(1, WEST, "IN_PROGRESS", (3, 1, 0)), row(2, EAST, "IN_PROGRESS"), row(3, WEST, "COMPLETE", (1, 1, 0))]
    listed(cloud, *rows)
    cloud.expect("stop_replication_backfill", {}, {"replicationBackfillId": number(1)})
    code, said = run(tmp_path, "us-west-2", "--stop")
    assert code == 0, said
    assert said.startswith("stopping to us-west-2: IN_PROGRESS, 1 of 3 replicated")
    cloud.caller()
    listed(cloud, rows[2])
    assert run(tmp_path, "us-west-2", "--stop") == (0, "nothing is on its way\n")


def test_the_history_says_every_backfill(cloud: Cloud, tmp_path: Path) -> None:
    cloud.caller()
    cloud.expect(
        "list_replication_backfills",
        {"backfills": [row(1, WEST, "FAILED", (2, 0, 2), failureCode="X")], "nextToken": "more"},
    )
    cloud.expect("list_replication_backfills", {"backfills": [row(2, EAST, "PREPARING")]}, {"nextToken": "more"})
    code, said = run(tmp_path, "--list")
    assert code == 0
    assert "to us-west-2: FAILED (X), 0 of 2 replicated, 2 failed; started 2026-11-25 04:00 UTC\n" in said
    assert "to us-east-1: PREPARING, nothing counted yet" in said
