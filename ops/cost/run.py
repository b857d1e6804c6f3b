"""A registry's bill: of its file, of lists of images, or of what AWS holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ops.cost.held import Held
from ops.plan.run import side_at
from registry.cost import declared, delivered, listed, monitored, stored
from registry.cost.assumed import Assumed
from registry.cost.bill import Bill, bill
from registry.cost.budgets import findings
from registry.cost.money import amount_text, number_text, summed
from registry.cost.price_file import beside, read
from registry.cost.prices import Item, Prices
from registry.errors import InvalidRegistry, UnknownName
from registry.findings import Finding
from registry.findings import listed as words
from registry.lifecycle import inventory
from registry.lifecycle.inventory import Inventory
from registry.limits import ARCHIVED_DAYS
from registry.load import check_sources
from registry.locations import Location
from registry.model import Registry
from registry.reading.file_text import content_of
from registry.reading.include import read_files
from registry.reading.sources import Sources
from registry.usage.totals import RepositoryUsage

_UNASKED: Final = "not asked what is stored: `ecrctl usage` and --live take --profile ACCOUNT=NAME for other accounts"
#: How AWS is asked what a registry holds.
Live = Callable[[Registry], Held]
#: Images by the repository they are of.
Lists = Mapping[str, Inventory]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a registry costs in a month, the same before a change where one was asked for, and exceeded budgets.

    `old` is what the other side was called. `unasked` are locations in accounts without credentials.
    """

    registry: Registry
    bill: Bill
    findings: tuple[Finding, ...]
    before: Bill | None = None
    old: str = ""
    unasked: tuple[Location, ...] = ()


def prices_for(file: Path, prices: Path | None, like: str | None) -> Prices:
    """The prices that are meant: of a file, or beside the registry file, or those of the project.

    :param like: a region whose prices stand for those that another one lacks.
    :raises UnknownName: where it has no price itself.
    """
    found = read(prices) if prices else beside(file)
    if like is None:
        return found
    if like not in found.regions:
        raise UnknownName(
            f"{found.name} has no price of {like}\n    way out: a region that it has: {words(found.regions) or 'none'}"
        )
    return found.instead(like)


def regions_of(registry: Registry) -> tuple[str, ...]:
    """The regions in which a registry makes AWS bill something."""
    return tuple(dict.fromkeys(at.region for at in registry.stack_locations))


def lists(files: Iterable[Path]) -> Lists:
    """Outputs of `aws ecr describe-images`, by repository.

    :raises UnknownName: for one that names no repository, and for two of one.
    """
    found: dict[str, Inventory] = {}
    for file in files:
        read_ = inventory.read(content_of(file), str(file))
        if read_.repository is None:
            raise UnknownName(f"{file}: no image in it names its repository\n    way out: leave it out, or list again")
        if read_.repository in found:
            raise UnknownName(f"{file}: images of {read_.repository} again\n    way out: give each repository once")
        found[read_.repository] = read_
    return found


def cost(
    file: Path,
    prices: Prices,
    assumed: Assumed,
    now: datetime,
    *,
    images: Lists | None = None,
    live: Live | None = None,
    old: str | None = None,
) -> Cost:
    """What a registry file costs, with its budgets.

    :param images: lists of images at home; with `old` after a run of the lifecycles of each side.
    :param live: how AWS is asked instead. With `old` at the locations of that side: AWS is as it was deployed, and a
        replica to come will hold what the home holds.
    :param old: a file or a revision of git to compare with.
    :raises InvalidRegistry: with every finding, where a side has an error.
    :raises NoSuchRevision: for an `old` that is neither a file nor a revision.
    """
    registry, sources = _read(file, str(file))
    was = None
    if old is not None:
        with side_at(old, file) as (path, name):
            was = _read(path, name)[0]
    found = live(was or registry) if live else None
    month = stored.last_month(now)

    def billed(of: Registry) -> Bill:
        usages = _held(of, found) if found else _listed(of, images, now if was else None) if images else None
        used = [*declared.used(of, assumed), *monitored.used(of), *delivered.used(of, assumed)]
        used += [*stored.assumed_pushes(of, assumed), *stored.used(of, usages or (), assumed, month)]
        left = [*declared.left(of, assumed), *stored.left(of, usages, assumed), *delivered.left(of, assumed)]
        if found:
            left += [(Item.STORAGE, at, _UNASKED) for at in found.unasked if at in of.locations]
        notes = [*(found.notes if found else ()), *_said(of, usages, images, month)]
        notes += _early(of, prices, images or {}, now, after=was is not None)
        return bill(prices, used, left, notes)

    made = billed(registry)
    return Cost(
        registry=registry,
        bill=made,
        findings=tuple(findings(made, registry, sources)),
        before=billed(was) if was else None,
        old=old or "",
        unasked=found.unasked if found else (),
    )


def _held(registry: Registry, found: Held) -> tuple[RepositoryUsage, ...]:
    """What AWS holds at the locations of a side, and at those to come what the home holds."""
    known = {*found.asked, *found.unasked}
    home = [it for it in found.usages if it.at == registry.home]
    to_come = [it for it in stored.replicated(registry, home) if it.at not in known]
    there = [it for it in found.usages if it.at in registry.locations]
    return tuple(replace(it, owner=stored.owner_of(registry, it.repository)) for it in (*there, *to_come))


def _listed(registry: Registry, images: Lists, after: datetime | None) -> tuple[RepositoryUsage, ...]:
    """At home what the lists say, and in replicas the same."""
    home = [
        listed.after_lifecycle(registry, it, name, after.timestamp()) if after else listed.usage_of(registry, it, name)
        for name, it in images.items()
    ]
    return stored.replicated(registry, home)


def _said(
    registry: Registry, usages: Sequence[RepositoryUsage] | None, images: Lists | None, month: str
) -> Iterable[str]:
    if usages is None:
        return
    yield f"pushes are those of {month}, the last whole month, of images that are there today"
    if not images and any(it.archive.high for it in usages):
        yield f"what leaves the archive in less than {ARCHIVED_DAYS} days is billed to their end, which is not counted"
    if images:
        missing = sum(it.name not in images for it in registry.repositories)
        yield "lists of images say nothing of layers: storage is between the largest image and the sum of all"
        if missing:
            yield f"no list was given of {missing:,} of {len(registry.repositories):,} declared repositories"


def _early(registry: Registry, prices: Prices, images: Lists, now: datetime, *, after: bool) -> Iterable[str]:
    """What AWS bills of archived images even if they are deleted today: 90 days of the archive, at least."""
    found = [listed.unfinished(registry, it, name, now.timestamp(), after=after) for name, it in images.items()]
    number, rest = sum(it for it, _ in found), summed(it for _, it in found)
    if number:
        rate = prices.rate(Item.ARCHIVE, registry.region)
        price = f", {amount_text(rate.cost(rest))} {prices.currency}" if rate else ""
        yield (
            f"{number:,} images are not {ARCHIVED_DAYS} days in the archive: AWS bills the rest also of those that are "
            f"deleted earlier, {number_text(rest)} GB-months{price} in each location that holds them"
        )


def _read(path: Path, name: str) -> tuple[Registry, Sources]:
    sources = read_files(path, name)
    outcome = check_sources(sources)
    if outcome.registry is None:
        raise InvalidRegistry(outcome.findings)
    return outcome.registry, sources


def now() -> datetime:
    """The time that months are counted from."""
    return datetime.now(UTC)
