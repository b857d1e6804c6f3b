"""What `ecrctl image` shows of one image."""

from __future__ import annotations

import sys
from typing import Any

from ops.images.anatomy import Anatomy, advice
from ops.output.images import moment, scan_text, shortened, size_text
from ops.terminal import print_table, say


def as_dict(found: Anatomy) -> dict[str, Any]:
    """For programs; keys as ECR writes them, and ours like them. Sizes are bytes."""
    image = found.image
    return {
        "repositoryName": image.repository,
        "imageDigest": image.digest,
        "imageTags": list(image.tags),
        "kind": image.kind,
        "imageManifestMediaType": image.media_type,
        "artifactMediaType": image.artifact_type,
        "imagePushedAt": image.pushed,
        "lastRecordedPullTime": image.pulled,
        "imageStatus": image.status,
        "imageSizeInBytes": image.size,
        "subjectManifestDigest": image.subject,
        "scanStatus": image.scan or None,
        "findingSeverityCounts": image.severities,
        "platforms": list(found.platforms),
        "uniqueLayersInBytes": found.size,
        "comparedImages": found.compared,
        "ownLayersInBytes": found.own_size,
        "layers": [
            {
                "platform": it.platform or None,
                "digest": it.digest,
                "size": it.size,
                "mediaType": it.media_type,
                "sharedWith": list(it.shared_with),
            }
            for it in found.layers
        ],
        "referrers": [
            {"kind": it.kind, "digest": it.digest, "artifactType": it.artifact_type, "size": it.size,
             "artifactStatus": it.status}
            for it in found.referrers
        ],
        "signingStatuses": [
            {"signingProfileArn": it.profile, "status": it.status, "reason": it.reason or None} for it in found.signing
        ],
        "advice": advice(found),
    }  # fmt: skip


def show(found: Anatomy) -> None:
    """For people: what it is, its layers, what refers to it, what would shrink it."""
    image = found.image
    say(f"{image.repository}@{image.digest}", bold=True)
    lines = {
        "tags": ", ".join(image.tags) or "none",
        "kind": image.kind,
        "platforms": ", ".join(found.platforms),
        "pushed": moment(image.pushed),
        "last pull": moment(image.pulled),
        "status": image.status,
        "scan": scan_text({"findingSeverityCounts": image.severities, "scanStatus": image.scan}),
        "size": size_text(image.size if found.size is None else found.size),
        "refers to": image.subject or "",
    }
    if found.own_size is not None:
        lines["size"] += f", of which {size_text(found.own_size)} in none of {found.compared} other tagged images"
    lines |= {f"signed by {it.profile}": f"{it.status} {it.reason}".rstrip() for it in found.signing}
    for label, text in lines.items():
        if text:
            say(f"    {label + ':':<11}{text}")
    if found.layers:
        print_table(*_layers(found))
    if found.referrers:
        rows = [
            [it.kind, _digest(it.digest), size_text(it.size), it.artifact_type, it.status] for it in found.referrers
        ]
        print_table(["refers to it", "digest", "size", "type", "status"], rows)
    for line in advice(found):
        say(f"smaller: {line}")


def _layers(found: Anatomy) -> tuple[list[str], list[list[Any]]]:
    """The largest first: that is where the size goes. A part is of all layers of the platform."""
    totals: dict[str, int] = {}
    for it in found.layers:
        totals[it.platform] = totals.get(it.platform, 0) + it.size
    columns = ["platform", "layer", "size", "part", "type"] + (["also in"] if found.compared else [])
    rows = []
    for it in sorted(found.layers, key=lambda it: (it.platform, -it.size)):
        part = f"{it.size / totals[it.platform]:.0%}" if totals[it.platform] else ""
        cells: list[Any] = [it.platform, _digest(it.digest), size_text(it.size), part, it.media_type.rpartition(".")[2]]
        rows.append(cells + ([_tags(it.shared_with)] if found.compared else []))
    return columns, rows


def _digest(digest: str) -> str:
    return shortened(digest, short=sys.stdout.isatty())


def _tags(tags: tuple[str, ...]) -> str:
    return ", ".join(tags[:3]) + (f" and {len(tags) - 3:,} more" if len(tags) > 3 else "")
