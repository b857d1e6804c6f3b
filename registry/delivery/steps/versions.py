"""Versions as https://semver.org has them, and the tags that they become: `ecrctl release` and pipelines ask here.

Build metadata is none of them, because no tag can have a `+`. No pre-release is the newest of anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_NUMBER: Final = r"(?:0|[1-9][0-9]*)"
_WORD: Final = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_LONGEST: Final = 300  # characters of a tag of ECR
#: Numbers without leading zeros, also those of a pre-release.
PATTERN: Final = re.compile(rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-({_WORD}(?:\.{_WORD})*))?")


@dataclass(frozen=True, slots=True)
class Version:
    """1.2.3, or 1.2.3-rc.1 with `rc.1` as its pre-release."""

    major: int
    minor: int
    patch: int
    prerelease: str | None = None

    def __str__(self) -> str:
        plain = f"{self.major}.{self.minor}.{self.patch}"
        return plain if self.prerelease is None else f"{plain}-{self.prerelease}"

    @property
    def order(self) -> tuple[int, int, int, bool]:
        """What tells which is newer: a pre-release is older than its release. Two of those are not told apart."""
        return (self.major, self.minor, self.patch, self.prerelease is None)

    @property
    def lines(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Its minor and its major version."""
        return (self.major, self.minor), (self.major,)


def parsed(text: str) -> Version | None:
    """The version that a text or a tag is, with or without `v` before it; None where it is none."""
    match = PATTERN.fullmatch(text.removeprefix("v")) if len(text) <= _LONGEST else None
    return Version(int(match[1]), int(match[2]), int(match[3]), match[4]) if match else None


def fixed_tag(version: Version) -> str:
    """The tag of one version: v1.2.3."""
    return f"v{version}"


def moving_tags(version: Version) -> tuple[str, str]:
    """The tags of its minor and of its major version: v1.2.x and v1.x."""
    return f"v{version.major}.{version.minor}.x", f"v{version.major}.x"


def newest(version: Version, tags: Iterable[str]) -> tuple[tuple[Version, str] | None, tuple[Version, str] | None]:
    """The newest release of the same minor, and of the same major version among tags, each with its tag."""
    released = [(it, tag) for tag in tags if (it := parsed(tag)) is not None and it.prerelease is None]
    minor, major = (
        max((it for it in released if line in it[0].lines), default=None, key=lambda it: it[0].order)
        for line in version.lines
    )
    return minor, major
