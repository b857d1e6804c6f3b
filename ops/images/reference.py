"""References to images, as people type them: `web/api:v1`, `web/api@sha256:…`, with a registry's host or without."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from registry.errors import ExitCode, RegistryError
from registry.findings import shown
from registry.limits import REPOSITORY_NAME
from registry.locations import Location

#: Also the hosts for FIPS and for IPv6, and those of other partitions.
#: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
HOST: Final = re.compile(r"(?P<account>[0-9]{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]{2,32})\.[a-z0-9.-]{1,64}")
_REFERENCE: Final = re.compile(
    rf"(?:{HOST.pattern}/)?(?P<repository>{REPOSITORY_NAME.pattern})"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,299}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


class WrongReference(RegistryError):
    """A text is no reference to an image of ECR."""

    exit_code = ExitCode.INVALID


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReference:
    """A repository, and a tag or a digest in it; `at` is the registry where the reference names one."""

    repository: str
    tag: str | None
    digest: str | None
    at: Location | None

    def __str__(self) -> str:
        tag, digest = f":{self.tag}" if self.tag else "", f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"

    @property
    def image_id(self) -> dict[str, str]:
        """What ECR's API calls it; of a tag and a digest the digest counts, as when an image is pulled."""
        return {"imageDigest": self.digest} if self.digest else {"imageTag": self.tag or ""}


def parsed(text: str) -> ImageReference:
    """A reference to one image.

    :raises WrongReference: for a text without a tag and a digest too: `latest` is not assumed, because tags here do
        not move unless the file says so.
    """
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise WrongReference(
            f"this is no reference to an image of ECR\n    given:   {shown(text)}\n"
            "    allowed: REPOSITORY:TAG or REPOSITORY@DIGEST, with the registry's host before it or without\n"
            "    way out: write it as `ecrctl images REPOSITORY` lists it"
        )
    if not match["tag"] and not match["digest"]:
        raise WrongReference(
            f"{text} names a repository, and no image in it\n"
            f"    way out: add a tag or a digest, such as {text}:v1; `ecrctl images {match['repository']}` lists them"
        )
    at = Location(match["account"], match["region"]) if match["account"] else None
    return ImageReference(repository=match["repository"], tag=match["tag"], digest=match["digest"], at=at)


def located_host(host: str) -> Location | None:
    """The registry that a host is of, with `https://` before it or without; None for one that is not ECR's."""
    match = HOST.fullmatch(host.strip().removeprefix("https://").rstrip("/"))
    return Location(match["account"], match["region"]) if match else None
