"""What a registry answers with: frozen, typed, and times with a zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from registry.lifecycle.images import INDEX_TYPES
from registry.model.repository import may_move

Status = Literal["ACTIVE", "ARCHIVED", "ACTIVATING"]

#: What artifacts are that refer to an image, by a word in their type.
#: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-signing.html
_ARTIFACTS: Final = {
    "sigstore.bundle": "sigstore bundle",  # a signature or an attestation; only its content says which
    "signature": "signature",
    "cosign": "signature",
    "spdx": "SBOM",
    "cyclonedx": "SBOM",
    "sbom": "SBOM",
    "in-toto": "attestation",
    "attestation": "attestation",
    "helm": "Helm chart",
}
_CONTAINERS: Final = ("container.image", ".image.config")  # in Docker's words and in OCI's


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A name and a password for the registry at `host`; it is nobody else's and ends at `expires` (12 hours).

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
    """

    host: str
    user: str
    password: str
    expires: datetime

    def __repr__(self) -> str:
        return f"Login(host={self.host!r}, user={self.user!r}, expires={self.expires!r})"  # logs get no password


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRepository:
    """A repository as it is in AWS, declared or not."""

    name: str
    uri: str
    created: datetime
    mutability: str
    encryption: str
    scan_on_push: bool
    exclusion_filters: tuple[str, ...] = ()

    def may_move(self, tag: str) -> bool:
        """Whether a tag of that name may move from one image to another."""
        return may_move(self.mutability, self.exclusion_filters, tag)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A manifest as it was pushed, of which its digest is made."""

    digest: str
    text: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredImage:
    """One digest of a repository with all its tags.

    `size`: bytes of its compressed layers; of an index, those of its largest image. None where ECR does not say.
    `pulled`: the last pull that ECR recorded; it may be up to a day old. `archived` and `restored` are the last times
    that it was moved to a storage class. `severities` counts findings of the last scan;
    None where the answer has none, as with basic scans of today, whose findings `ecrctl findings` asks for.
    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
    """

    repository: str
    digest: str
    tags: tuple[str, ...]
    pushed: datetime
    size: int | None
    media_type: str
    artifact_type: str
    subject: str | None
    pulled: datetime | None
    status: Status
    scan: str
    severities: Mapping[str, int] | None
    archived: datetime | None = None
    restored: datetime | None = None

    @property
    def is_index(self) -> bool:
        """Whether it is a manifest list, whose manifest names an image for each platform."""
        return self.media_type in INDEX_TYPES

    @property
    def kind(self) -> str:
        """What it is, in a word: image, index, or what refers to another image."""
        if self.is_index:
            return "index"
        named = artifact_named(self.artifact_type)
        return "artifact" if self.subject is not None and named == "image" else named


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a repository holds. `size` is the sum of its images' sizes in bytes: shared layers count in each image."""

    images: int
    tagged: int
    size: int
    last_push: datetime | None
    last_pull: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Referrer:
    """An artifact that refers to an image: a signature, an SBOM, an attestation. `size` is in bytes."""

    digest: str
    artifact_type: str
    size: int | None
    status: Status

    @property
    def kind(self) -> str:
        """What it is, in a word."""
        named = artifact_named(self.artifact_type)
        return "artifact" if named == "image" else named


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What ECR did not take of a deletion: the tag or digest that was asked for, ECR's code, and its words.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageFailure.html
    """

    image_id: Mapping[str, str]
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """What AWS Signer did to an image when it was pushed: IN_PROGRESS, COMPLETE or FAILED, with the reason."""

    profile: str
    status: str
    reason: str


def artifact_named(artifact_type: str) -> str:
    """What a type of artifacts is in a word: `image` where it is a container's configuration or nothing."""
    found = next((name for word, name in _ARTIFACTS.items() if word in artifact_type), None)
    if found is not None:
        return found
    is_container = not artifact_type or any(word in artifact_type for word in _CONTAINERS)
    return "image" if is_container else "artifact"
