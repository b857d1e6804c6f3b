"""What was counted of one repository: the shape that tables, the page and prices are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from registry.locations import Location
from registry.naming import namespace_of


@dataclass(frozen=True, slots=True, order=True)
class Bytes:
    """A number of bytes as far as it is known: at least `low`, at most `high`; the same where it is exact."""

    low: int = 0
    high: int = 0

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high

    def __add__(self, other: Bytes) -> Bytes:
        return Bytes(self.low + other.low, self.high + other.high)


def summed(each: Iterable[Bytes]) -> Bytes:
    """The sum; nothing is no byte."""
    return sum(each, Bytes())


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryUsage:
    """A repository at a location.

    `owner` is the file's, and empty where it names none. `standard` and `archive` are what the two storage classes
    hold, each layer once: ECR keeps a layer once for a repository, and archived manifests cannot be read, so `archive`
    is seldom exact. `pushed` has by month (2026-11, UTC) the bytes of layers that were not there before, and
    `pushed_images` the number of images; both of images that are there today.
    """

    at: Location
    repository: str
    owner: str
    images: int
    standard: Bytes
    archive: Bytes
    archived_images: int = 0
    pushed: Mapping[str, Bytes] = field(default_factory=dict)
    pushed_images: Mapping[str, int] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        """The part of the name that teams share."""
        return namespace_of(self.repository)

    @property
    def total(self) -> Bytes:
        """Both storage classes."""
        return self.standard + self.archive
