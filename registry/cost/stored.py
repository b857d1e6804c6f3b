"""What images make AWS bill: storage by class, copies to other regions, scans by Inspector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from registry.cost.assumed import Assumed
from registry.cost.bill import Used
from registry.cost.declared import Left
from registry.cost.money import EXACT, Range, gigabytes
from registry.cost.prices import Item
from registry.locations import Location
from registry.model import Registry
from registry.naming import namespace_of
from registry.patterns import scanned
from registry.usage.totals import Bytes, RepositoryUsage

_ENHANCED: Final = "ENHANCED"


def last_month(now: datetime) -> str:
    """The last month that is over, as usage has it: what is pushed in a month is counted in that one."""
    year, month = (now.year, now.month - 1) if now.month > 1 else (now.year - 1, 12)
    return f"{year:04}-{month:02}"


def owner_of(registry: Registry, name: str) -> str:
    """The owner of a repository in the file; empty where it names none."""
    declared = registry.repository(name)
    return (declared.owner or "") if declared else ""


def receivers(registry: Registry, name: str) -> tuple[Location, ...]:
    """The replicas that get a copy of a repository."""
    namespace = namespace_of(name)
    return tuple(it.location for it in registry.replicas if it.all_repositories or namespace in it.namespaces)


def replicated(registry: Registry, home: Iterable[RepositoryUsage]) -> tuple[RepositoryUsage, ...]:
    """Repositories at home and in every replica that receives them: each holds what the home holds."""
    return tuple(
        each
        for it in home
        for each in (it, *(replace(it, at=at) for at in receivers(registry, it.repository)))
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Month:
    """What was pushed to the home in the month that stands for every month, by repository."""

    bytes: dict[str, Bytes]
    images: dict[str, int]


def month_of(registry: Registry, usages: Iterable[RepositoryUsage], month: str) -> Month:
    """What was pushed in a month, of images that are there today: what was pushed and is gone is not seen."""
    home = [it for it in usages if it.at == registry.home]
    return Month(
        {it.repository: it.pushed.get(month, Bytes()) for it in home},
        {it.repository: it.pushed_images.get(month, 0) for it in home},
    )


def used(registry: Registry, usages: Sequence[RepositoryUsage], assumed: Assumed, month: str) -> Iterator[Used]:
    """What the images of some repositories make AWS bill."""
    pushed = month_of(registry, usages, month)
    for it in usages:
        for item, held, what in ((Item.STORAGE, it.standard, "unique layers"), (Item.ARCHIVE, it.archive, "archived")):
            if held.high:
                yield Used(
                    item=item,
                    at=it.at,
                    about=it.repository,
                    owner=it.owner,
                    quantity=gigabytes(held.low, held.high),
                    counted=what if held.exact else f"{what}, between two bounds",
                )
        if it.at == registry.home and assumed.pushed_gb is None:
            yield from _copied(
                registry, it.repository, it.owner, _gb(pushed.bytes[it.repository]), f"pushed in {month}"
            )
        if assumed.pushed_images is None and (number := pushed.images.get(it.repository, 0)):
            yield from _scanned(registry, it.at, it.repository, it.owner, Decimal(number), f"pushed in {month}")
        if assumed.rescans is not None and _continuous(registry, it.repository):
            active = it.images - it.archived_images
            if active > 0:
                yield Used(
                    item=Item.RESCAN,
                    at=it.at,
                    about=it.repository,
                    owner=it.owner,
                    quantity=Range.of(EXACT.multiply(assumed.rescans, Decimal(active))),
                    counted=f"{active:,} images, as often as assumed",
                )
    for at in registry.locations if assumed.restored_gb is not None else ():
        assert assumed.restored_gb is not None
        yield Used(item=Item.RESTORE, at=at, about="restored images", quantity=Range.of(assumed.restored_gb),
                   counted="as assumed")  # fmt: skip


def _gb(held: Bytes) -> Range:
    return gigabytes(held.low, held.high)


def _copied(registry: Registry, name: str, owner: str, quantity: Range, counted: str) -> Iterator[Used]:
    """Copies leave the home for other regions; within a region nothing is billed for the way.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
    """
    away = [at for at in receivers(registry, name) if at.region != registry.region]
    if away and quantity.high:
        yield Used(
            item=Item.TRANSFER,
            at=registry.home,
            about=name,
            owner=owner,
            quantity=quantity * len(away),
            counted=f"{counted} x {len(away)} other regions",
        )


def _scanned(registry: Registry, at: Location, name: str, owner: str, number: Decimal, counted: str) -> Iterator[Used]:
    scanning = registry.scanning
    if scanning.scan_type == _ENHANCED and scanned(name, (*scanning.scan_on_push, *scanning.continuous_scan)):
        yield Used(item=Item.FIRST_SCAN, at=at, about=name, owner=owner, quantity=Range.of(number), counted=counted)


def _continuous(registry: Registry, name: str) -> bool:
    scanning = registry.scanning
    return scanning.scan_type == _ENHANCED and scanned(name, scanning.continuous_scan)


def assumed_pushes(registry: Registry, assumed: Assumed) -> Iterator[Used]:
    """What pushes make AWS bill that somebody assumes: every replica of another region gets all of them."""
    away = [it.location for it in registry.replicas if it.location.region != registry.region]
    if assumed.pushed_gb is not None and away:
        yield Used(
            item=Item.TRANSFER,
            at=registry.home,
            about="pushed images",
            quantity=Range.of(assumed.pushed_gb) * len(away),
            counted=f"as assumed x {len(away)} other regions",
        )
    if assumed.pushed_images is not None and registry.scanning.scan_type == _ENHANCED:
        for at in registry.locations:
            yield Used(item=Item.FIRST_SCAN, at=at, about="pushed images", quantity=Range.of(assumed.pushed_images),
                       counted="as assumed")  # fmt: skip


def left(registry: Registry, usages: Sequence[RepositoryUsage] | None, assumed: Assumed) -> Iterator[Left]:
    """What images make AWS bill, and nobody knows how much.

    :param usages: None where nothing was counted.
    """
    home = registry.home
    if usages is None:
        for at in registry.locations:
            yield Item.STORAGE, at, "how much is stored is not known: --images IMAGES.json, or --live"
    if any(it.location.region != registry.region for it in registry.replicas) and (
        usages is None and assumed.pushed_gb is None
    ):
        yield Item.TRANSFER, home, "how much is pushed is not known: --images, --live, or --assume pushed-gb=N"
    if registry.scanning.scan_type == _ENHANCED:
        if usages is None and assumed.pushed_images is None:
            yield (
                Item.FIRST_SCAN,
                home,
                "how many images are pushed is not known: --images, --live, or --assume pushed-images=N",
            )
        if registry.scanning.continuous_scan and (assumed.rescans is None or usages is None):
            yield (
                Item.RESCAN,
                home,
                "how often Inspector scans again is not known: --assume rescans=N, with --images or --live",
            )
    archives = usages is not None and any(it.archive.high for it in usages)
    if archives and assumed.restored_gb is None:
        yield Item.RESTORE, home, "how much is restored is not known: --assume restored-gb=N"
