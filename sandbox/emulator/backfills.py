"""Replication backfill: what was pushed before the rules, sent to one destination.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication-backfill.html
A backfill goes on each time somebody looks at it (docs/decisions/0030-backfills-go-on-when-looked-at.md).
"""

import time
from dataclasses import dataclass, field

from ministack.core.responses import AccountRegionScopedDict, get_account_id, new_uuid
from ministack.services import ecr

from sandbox.emulator import replication
from sandbox.emulator.answers import Answer, Json, answer, page_of, refusal
from sandbox.emulator.replication import Destination

AT_ONCE = 10
_RUNNING = ("PREPARING", "IN_PROGRESS")
# "automatically fails if 50% or more of the underlying replications fail ... after at least 100"
_JUDGED_AFTER = 100
# A backfill of any size ends at the fourth look: one prepares it, each of the others sends a third.
_PARTS = 3
# AWS publishes no list of failure codes; these two are ours.
_GONE = "REPOSITORY_NOT_FOUND"
_TOO_MANY = "TOO_MANY_FAILURES"

_backfills = AccountRegionScopedDict()


@dataclass
class Backfill:
    """One backfill of the current registry."""

    destination: Destination
    id: str = field(default_factory=new_uuid)
    status: str = "PREPARING"
    started: int = field(default_factory=lambda: int(time.time()))
    ended: int | None = None
    failure: str | None = None
    to_send: list[tuple[str, Json]] = field(default_factory=list)
    """Repository and image id; "Each image and tag combination is counted as a single replication"."""
    results: list[Json] = field(default_factory=list)

    def go_on(self) -> None:
        """Take the next step: prepare, or send a part."""
        if self.status == "PREPARING":
            self.to_send = _qualifying(self.destination)
            self.status = "IN_PROGRESS"
        elif self.status == "IN_PROGRESS":
            part = -(-len(self.to_send) // _PARTS)
            for repository_name, image_id in self.to_send[len(self.results) :][:part]:
                self.results.append(_send(self.destination, repository_name, image_id))
                if len(self.results) >= _JUDGED_AFTER and 2 * self.failed >= len(self.results):
                    self.failure = _TOO_MANY
                    self.end("FAILED")
                    return
            if len(self.results) == len(self.to_send):
                self.end("COMPLETE")

    def end(self, status: str) -> None:
        """Reach a terminal status."""
        self.status, self.ended = status, int(time.time())

    @property
    def failed(self) -> int:
        """How many replications failed so far."""
        return sum(1 for each in self.results if each["status"] == "FAILED")

    def described(self) -> Json:
        """What every answer says of it. The progress "is null until ... finishes preparing"."""
        shape: Json = {
            "replicationBackfillId": self.id,
            "destination": {"registryId": self.destination.registry_id, "region": self.destination.region},
            "status": self.status,
            "startedAt": self.started,
        }
        if self.status != "PREPARING" and not (self.status == "STOPPED" and not self.to_send):
            shape["progress"] = {
                "totalReplicationCount": len(self.to_send),
                "completedReplicationCount": len(self.results) - self.failed,
                "failedReplicationCount": self.failed,
                "failureCodes": sorted({each["failureCode"] for each in self.results if "failureCode" in each}),
            }
        if self.failure:
            shape["failureCode"] = self.failure
        if self.ended:
            shape["endedAt"] = self.ended
        return shape


def _qualifying(destination: Destination) -> list[tuple[str, Json]]:
    found: list[tuple[str, Json]] = []
    for name in ecr._repositories:
        if destination in replication.destinations(name):
            for image in ecr._images[name]:
                digest = {"imageDigest": image["imageDigest"]}
                found += [(name, {**digest, "imageTag": tag}) for tag in image["imageTags"]] or [(name, digest)]
    return found


def _send(destination: Destination, repository_name: str, image_id: Json) -> Json:
    """Images "whose source repository was deleted" are skipped with the status FAILED."""
    image = ecr._find_image(repository_name, image_id)
    failure: str | None = _GONE
    if image is not None:
        failure = replication.send(destination, repository_name, image, image_id.get("imageTag"))
    result = {"repositoryName": repository_name, "imageId": image_id}
    return {**result, "status": "FAILED", "failureCode": failure} if failure else {**result, "status": "COMPLETE"}


def start_replication_backfill(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartReplicationBackfill.html"""
    destination = Destination(data["destination"]["registryId"], data["destination"]["region"])
    if not replication.is_configured(destination):
        return refusal(
            "InvalidParameterException",
            f"No replication rule has the destination {destination.registry_id} in {destination.region}",
        )
    running = [each for each in _backfills.values() if each.status in _RUNNING]
    if any(each.destination.region == destination.region for each in running):
        return refusal(
            "ReplicationBackfillInProgressException",
            f"A replication backfill to the region {destination.region} is in progress",
        )
    if len(running) >= AT_ONCE:
        return refusal("LimitExceededException", f"{AT_ONCE} replication backfills are in progress, and no more may be")
    backfill = Backfill(destination)
    _backfills[backfill.id] = backfill
    return _answer(backfill.described())


def stop_replication_backfill(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StopReplicationBackfill.html

    What was sent stays; nothing is on its way between two looks, so it is stopped at once.
    """
    backfill = _backfills.get(data["replicationBackfillId"])
    if backfill is None:
        return _not_found(data["replicationBackfillId"])
    if backfill.status not in _RUNNING:
        return refusal(
            "ReplicationBackfillInvalidStatusException",
            f"The replication backfill {backfill.id} has the status {backfill.status} and cannot be stopped",
        )
    backfill.end("STOPPED")
    return _answer(backfill.described())


def list_replication_backfills(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListReplicationBackfills.html"""
    for backfill in _backfills.values():
        backfill.go_on()
    shapes, more = page_of([each.described() for each in _backfills.values()], data, 50)
    return _answer({"backfills": shapes, **more})


def describe_replication_backfill_results(data: Json) -> Answer:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeReplicationBackfillResults.html

    "Results are available only after the replication backfill reaches a terminal status."
    """
    backfill = _backfills.get(data["replicationBackfillId"])
    if backfill is None:
        return _not_found(data["replicationBackfillId"])
    backfill.go_on()
    wanted = data.get("resultStatusFilter")
    results = [each for each in backfill.results if wanted in (None, each["status"])] if backfill.ended else []
    page, more = page_of(results, data, 1000)
    return _answer({**backfill.described(), "results": page, **more})


def _answer(body: Json) -> Answer:
    return answer({"registryId": get_account_id(), **body})


def _not_found(backfill_id: str) -> Answer:
    return refusal(
        "ReplicationBackfillNotFoundException",
        f"The replication backfill {backfill_id} does not exist in the registry with id '{get_account_id()}'",
    )


def reset() -> None:
    """Forget every backfill."""
    _backfills.clear()
