"""Which images are scanned, how and when."""

from __future__ import annotations

from collections.abc import Iterator

from registry import naming
from registry.cost.charges import Charge, price
from registry.cost.prices import Item
from registry.limits import ECR_GUIDE
from registry.patterns import covers, scanned
from registry.plan.change import Change, Risk, comparison, kinds_about
from registry.plan.sides import Sides
from registry.shape import ScanningShape

kind = kinds_about("Scanning")
SCAN_LESS = kind(
    "scanning-less",
    Risk.BREAKS,
    "Fewer images are scanned, or less often",
    "Nobody hears of a vulnerability that is not looked for.",
    f"{ECR_GUIDE}/image-scanning.html",
)
SCAN_MORE = kind(
    "scanning-paid",
    Risk.COSTS,
    "More images are scanned by Amazon Inspector",
    "Inspector bills each scan.",
    f"{ECR_GUIDE}/image-scanning-enhanced.html",
)
SCAN_OTHER = kind(
    "scanning-more", Risk.SAFE, "More images are scanned, or the filters are written anew", "ECR's own scans are free."
)


@comparison
def scanning(sides: Sides) -> Iterator[Change]:
    """By effect on the declared repositories, and by the filters for those to come."""
    old, new = (side.registry.scanning for side in sides.both)
    if (old.scan_type, old.scan_on_push, old.continuous_scan) == (new.scan_type, new.scan_on_push, new.continuous_scan):
        return
    names = sides.kept
    less = [name for name in names if _level(new, name) < _level(old, name)]
    narrower = _narrower(old.continuous_scan, new.continuous_scan) or _narrower(
        old.scan_on_push, (*new.scan_on_push, *new.continuous_scan)
    )
    worse = less or narrower or (old.scan_type, new.scan_type) == ("ENHANCED", "BASIC")
    paid = new.scan_type == "ENHANCED" and (
        old.scan_type == "BASIC" or any(_level(new, name) > _level(old, name) for name in names)
    )
    keys = [key for key in ("scan_type", "scan_on_push", "continuous_scan") if getattr(old, key) != getattr(new, key)]
    where, gone = sides.at(*(("scanning", key) for key in keys), ("scanning",))
    flags = {
        part
        for name in names
        if sides.old.repositories[name].scan_on_push != sides.new.repositories[name].scan_on_push
        for part in sides.parts_of(name, "ImageScanningConfiguration")
    }
    stacks = {
        (side.stack(at, naming.REGISTRY_UNIT), "Scanning", "") for side in sides.both for at in side.registry.locations
    }
    found = []
    if worse:
        some = f"{len(less):,} of {len(names):,} repositories are scanned less"
        found.append((SCAN_LESS, some if less else "fewer images are scanned, or less thoroughly"))
    if paid:
        found.append((SCAN_MORE, "more is scanned, by Amazon Inspector"))
    for of, said in found or [(SCAN_OTHER, "nothing is scanned less")]:
        yield Change(
            kind=of,
            subjects=("scanning",),
            message=said,
            before=_scanned(old),
            after=_scanned(new),
            where=where,
            gone=gone,
            explains=frozenset(flags | stacks),
            bill=tuple(_scans(sides)) if of is SCAN_MORE else (),
        )


def _scans(sides: Sides) -> Iterator[Charge]:
    home = sides.new.registry.home
    yield price(sides.prices, Item.FIRST_SCAN, home)
    if sides.new.registry.scanning.continuous_scan:
        yield price(sides.prices, Item.RESCAN, home)


def _narrower(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    """Whether a filter matches names that none of the others certainly does."""
    return any(not any(covers(wide, narrow) for wide in new) for narrow in old)


def _level(scanning: ScanningShape, name: str) -> int:
    return 2 if scanned(name, scanning.continuous_scan) else 1 if scanned(name, scanning.scan_on_push) else 0


def _scanned(scanning: ScanningShape) -> str:
    words = [f"on push {', '.join(scanning.scan_on_push) or 'none'}"]
    words += [f"continuously {', '.join(scanning.continuous_scan)}"] if scanning.continuous_scan else []
    return f"{scanning.scan_type}: {'; '.join(words)}"
