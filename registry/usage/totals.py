"""What was counted of one repository and of one registry: the shape that tables, the page and prices are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

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
class Effect:
    """What a lifecycle would do: images that expire and that go into the archive, by its next run and what follows.

    `freed` are the bytes of layers that no image has any more; `moved` those that only archived images have then.
    `unknown` are manifest lists whose images nobody said: they are judged as if they stood for themselves.
    """

    expires: int
    archives: int
    freed: Bytes
    moved: Bytes
    unknown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryUsage:
    """A repository at a location.

    `owner` is the file's, and empty where it names none. `standard` and `archive` are what the two storage classes
    hold, each layer once: ECR keeps a layer once for a repository, and archived manifests cannot be read, so `archive`
    is seldom exact. `pushed` has by month (2026-11, UTC) the bytes of layers that were not there before, and
    `pushed_images` the number of images; both of images that are there today, so both fall as images go. `new` is the
    same since a time that somebody chose.

    `unpulled_images` have been neither pushed nor pulled for some days, `never_pulled` are those that nobody pulled at
    all; archived images are in neither. `unpulled` are the bytes of layers that only unpulled images have.
    `unread` are the images whose layers are not known, which makes every number of bytes a range.
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
    new: Bytes = field(default_factory=Bytes)
    new_images: int = 0
    unpulled: Bytes = field(default_factory=Bytes)
    unpulled_images: int = 0
    never_pulled: int = 0
    last_push: datetime | None = None
    last_pull: datetime | None = None
    unread: int = 0
    effect: Effect | None = None

    @property
    def namespace(self) -> str:
        """The part of the name that teams share."""
        return namespace_of(self.repository)

    @property
    def total(self) -> Bytes:
        """Both storage classes."""
        return self.standard + self.archive


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerUsage:
    """A layer or a configuration of a registry: its size in bytes, and by how many it is shared.

    `example` is an image that has it.
    """

    digest: str
    size: int
    images: int
    repositories: int
    example: str

    @property
    def stored(self) -> int:
        """The bytes it takes: once in each repository."""
        return self.size * self.repositories


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseUsage:
    """Layers from the bottom up that several images begin with: how many, their bytes, and in how many images.

    `name` is a tagged image that has these layers and no other, where the registry has one; else it is empty, and
    `example` is an image that begins with them.
    """

    layers: int
    size: int
    images: int
    name: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryUsage:
    """The registry of a location.

    `once` counts a layer that several repositories have once: what it would take if all of them were mounted.
    `layers` and `bases` are the largest, and empty where no manifest was read.
    """

    at: Location
    repositories: tuple[RepositoryUsage, ...]
    once: Bytes
    layers: tuple[LayerUsage, ...] = ()
    bases: tuple[BaseUsage, ...] = ()

    @property
    def total(self) -> Bytes:
        """What its repositories hold, each for itself."""
        return summed(it.total for it in self.repositories)
