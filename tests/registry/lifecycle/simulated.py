"""Policies and images for tests of the simulation, in few words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from registry.lifecycle import inventory
from registry.lifecycle.algorithm import Outcome, simulate
from registry.lifecycle.images import Image
from registry.lifecycle.indexes import Manifests
from registry.lifecycle.policy import Rule, rules_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
INDEX = "application/vnd.oci.image.index.v1+json"

Map = dict[str, Any]


def digest(name: str) -> str:
    return f"sha256:{name}"


def ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def image(name: str, *tags: str, pushed: float, **more: Any) -> Map:
    """An entry of `imageDetails`; times are days ago."""
    row: Map = {"imageDigest": digest(name), "imagePushedAt": ago(pushed), "imageStatus": "ACTIVE"}
    if tags:
        row["imageTags"] = list(tags)
    times = {"pulled": "lastRecordedPullTime", "restored": "lastActivatedAt", "archived": "lastArchivedAt"}
    for word, value in more.items():
        row[times.get(word, word)] = ago(value) if word in times else value
    if "archived" in more:
        row.setdefault("imageStatus", "ARCHIVED")
        row["imageStatus"] = more.get("imageStatus", "ARCHIVED")
    return row


def index(name: str, *tags: str, pushed: float, **more: Any) -> Map:
    return image(name, *tags, pushed=pushed, imageManifestMediaType=INDEX, **more)


def rule(
    priority: int, status: str, count_type: str, number: int, *patterns: str, action: str = "expire", **more: Any
) -> Map:
    """A rule in ECR's words; patterns select tagged images."""
    selection: Map = {"tagStatus": status, "countType": count_type, "countNumber": number, **more}
    if patterns:
        selection["tagPatternList"] = list(patterns)
    if count_type != "imageCountMoreThan":
        selection["countUnit"] = "days"
    target = {"targetStorageClass": "archive"} if action == "transition" else {}
    return {"rulePriority": priority, "selection": selection, "action": {"type": action, **target}}


def keep(priority: int, number: int, *patterns: str, status: str = "tagged", **more: Any) -> Map:
    return rule(priority, status, "imageCountMoreThan", number, *patterns, **more)


def older(priority: int, days: int, *patterns: str, status: str = "tagged", **more: Any) -> Map:
    return rule(priority, status, "sinceImagePushed", days, *patterns, **more)


def unpulled(priority: int, days: int, *patterns: str, status: str = "any") -> Map:
    return rule(priority, status, "sinceImagePulled", days, *patterns, action="transition")


def archived(priority: int, days: int, *patterns: str, status: str = "any") -> Map:
    return rule(priority, status, "sinceImageTransitioned", days, *patterns, storageClass="archive")


def rules(*written: Map) -> tuple[Rule, ...]:
    return rules_of(json.dumps({"rules": list(written)}), "policy.json")


def images(rows: Sequence[Map]) -> tuple[Image, ...]:
    return inventory.read(json.dumps({"imageDetails": list(rows)}).encode(), "images.json").images


def run(written: Sequence[Map], rows: Sequence[Map], children: Mapping[str, Sequence[str]] | None = None) -> Outcome:
    """The outcome now; `children` by names, as `image` takes them."""
    known = Manifests(
        {digest(parent): tuple(map(digest, names)) for parent, names in children.items()} if children else {}
    )
    return simulate(rules(*written), images(rows), known, NOW.timestamp())


def acted(outcome: Outcome) -> dict[str, tuple[str, int]]:
    """What happens to which image in the next run, and by which rule."""
    found: dict[str, tuple[str, int]] = {
        m.image.digest.removeprefix("sha256:"): (m.rule.action, m.rule.priority) for m in outcome.marks
    }
    assert len(found) == len(outcome.marks), "an image is touched twice"
    return found


def later(outcome: Outcome) -> dict[str, tuple[str, int, str]]:
    return {
        m.image.digest.removeprefix("sha256:"): (m.rule.action, m.rule.priority, f"{m.how} {m.because}")
        for m in outcome.later
    }
