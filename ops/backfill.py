"""Replication backfill: images that were pushed before a destination was added are sent there, too.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication-backfill.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.aws import cloud
from ops.terminal import progress
from registry.errors import RegistryError, UnknownName
from registry.findings import listed
from registry.locations import Location, located
from registry.model import Registry
from registry.nearest import did_you_mean

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from rich.progress import TaskID

#: "A registry can have at most 10 replication backfills in progress at once", and one for a Region.
#: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_StartReplicationBackfill.html
AT_ONCE: Final = 10
RUNNING: Final = frozenset({"PREPARING", "IN_PROGRESS", "STOPPING"})
_POLL_SECONDS: Final = 3.0

Row = Mapping[str, Any]


class BackfillRefused(RegistryError):
    """Nothing was started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A backfill that has ended, in the words of ECR's API, and the images that did not arrive."""

    row: Row
    failures: tuple[Row, ...]

    @property
    def complete(self) -> bool:
        """Whether every image arrived: the results list what failed, and the row counts it."""
        counted = (self.row.get("progress") or {}).get("failedReplicationCount", 0)
        return bool(self.row["status"] == "COMPLETE") and not self.failures and not counted

    def as_dict(self) -> dict[str, Any]:
        """The shape of DescribeReplicationBackfillResults, of the results those that failed."""
        return {**self.row, "results": [dict(failure) for failure in self.failures]}


def client_of(registry: Registry) -> ECRClient:
    """ECR at home, where images come from; the credentials have to be of that account."""
    if (caller := cloud.caller(registry.region)) != registry.account:
        raise cloud.CloudError(
            f"images are copied from {registry.home}, but the credentials belong to the account {caller}\n"
            f"    way out: choose a profile of {registry.account}"
        )
    return cloud.ecr(registry.region)


def destinations_of(registry: Registry, written: Sequence[str]) -> tuple[Location, ...]:
    """The replicas that are meant, none written for all.

    :raises UnknownName: for a destination that the file does not declare.
    """
    replicas = [replica.location for replica in registry.replicas]
    known = [location.beside(registry.home) for location in replicas]
    for each in written:
        if located(each, registry.account) not in replicas:
            near = did_you_mean(each, known) or (f"the file has {listed(known)}" if known else "add it to replicas")
            raise UnknownName(f"the file declares no replica {each}\n    way out: {near}")
    return tuple(dict.fromkeys(located(each, registry.account) for each in written)) or tuple(replicas)


def refuse_unconfigured(client: ECRClient, destinations: Sequence[Location], home: Location) -> None:
    """Stop where a destination is not deployed yet: "The destination must already be configured"."""
    rules = client.describe_registry()["replicationConfiguration"]["rules"]
    live = {Location(to["registryId"], to["region"]) for rule in rules for to in rule["destinations"]}
    missing = [location.beside(home) for location in destinations if location not in live]
    if missing:
        raise BackfillRefused(
            f"nothing is replicated to {listed(missing)} yet, so no image can be copied there\n"
            "    way out: deploy the file first, with `make deploy`"
        )


def history(client: ECRClient) -> list[Row]:
    """Every backfill of the registry; AWS keeps those that ended for 90 days."""
    pages = client.get_paginator("list_replication_backfills").paginate()
    return [row for page in pages for row in page["backfills"]]


def to(row: Row) -> Location:
    """The destination of a backfill."""
    return Location(row["destination"]["registryId"], row["destination"]["region"])


def follow(client: ECRClient, destinations: Sequence[Location], look: Callable[[Location, Row], None]) -> list[Outcome]:
    """Send what is missing to each destination, and wait for the end; one that is on its way already is followed.

    :param look: told of each look at each backfill.
    """
    waiting, ids = list(destinations), dict[Location, str]()
    rows: dict[str, Row] = {}
    while True:
        begun = {number: rows[number] for number in ids.values()}  # the list may not show yet what was just started
        rows = begun | {row["replicationBackfillId"]: row for row in history(client)}
        running = [row for row in rows.values() if row["status"] in RUNNING]
        for destination in list(waiting):
            if (row := _joined(destination, running) or _started(client, destination, running)) is not None:
                rows.setdefault(row["replicationBackfillId"], row)
                ids[destination] = row["replicationBackfillId"]
                waiting.remove(destination)
        for destination, number in ids.items():
            look(destination, rows[number])
        if not waiting and not any(rows[number]["status"] in RUNNING for number in ids.values()):
            return [Outcome(row=rows[number], failures=tuple(_failures(client, number))) for number in ids.values()]
        time.sleep(_POLL_SECONDS)


def _joined(destination: Location, running: Sequence[Row]) -> Row | None:
    """The backfill of a destination that somebody started already."""
    return next((row for row in running if to(row) == destination and row["status"] != "STOPPING"), None)


def _started(client: ECRClient, destination: Location, running: list[Row]) -> Row | None:
    """A new backfill; None where another one has to end before."""
    if len(running) >= AT_ONCE or any(to(row).region == destination.region for row in running):
        return None
    wanted: Any = {"region": destination.region, "registryId": destination.account}
    try:
        row: Row = {**client.start_replication_backfill(destination=wanted)}
    except (client.exceptions.ReplicationBackfillInProgressException, client.exceptions.LimitExceededException):
        return None  # somebody else was faster
    row = {key: value for key, value in row.items() if key != "ResponseMetadata"}
    running.append(row)
    return row


def _failures(client: ECRClient, number: str) -> Iterator[Row]:
    """What did not arrive; "available only after the replication backfill reaches a terminal status"."""
    pages = client.get_paginator("describe_replication_backfill_results").paginate(
        replicationBackfillId=number, resultStatusFilter="FAILED"
    )
    for page in pages:
        yield from page["results"]


def stop(client: ECRClient, destinations: Sequence[Location]) -> list[Row]:
    """Stop what is on its way to these destinations; what has arrived stays."""
    rows = [row for row in history(client) if row["status"] in RUNNING and to(row) in destinations]
    for row in rows:
        if row["status"] != "STOPPING":
            client.stop_replication_backfill(replicationBackfillId=row["replicationBackfillId"])
    return rows


class Bars:
    """A progress bar for each destination, on standard error and only on a terminal."""

    def __init__(self, home: Location) -> None:
        self.progress = progress()
        self._tasks: dict[Location, TaskID] = {}
        self._home = home

    def look(self, destination: Location, row: Row) -> None:
        """Show how far one is."""
        if destination not in self._tasks:
            self._tasks[destination] = self.progress.add_task("", total=None)
        done = row.get("progress") or {}
        self.progress.update(
            self._tasks[destination],
            description=f"to {destination.beside(self._home)}: {row['status']}",
            total=done.get("totalReplicationCount"),
            completed=done.get("completedReplicationCount", 0) + done.get("failedReplicationCount", 0),
        )


def shown(row: Row, home: Location) -> str:
    """One line of a backfill."""
    done = row.get("progress") or {}
    counts = (
        f"{done.get('completedReplicationCount', 0):,} of {done.get('totalReplicationCount', 0):,} replicated, "
        f"{done.get('failedReplicationCount', 0):,} failed"
        if done
        else "nothing counted yet"
    )
    why = f" ({row['failureCode']})" if row.get("failureCode") else ""
    return f"to {to(row).beside(home)}: {row['status']}{why}, {counts}; started {row['startedAt']:%Y-%m-%d %H:%M} UTC"


def failed(failure: Row) -> str:
    """One line of an image that did not arrive."""
    image = failure["imageId"]
    name = ":".join(filter(None, (failure["repositoryName"], image.get("imageTag"))))
    codes = [*filter(None, [failure.get("failureCode")]), *failure.get("subImageFailureCodes", [])]
    return f"    {name} {image.get('imageDigest', '')}".rstrip() + f": {', '.join(codes) or 'no reason given'}"
