"""What the lifecycle commands show to people, and the JSON of the guard."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from ops.lifecycle.guard import GuardResult
from ops.lifecycle.preview import Preview
from ops.terminal import Colour, print_table, say, warn
from registry.findings import listed
from registry.lifecycle.in_use import ImageAtRisk
from registry.lifecycle.preview_json import Answer

_ROWS: Final = 50  # rows of a table on a terminal; the JSON has all of them, and what is piped
_WARNINGS: Final = 20
_VERBS: Final = {"expire": "expire", "transition": "be archived"}


def print_answer(found: Answer, heading: str) -> None:
    """One answer: which images go, by which rule, then or later, and what is not known."""
    results, later = found["previewResults"], found.get("laterResults", [])
    say(f"{heading}: {summed(found)}")
    if results or later:
        short = sys.stdout.isatty()
        rows = [*results, *later]
        shown = rows[:_ROWS] if short else rows
        columns = ("rule", "action", "pushed", "tags", "digest", "later")
        print_table(columns, [_cells(row, short=short) for row in shown])
        if len(rows) > len(shown):
            say(f"    and {len(rows) - len(shown):,} more; --json has all of them")
    for line in _notes(found):
        warn(line)


def summed(found: Answer) -> str:
    """How many go, in one line."""
    summary = found["summary"]
    archived = sum(each["imageTotalCount"] for each in summary.get("transitioningImageTotalCounts", ()))
    later = len(found.get("laterResults", ()))
    said = f"{summary.get('expiringImageTotalCount', 0):,} expire, {archived:,} are archived"
    return said + (f", {later:,} more are deleted after them" if later else "")


def _cells(row: Mapping[str, Any], *, short: bool) -> tuple[str, ...]:
    return (
        str(row["appliedRulePriority"]),
        str(row["action"]["type"]),
        str(row.get("imagePushedAt", ""))[:19],
        listed(row.get("imageTags") or (), limit=3 if short else sys.maxsize),
        _digest(str(row["imageDigest"]), short),
        _later(str(row.get("because", "")), short),
    )


def _later(because: str, short: bool) -> str:
    how, _, digest = because.rpartition(" ")
    return f"{how} {_digest(digest, short)}" if because else ""


def _digest(digest: str, short: bool) -> str:
    return digest[:19] if short else digest


def _notes(found: Answer) -> Iterable[str]:
    if indexes := found.get("indexesWithUnknownChildren"):
        yield (
            f"note: the children of {len(indexes):,} manifest lists are unknown (the first is {indexes[0]}): a child "
            "image is kept until its list is deleted, and may be among those above\n"
            "    way out: --manifests FILE, with the output of `aws ecr batch-get-image` for them"
        )
    if images := found.get("archivedWithoutTime"):
        yield f"note: {len(images):,} archived images have no lastArchivedAt (first: {images[0]}): assumed to stay"


def print_previews(previews: Sequence[Preview]) -> None:
    """What AWS says of each target, or the simulation, and where they differ."""
    for each in previews:
        if each.aws is None and each.simulation is None:
            say(f"{each.target}: there is no such repository yet")
            continue
        how = "" if each.aws else ", simulated"
        print_answer(each.aws or each.simulation or {}, f"{each.target}{how}")
        for line in each.differences:
            say(f"    {line}")
        if each.aws and each.simulation and not each.differences:
            say("    the simulation agrees")


def preview_json(each: Preview, compare: bool) -> Answer:
    """AWS's answer (or ours, where AWS was not asked) with its region; with both where they were compared."""
    head: Answer = {"region": each.target.region, "repositoryName": each.target.repository}
    if not compare:
        found = each.aws or each.simulation or {"status": "NO_REPOSITORY", "previewResults": [], "summary": {}}
        return head | found | {"simulated": each.aws is None}
    return head | {"aws": each.aws, "simulation": each.simulation, "differences": list(each.differences)}


def print_guarded(found: GuardResult, accepted: str | None) -> None:
    """Every image that runs and would newly go, warnings as many as people read, and a line that counts.

    :param accepted: the reason to let them go, where one was given.
    """
    for each in found.stopping:
        _print_endangered(each, "accepted" if accepted else "error", "yellow" if accepted else "red")
    warnings = sorted((each for each in found.found if not each.stops), key=lambda each: not each.running)
    for each in warnings[:_WARNINGS]:
        _print_endangered(each, "warning", "yellow")
    if len(warnings) > _WARNINGS:
        say(f"and {len(warnings) - _WARNINGS:,} more warnings; --json has all of them")
    for name in found.absent:
        warn(f"note: {name} is not available there, so nothing runs on it")
    for name in found.empty:
        warn(f"note: {name} names no image")
    for name in found.unread:
        warn(f"note: the live policy of {name} cannot be read, so every deletion counts as new")
    if found.unknown:
        warn(
            f"note: the children of {found.unknown:,} manifest lists are unknown, because a rule counts pulls and "
            "reading a manifest is one"
        )
    say(
        f"repositories: {found.repositories:,}; images to be deleted: {found.going:,}; "
        f"of them running: {len(found.running):,}; by this change: {len(found.stopping):,}"
    )
    if accepted and found.stopping:
        say(f"accepted, because: {accepted}")
    elif found.stopping:
        say(
            "way out: protect their tags in an earlier sentence of the lifecycle, deploy newer images first, or give "
            "the reason to delete them: make deploy GUARD='--accept \"REASON\"'"
        )


def _print_endangered(each: ImageAtRisk, severity: str, colour: Colour) -> None:
    say(f"{severity}: {_sentence(each)}", colour=colour)
    for where in each.running:
        say(f"    runs in:  {where}")
    if each.pulled_at is not None:
        say(f"    pulled:   {datetime.fromtimestamp(each.pulled_at, UTC).isoformat(timespec='seconds')}")
    if each.used_at is not None:
        say(f"    used:     {datetime.fromtimestamp(each.used_at, UTC).isoformat(timespec='seconds')}")
    if each.running and not each.added:
        say("    live:     the deployed policy deletes it anyway; protect its tag, or deploy a newer image")


def _sentence(each: ImageAtRisk) -> str:
    tags = ", ".join(each.image.tags or ()) or "untagged"
    rule = f"rule {each.priority}" + (f" ({each.description})" if each.description else "")
    after = f", as {each.because}" if each.because else ""
    return (
        f"{each.repository} in {each.region}: {each.image.digest} ({tags}) would {_VERBS[each.action]} by {rule}{after}"
    )


def guarded_json(found: GuardResult, accepted: str | None) -> Answer:
    """The same for programs."""
    return {
        "repositories": found.repositories,
        "images": found.going,
        "accepted": accepted,
        "endangered": [
            {
                "severity": "error" if each.stops else "warning",
                "added": each.added,
                "registryId": each.account,
                "region": each.region,
                "repositoryName": each.repository,
                "imageDigest": each.image.digest,
                "imageTags": list(each.image.tags or ()),
                "action": each.action.upper(),
                "appliedRulePriority": each.priority,
                "because": each.because,
                "running": list(each.running),
                "lastRecordedPullTime": _time(each.pulled_at),
                "lastInUseAt": _time(each.used_at),
            }
            for each in found.found
        ],
        "absent": list(found.absent),
        "unread": list(found.unread),
        "empty": list(found.empty),
        "indexesWithUnknownChildren": found.unknown,
    }


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()
