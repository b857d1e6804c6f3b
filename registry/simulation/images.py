"""One image as lifecycle rules see it: the fields of ECR's ImageDetail that decide, and nothing else.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html; quotes are from
https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import inf
from typing import Any, Final, NamedTuple

#: Manifest lists, in Docker's words and in OCI's: images whose manifest names other images.
INDEX_TYPES: Final = frozenset(
    {"application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json"}
)
_LATEST: Final = 253_402_300_800  # the first second of the year 10000


class Image(NamedTuple):
    """An image. Times are seconds since 1970 in UTC; `pushed` is the time of the push as AWS wrote it.

    `since` is what lifecycle rules order by and count days from: the push, of an image that was archived and
    restored the restore, of an archived one the archiving. `unpulled_since` is the last pull, and where nobody
    pulled it (since it was restored) the same as `since`. Both are infinite, which is never old, for an image that
    is being restored and for an archived one without a time (`undated`).

    A NamedTuple, not a dataclass: a repository may hold a million of them.
    """

    digest: str
    tags: tuple[str, ...]
    pushed: Any
    since: float
    unpulled_since: float
    pulled_at: float | None
    archived: bool
    undated: bool
    is_index: bool
    subject: str | None


class WrongField(Exception):
    """A field of an image that cannot be what AWS answers: which, and what is allowed."""

    def __init__(self, key: str, message: str, allowed: str, way_out: str = "") -> None:
        super().__init__(message)
        self.key, self.message, self.allowed, self.way_out = key, message, allowed, way_out


def image_of(row: Any) -> Image:
    """An image from one entry of `imageDetails`, from JSON or from boto3; a null is a field that is not there.

    :raises WrongField: for the first field that is missing or is not what AWS answers.
    """
    if type(row) is not dict:
        raise WrongField("", "this is no image", "an entry of imageDetails, a map")
    digest = row.get("imageDigest")
    if type(digest) is not str or not digest:
        raise WrongField("imageDigest", "this image has no digest", "sha256: and 64 hexadecimal digits")
    pushed = row.get("imagePushedAt")
    if pushed is None:
        raise WrongField("imagePushedAt", "this image has no time of its push", "a time, as AWS writes it")
    since = _time(pushed, "imagePushedAt")
    pulled = row.get("lastRecordedPullTime")
    pulled_at = None if pulled is None else _time(pulled, "lastRecordedPullTime")
    status = row.get("imageStatus") or "ACTIVE"  # older answers have none: archiving came in November 2025
    restored = row.get("lastActivatedAt")
    undated = False
    if status == "ARCHIVED":
        archived = row.get("lastArchivedAt")
        undated = archived is None
        since = inf if undated else _time(archived, "lastArchivedAt")
    elif status == "ACTIVATING":  # it is restored before a policy acts on it
        since = inf
    elif status != "ACTIVE":
        raise WrongField("imageStatus", "this is no status of an image", "ACTIVE, ACTIVATING, ARCHIVED")
    elif restored is not None:
        # "If an image was archived and then restored at any point in the past, the image's `last_activated_at` is
        # used instead of `pushed_at_time`", and "but never pulled since", instead of the last pull
        since = _time(restored, "lastActivatedAt")
    return Image(
        digest,
        _tags(row),
        pushed,
        since,
        since if pulled_at is None or since == inf or (restored is not None and pulled_at < since) else pulled_at,
        pulled_at,
        status == "ARCHIVED",
        undated,
        row.get("imageManifestMediaType") in INDEX_TYPES,
        row.get("subjectManifestDigest"),
    )


def _tags(row: Mapping[str, Any]) -> tuple[str, ...]:
    tags = row.get("imageTags")
    if not tags:
        if tags is None or type(tags) is list:
            return ()
    elif type(tags) is list and all(type(tag) is str for tag in tags):
        return tuple(tags)
    raise WrongField("imageTags", "these are no tags", "a list of texts, or nothing for an untagged image")


def _time(value: Any, key: str) -> float:
    """Seconds since 1970: version 2 of the AWS CLI writes ISO 8601, version 1 seconds, boto3 answers datetimes."""
    if type(value) is str:
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise WrongField(key, "this is no time", "ISO 8601, such as 2026-11-23T12:00:00+00:00") from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise WrongField(
                key,
                "this time has no zone, so nobody knows when it was",
                "ISO 8601 with a zone, such as 2026-11-23T12:00:00+00:00",
                "take the time as `aws ecr describe-images` prints it, or add the zone",
            )
        return value.timestamp()
    if type(value) in (int, float) and abs(value) < _LATEST:
        return float(value)
    raise WrongField(key, "this is no time", "ISO 8601, such as 2026-11-23T12:00:00+00:00")
