"""What it takes to put a kind back by the API of its service."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ops.drift.repository_settings import Settings
from registry.locations import Location
from registry.model import Registry

_IMPORT: Final = "it is in no stack: import it with `ecrctl import`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be written of one resource: `settings` are the names of those that differ.

    `service` is boto3's name of whom to ask. `wanted` are all its settings in the words of the service's API, `kmsKey`
    as an ARN; `live` is None where it was deleted.
    """

    registry: Registry
    service: str
    at: Location
    name: str
    wanted: Settings
    live: Settings | None
    settings: frozenset[str]


Write = Callable[[Any, Change], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """How a kind is written.

    `together` are settings that one call writes; None: one call writes all of them. `unchangeable` are settings that
    are not written, each with the way that works; "" is the resource itself, where a deleted one is not made again.
    `outside` is the way for what is in no stack.
    """

    create: Write
    update: Write
    together: tuple[frozenset[str], ...] | None = None
    unchangeable: Mapping[str, str] = field(default_factory=dict)
    outside: str = _IMPORT


def text(document: Any) -> str:
    """A document as the APIs take it."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
