"""One image as lifecycle rules see it: the fields of ECR's ImageDetail that decide, and nothing else.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html; quotes are from
https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from math import inf
from typing import Annotated, Any, Final, Literal, get_args

from msgspec import Meta, Struct, field

Time = Annotated[datetime, Meta(tz=True)]
Status = Literal["ACTIVE", "ACTIVATING", "ARCHIVED"]


class MediaType(Enum):
    """Media types of manifests; an enumeration, because a million texts that say the same take time and memory."""

    IMAGE = "application/vnd.oci.image.manifest.v1+json"
    INDEX = "application/vnd.oci.image.index.v1+json"
    DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
    DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
    OTHER = ""

    @classmethod
    def _missing_(cls, value: object) -> MediaType:
        return cls.OTHER


#: Manifest lists, in OCI's words and in Docker's: images whose manifest names other images.
INDEXES: Final = (MediaType.INDEX, MediaType.DOCKER_INDEX)  # no set: members of an Enum are hashed in Python
INDEX_TYPES: Final = frozenset(each.value for each in INDEXES)
_LATEST: Final = 253_402_300_799  # seconds; the end of the year 9999, and of datetime
#: Bytes; no image has more, and a number without bound could not be reckoned with.
LARGEST: Final = 10**15
_ISO: Final = "ISO 8601, such as 2026-11-23T12:00:00+00:00"


class Image(Struct, gc=False):
    """An image; a null is a field that is not there. Fields are frozen by custom: a million of them are decoded."""

    digest: str = field(name="imageDigest")
    pushed: Time = field(name="imagePushedAt")
    tags: tuple[str, ...] | None = field(name="imageTags", default=None)
    pulled: Time | None = field(name="lastRecordedPullTime", default=None)
    restored: Time | None = field(name="lastActivatedAt", default=None)
    archived_at: Time | None = field(name="lastArchivedAt", default=None)
    status: Status | None = field(name="imageStatus", default=None)
    media_type: MediaType | None = field(name="imageManifestMediaType", default=None)
    subject: str | None = field(name="subjectManifestDigest", default=None)
    repository: str | None = field(name="repositoryName", default=None)
    size: Annotated[int, Meta(ge=0, le=LARGEST)] | None = field(name="imageSizeInBytes", default=None)

    @property
    def archived(self) -> bool:
        """Whether it is in the archive storage class; older answers have no status: archiving is of November 2025."""
        return self.status == "ARCHIVED"

    @property
    def is_index(self) -> bool:
        """Whether it is a manifest list."""
        return self.media_type in INDEXES

    @property
    def undated(self) -> bool:
        """Whether it is archived, and nobody said since when."""
        return self.status == "ARCHIVED" and self.archived_at is None


def since(image: Image) -> float:
    """What rules order by and count days from, in seconds since 1970; infinite where that is never old.

    The push; of an archived image the archiving. "If an image was archived and then restored at any point in the
    past, the image's `last_activated_at` is used instead of `pushed_at_time`"; one that is being restored will be.
    """
    status = image.status
    if status == "ARCHIVED":
        return inf if image.archived_at is None else image.archived_at.timestamp()
    if status == "ACTIVATING":
        return inf
    return (image.pushed if image.restored is None else image.restored).timestamp()


def unpulled_since(image: Image, since: float) -> float:
    """The last pull, in seconds since 1970; where nobody pulled it (since it was restored) `since`, the time above."""
    if image.pulled is None or since == inf:
        return since
    pulled = image.pulled.timestamp()
    return since if image.restored is not None and pulled < since else pulled


class WrongField(Exception):
    """A field of an image that cannot be what AWS answers: which, and what is allowed."""

    def __init__(self, key: str, message: str, allowed: str, way_out: str = "") -> None:
        super().__init__(message)
        self.key, self.message, self.allowed, self.way_out = key, message, allowed, way_out


def image_of(row: Any) -> Image:
    """An image from one entry of `imageDetails`, from JSON or from boto3.

    :raises WrongField: for the first field that is missing or is not what AWS answers.
    """
    if not isinstance(row, dict):
        raise WrongField("", "this is no image", "an entry of imageDetails, a map")
    digest = _text(row, "imageDigest")
    if not digest:
        raise WrongField("imageDigest", "this image has no digest", "sha256: and 64 hexadecimal digits")
    pushed = _time(row, "imagePushedAt")
    if pushed is None:
        raise WrongField("imagePushedAt", "this image has no time of its push", _ISO)
    status = row.get("imageStatus")
    if status is not None and status not in get_args(Status):
        raise WrongField("imageStatus", "this is no status of an image", ", ".join(get_args(Status)))
    return Image(
        digest=digest,
        pushed=pushed,
        tags=_tags(row),
        pulled=_time(row, "lastRecordedPullTime"),
        restored=_time(row, "lastActivatedAt"),
        archived_at=_time(row, "lastArchivedAt"),
        status=status,
        media_type=None if (media := _text(row, "imageManifestMediaType")) is None else MediaType(media),
        subject=_text(row, "subjectManifestDigest"),
        repository=_text(row, "repositoryName"),
        size=_size(row),
    )


def _text(row: Mapping[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is None or (isinstance(value, str) and value.isprintable()):
        return value
    raise WrongField(key, "this is no text", "a text of printable characters")


def _size(row: Mapping[str, Any]) -> int | None:
    value = row.get("imageSizeInBytes")
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST):
        return value
    raise WrongField("imageSizeInBytes", "this is no size", f"bytes, from 0 to {LARGEST:,}")


def _tags(row: Mapping[str, Any]) -> tuple[str, ...] | None:
    tags = row.get("imageTags")
    if tags is None:
        return None
    if isinstance(tags, list) and all(isinstance(tag, str) and tag.isprintable() for tag in tags):
        return tuple(tags)
    raise WrongField("imageTags", "these are no tags", "a list of texts, or nothing for an untagged image")


def _time(row: Mapping[str, Any], key: str) -> datetime | None:
    """Version 2 of the AWS CLI writes ISO 8601, version 1 seconds since 1970, and boto3 answers datetimes."""
    value = row.get(key)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise WrongField(key, "this is no time", _ISO) from None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise WrongField(
                key,
                "this time has no zone, so nobody knows when it was",
                "ISO 8601 with a zone, such as 2026-11-23T12:00:00+00:00",
                "take the time as `aws ecr describe-images` prints it, or add the zone",
            )
        return value
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LATEST:
        return datetime.fromtimestamp(value, UTC)
    raise WrongField(key, "this is no time", _ISO)
