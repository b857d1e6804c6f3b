"""What `ecrctl usage --json` printed, read again: for the page of a report, and for prices, without AWS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from registry.errors import InvalidFile
from registry.findings import Finding, Position, Severity
from registry.locations import Location
from registry.usage.totals import BaseUsage, Bytes, Effect, LayerUsage, RegistryUsage, RepositoryUsage

_RULE: Final = "usage"
_ALLOWED: Final = "the output of `ecrctl usage --json`"
_Number = Annotated[int, Meta(ge=0, le=2**60)]
_Time = Annotated[datetime, Meta(tz=True)]
_Month = Annotated[str, Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])\Z")]
_Account = Annotated[str, Meta(pattern=r"^[0-9]{12}\Z")]
_Region = Annotated[str, Meta(pattern=r"^[a-z0-9-]{2,32}\Z")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedUsage:
    """What was counted, and when; `not_asked` are the locations that it is not the whole without."""

    as_of: datetime
    new_since: datetime
    unpulled_since: datetime
    not_asked: tuple[str, ...]
    registries: tuple[RegistryUsage, ...]

    @property
    def repositories(self) -> list[RepositoryUsage]:
        """Those of all registries."""
        return [each for registry in self.registries for each in registry.repositories]


class _Range(Struct, rename="camel"):
    at_least: _Number
    at_most: _Number

    def __post_init__(self) -> None:
        if self.at_least > self.at_most:
            raise ValueError("atLeast is more than atMost")

    @property
    def bytes(self) -> Bytes:
        return Bytes(self.at_least, self.at_most)


class _Pushed(Struct, rename="camel"):
    month: _Month
    image_count: _Number
    new_in_bytes: _Range


class _Effect(Struct, rename="camel"):
    expiring_image_count: _Number
    transitioning_image_count: _Number
    freed_in_bytes: _Range
    moved_to_archive_in_bytes: _Range
    indexes_with_unknown_children: _Number


class _Repository(Struct, rename="camel"):
    repository_name: str
    owner: str | None
    image_count: _Number
    archived_image_count: _Number
    images_with_unknown_layers: _Number
    new_image_count: _Number
    new_in_bytes: _Range
    unpulled_image_count: _Number
    unpulled_in_bytes: _Range
    never_pulled_image_count: _Number
    last_pushed_at: _Time | None
    last_recorded_pull_time: _Time | None
    standard_in_bytes: _Range
    archive_in_bytes: _Range
    pushed_by_month: list[_Pushed]
    lifecycle: _Effect | None = None


class _Layer(Struct, rename="camel"):
    layer_digest: str
    size_in_bytes: _Number
    image_count: _Number
    repository_count: _Number
    example: str


class _Base(Struct, rename="camel"):
    name: str | None
    layer_count: _Number
    size_in_bytes: _Number
    image_count: _Number
    example: str


class _Registry(Struct, rename="camel"):
    registry_id: _Account
    region: _Region
    each_layer_once_in_bytes: _Range
    repositories: list[_Repository]
    layers: list[_Layer]
    bases: list[_Base]


class _Usage(Struct, rename="camel"):
    as_of: _Time
    new_since: _Time
    unpulled_since: _Time
    not_asked: list[str]
    registries: list[_Registry]


def read(content: bytes, name: str) -> SavedUsage:
    """The usage of a file.

    :raises InvalidFile: where it is not what `ecrctl usage --json` prints.
    """
    try:
        found = msgspec.json.decode(content, type=_Usage)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        way_out = f"write it anew: ecrctl usage --json > {name}"
        at = Position(name, 1, 1)
        message = f"this is no usage of a registry: {problem}"
        raise InvalidFile([Finding(_RULE, Severity.ERROR, at, message, "", _ALLOWED, way_out)]) from problem
    return SavedUsage(
        as_of=found.as_of,
        new_since=found.new_since,
        unpulled_since=found.unpulled_since,
        not_asked=tuple(found.not_asked),
        registries=tuple(map(_registry, found.registries)),
    )


def _registry(it: _Registry) -> RegistryUsage:
    at = Location(it.registry_id, it.region)
    return RegistryUsage(
        at=at,
        repositories=tuple(_repository(at, each) for each in it.repositories),
        once=it.each_layer_once_in_bytes.bytes,
        layers=tuple(
            LayerUsage(
                digest=each.layer_digest,
                size=each.size_in_bytes,
                images=each.image_count,
                repositories=each.repository_count,
                example=each.example,
            )
            for each in it.layers
        ),
        bases=tuple(
            BaseUsage(
                layers=each.layer_count,
                size=each.size_in_bytes,
                images=each.image_count,
                name=each.name or "",
                example=each.example,
            )
            for each in it.bases
        ),
    )


def _repository(at: Location, it: _Repository) -> RepositoryUsage:
    effect = it.lifecycle
    return RepositoryUsage(
        at=at,
        repository=it.repository_name,
        owner=it.owner or "",
        images=it.image_count,
        standard=it.standard_in_bytes.bytes,
        archive=it.archive_in_bytes.bytes,
        archived_images=it.archived_image_count,
        pushed={each.month: each.new_in_bytes.bytes for each in it.pushed_by_month},
        pushed_images={each.month: each.image_count for each in it.pushed_by_month},
        new=it.new_in_bytes.bytes,
        new_images=it.new_image_count,
        unpulled=it.unpulled_in_bytes.bytes,
        unpulled_images=it.unpulled_image_count,
        never_pulled=it.never_pulled_image_count,
        last_push=it.last_pushed_at,
        last_pull=it.last_recorded_pull_time,
        unread=it.images_with_unknown_layers,
        effect=None
        if effect is None
        else Effect(
            expires=effect.expiring_image_count,
            archives=effect.transitioning_image_count,
            freed=effect.freed_in_bytes.bytes,
            moved=effect.moved_to_archive_in_bytes.bytes,
            unknown=effect.indexes_with_unknown_children,
        ),
    )
