"""What it takes to put a kind back by the API of its service."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from ops.drift.repository_settings import Settings
from registry.locations import Location
from registry.model import Registry

_IMPORT: Final = "it is in no stack: import it with `ecrctl import`"
_LEFT: Final = "the file does not make it: delete it in AWS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be written of one resource: `settings` are the names of those that differ.

    `service` is boto3's name of whom to ask, in `region`. `wanted` are all its settings in the words of the service's
    API, `kmsKey` as an ARN; `live` is None where it was deleted. `deletes`: the file does not declare it, and it is
    taken away.
    """

    registry: Registry
    service: str
    at: Location
    region: str
    name: str
    wanted: Settings
    live: Settings | None
    settings: frozenset[str]
    deletes: bool = False


Write = Callable[[Any, Change], object]


def never(client: Any, change: Change) -> NoReturn:
    """In place of a call where `unchangeable` has a reason for everything that it could write."""
    raise AssertionError(f"{change.name} in {change.at} cannot be written by {client}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """How a kind is written.

    `together` are settings that one call writes; None: one call writes all of them. `unchangeable` are settings that
    are not written, each with the way that works; "" is the resource itself, where a deleted one is not made again.
    `outside` is the way for what is in no stack; `delete` takes away what the file does not declare, and without it
    `left_over` is the way. `part_of` is the noun of what it hangs on, and how that one is called: where that is gone,
    this is made again with it.
    """

    create: Write
    update: Write
    together: tuple[frozenset[str], ...] | None = None
    unchangeable: Mapping[str, str] = field(default_factory=dict)
    outside: str = _IMPORT
    delete: Write | None = None
    left_over: str = _LEFT
    part_of: tuple[str, Callable[[str], str]] | None = None


def text(document: Any) -> str:
    """A document as the APIs take it."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
