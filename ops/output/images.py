"""What the commands about images show: their tables, and their JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from ops.images.kinds import StoredImage
from ops.images.listing import Listing, blobs, children, not_allowed, platforms
from ops.terminal import count
from registry.delivery.steps.findings import SEVERITIES

_CLASSES: Final = {"ACTIVE": "standard", "ARCHIVED": "archive", "ACTIVATING": "being restored"}
_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


def image_rows(found: Listing, images: Sequence[StoredImage], now: datetime) -> list[dict[str, Any]]:
    """Images for programs; keys as ECR writes them, and ours like them."""
    parents = _parents(found)
    rows = []
    for image in images:
        row: dict[str, Any] = {
            "imageTags": list(image.tags),
            "tagsNotAllowed": not_allowed(found, image.tags),
            "imageDigest": image.digest,
            "kind": image.kind,
            "imageSizeInBytes": image.size,
            "imagePushedAt": image.pushed,
            "ageInDays": (now - image.pushed).days,
            "lastRecordedPullTime": image.pulled,
            "imageStatus": image.status,
            "scanStatus": image.scan or None,
            "findingSeverityCounts": image.severities,
            "subjectManifestDigest": image.subject,
            "arrivedIn": [at.beside(found.at) for at, digests in found.arrived.items() if image.digest in digests],
            "notArrivedIn": [at.beside(found.at) for at, has in found.arrived.items() if image.digest not in has],
        }
        if found.manifests:
            sizes = blobs(image.digest, found.manifests)
            row["platforms"] = list(platforms(found.manifests.get(image.digest, {})))
            row["uniqueLayersInBytes"] = sum(sizes.values()) if sizes else None
            row["partOf"] = parents.get(image.digest, [])
        rows.append(row)
    return rows


def unique_bytes(found: Listing) -> int:
    """Bytes of all layers and configurations of the listed images, each once, as ECR stores them."""
    every: dict[str, int] = {}
    for image in found.images:
        every |= blobs(image.digest, found.manifests)
    return sum(every.values())


def image_table(
    found: Listing, rows: Sequence[Mapping[str, Any]], now: datetime, *, short: bool = False
) -> tuple[list[str], list[list[Any]]]:
    """The same as columns and rows; columns about replicas and manifests only where these were asked.

    :param short: digests as people tell them apart, for a terminal; they do not name an image to ECR.
    """
    columns = ["tags", "digest", "kind", "size", "pushed", "age", "last pull", "class", "scan"]
    columns += ["not allowed"] if _asks(found) else []
    columns += ["platforms"] if found.manifests else []
    columns += ["arrived"] if found.arrived else []
    return columns, [_cells(found, row, now, short=short) for row in rows]


def _asks(found: Listing) -> bool:
    return found.declared is not None and bool(found.declared.tags_must_match)


def _cells(found: Listing, row: Mapping[str, Any], now: datetime, *, short: bool) -> list[Any]:
    unique = row.get("uniqueLayersInBytes")
    cells = [
        row["imageTags"],
        shortened(row["imageDigest"], short=short),
        _kind(row, short=short),
        size_text(row["imageSizeInBytes"] if unique is None else unique),
        moment(row["imagePushedAt"]),
        age(now - row["imagePushedAt"]),
        moment(row["lastRecordedPullTime"]),
        _CLASSES.get(row["imageStatus"], row["imageStatus"]),
        scan_text(row),
    ]
    cells += [row["tagsNotAllowed"]] if _asks(found) else []
    cells += [row["platforms"]] if found.manifests else []
    missing = [f"not {region}" for region in row["notArrivedIn"]]
    return cells + ([[*row["arrivedIn"], *missing]] if found.arrived else [])


def _kind(row: Mapping[str, Any], *, short: bool) -> str:
    if subject := row["subjectManifestDigest"]:
        return f"{row['kind']} of {shortened(subject, short=short)}"
    parents = [shortened(each, short=short) for each in row.get("partOf", ())]
    return f"{row['kind']} in {', '.join(parents)}" if parents else str(row["kind"])


def shortened(word: str, *, short: bool) -> str:
    """A digest with the algorithm and twelve digits; anything else as it is."""
    return word[:19] if short and word.startswith("sha256:") else word


def _parents(found: Listing) -> dict[str, list[str]]:
    """By digest the manifest lists it is part of: their first tag, or their digest."""
    tags = {image.digest: image.tags for image in found.images}
    parents: dict[str, list[str]] = {}
    for digest, manifest in found.manifests.items():
        for child in children(manifest):
            parents.setdefault(child, []).append((tags.get(digest) or (digest,))[0])
    return parents


def scan_text(row: Mapping[str, Any]) -> str:
    """Findings of the last scan, the worst first; its status where there are none."""
    counts = row["findingSeverityCounts"]
    if not counts:
        return "no findings" if counts == {} else str(row["scanStatus"] or "").lower()
    return ", ".join(f"{counts[each]} {each}" for each in SEVERITIES if counts.get(each))


def size_text(size: int | None) -> str:
    """Bytes in the unit that fits, decimal, as AWS's console has it; nothing where the size is not known."""
    if size is None:
        return ""
    number, unit = float(size), 0
    while number >= 999.95 and unit < len(_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.0f} {_UNITS[unit]}" if unit == 0 else f"{number:.1f} {_UNITS[unit]}"


def moment(time: datetime | None) -> str:
    """A time to the minute with its zone; `never` where there is none."""
    return "never" if time is None else time.isoformat(timespec="minutes")


def age(since: timedelta) -> str:
    """How long ago, in the largest unit of days, hours and minutes."""
    minutes = max(0, int(since.total_seconds())) // 60  # no less than nothing where two clocks differ
    if minutes >= 24 * 60:
        return f"{minutes // (24 * 60)}d"
    return f"{minutes // 60}h" if minutes >= 60 else f"{minutes}m"


def summary(found: Listing) -> str:
    """One line below the table."""
    tagged = sum(1 for image in found.images if image.tags)
    text = f"{found.repository} in {found.at}: {count(len(found.images), 'image')}, {tagged:,} tagged"
    wrong = sum(1 for image in found.images if not_allowed(found, image.tags))
    text += f", {wrong:,} with a tag that is not allowed" if wrong else ""
    return text + (f"; {size_text(unique_bytes(found))} in unique layers" if found.manifests else "")
