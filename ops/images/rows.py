"""What ECR answers with, row by row, as the types of kinds.py; a key that is missing is an odd answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ops.aws import cloud
from ops.images.kinds import Failure, StoredImage, StoredRepository, Usage
from registry.lifecycle.images import INDEX_TYPES


def repository_of(row: Mapping[str, Any]) -> StoredRepository:
    """An entry of DescribeRepositories."""
    return StoredRepository(
        name=row["repositoryName"],
        uri=row["repositoryUri"],
        created=row["createdAt"],
        mutability=row.get("imageTagMutability", "MUTABLE"),
        encryption=row.get("encryptionConfiguration", {}).get("encryptionType", "AES256"),
        scan_on_push=row.get("imageScanningConfiguration", {}).get("scanOnPush", False),
        exclusion_filters=tuple(it["filter"] for it in row.get("imageTagMutabilityExclusionFilters", ())),
    )


def image_of(row: Mapping[str, Any], repository: str) -> StoredImage:
    """An entry of DescribeImages."""
    summary = row.get("imageScanFindingsSummary")
    return StoredImage(
        repository=repository,
        digest=row["imageDigest"],
        tags=tuple(sorted(row.get("imageTags", ()))),
        pushed=row["imagePushedAt"],
        size=row.get("imageSizeInBytes"),
        media_type=row.get("imageManifestMediaType", ""),
        artifact_type=row.get("artifactMediaType", ""),
        subject=row.get("subjectManifestDigest"),
        pulled=row.get("lastRecordedPullTime"),
        status=row.get("imageStatus", "ACTIVE"),
        scan=row.get("imageScanStatus", {}).get("status", ""),
        severities=None if summary is None else dict(summary.get("findingSeverityCounts", {})),
        archived=row.get("lastArchivedAt"),
        restored=row.get("lastActivatedAt"),
    )


def usage_of(rows: Iterable[Mapping[str, Any]]) -> Usage:
    """The entries of DescribeImages in sum. Of a million images, each made a StoredImage, this took twice as long."""
    images = tagged = size = 0
    pushed: datetime | None = None
    pulled: datetime | None = None
    for row in rows:
        images += 1
        tagged += bool(row.get("imageTags"))
        if row.get("imageManifestMediaType") not in INDEX_TYPES:  # its size is its largest image's, which has a row
            size += row.get("imageSizeInBytes") or 0
        at = row["imagePushedAt"]
        if pushed is None or at > pushed:
            pushed = at
        at = row.get("lastRecordedPullTime")
        if at is not None and (pulled is None or at > pulled):
            pulled = at
    return Usage(images=images, tagged=tagged, size=size, last_push=pushed, last_pull=pulled)


def failure_of(row: Mapping[str, Any]) -> Failure:
    """A failure of BatchDeleteImage."""
    return Failure(image_id=row["imageId"], code=row.get("failureCode", ""), reason=row.get("failureReason", ""))


def manifest_of(text: str) -> dict[str, Any]:
    """A manifest whose descriptors have what is read of them here: whoever may push wrote it.

    https://github.com/opencontainers/image-spec/blob/main/descriptor.md
    """
    manifest = cloud.answer(cloud.read_json(text, "BatchGetImage"), "BatchGetImage")
    if not isinstance(manifest, dict):
        raise cloud.OddAnswer("BatchGetImage", "a manifest in it is no map")
    for key in ("manifests", "layers"):
        if not isinstance(manifest.get(key, []), list):
            raise cloud.OddAnswer("BatchGetImage", f"{key} of a manifest in it is no list")
    for each in (*manifest.get("manifests", ()), *manifest.get("layers", ()), manifest.get("config") or {}):
        right = isinstance(each, dict) and isinstance(each.get("digest", ""), str)
        if not right or not isinstance(each.get("size", 0), int) or not isinstance(each.get("platform") or {}, dict):
            raise cloud.OddAnswer("BatchGetImage", "a descriptor of a manifest in it is none")
    return manifest
