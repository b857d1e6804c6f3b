"""The repositories of a registry, in AWS and in the file, and how much each holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ops.aws.processes import map_reading
from ops.images.asking import NoSuchRepository
from ops.images.kinds import StoredRepository, Usage
from ops.images.registry import ImageRegistry
from registry.limits import ROOT_PREFIX
from registry.locations import Location
from registry.model import Registry
from registry.patterns import below

#: Who says that a repository is there: the file itself.
DECLARED: Final = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A repository of a location. `stored` is None where the file declares it and AWS does not have it.

    `origin` is DECLARED, or `template PREFIX` where ECR makes such names itself, or empty: nobody speaks of it.
    """

    name: str
    origin: str
    stored: StoredRepository | None
    usage: Usage | None = None


def holdings(registry: Registry, at: Location, *, usage: bool) -> list[Holding]:
    """Every repository of a location by name; with `usage` every image is listed, in as many calls."""
    client = ImageRegistry(at.region, account=at.account)
    stored = {it.name: it for it in client.repositories()}
    declared = {it.name for it in registry.repositories_in(at)}
    used = dict[str, Usage | None]()
    if usage:
        used = dict(zip(stored, map_reading(list(stored), lambda: _reader(at), "listing images"), strict=True))
    return [
        Holding(
            name=name,
            origin=DECLARED if name in declared else _template(registry, at, name),
            stored=stored.get(name),
            usage=used.get(name),
        )
        for name in sorted({*stored, *declared})
    ]


def _template(registry: Registry, at: Location, name: str) -> str:
    """The template by which ECR makes a repository of that name: the longest prefix wins.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
    """
    prefixes = [it.prefix for it in registry.templates_in(at) if below(it.prefix, name)]
    if not prefixes:
        return ""
    return f"template {max(prefixes, key=lambda prefix: 0 if prefix == ROOT_PREFIX else len(prefix))}"


def _reader(at: Location) -> Callable[[str], Usage | None]:
    client = ImageRegistry(at.region, account=at.account)

    def read(name: str) -> Usage | None:
        try:
            return client.usage(name)
        except NoSuchRepository:  # deleted in between
            return None

    return read
