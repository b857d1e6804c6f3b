"""A bill: one line for each thing that AWS bills, and what is not counted, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from registry.cost.money import Range, parted, summed
from registry.cost.prices import Item, Prices, Rate, Source
from registry.locations import Location

#: Who pays what no repository is the cause of.
SHARED: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """So much of something in a month: where, of what (a repository, a VPC, a key), whose, and how it was counted."""

    item: Item
    at: Location
    about: str
    quantity: Range
    counted: str
    owner: str = SHARED


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What it costs. `rate` and `monthly` are None where no source has a price for the region."""

    used: Used
    rate: Rate | None
    monthly: Range | None

    @property
    def item(self) -> Item:
        """What is billed."""
        return self.used.item


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Something that AWS bills and this does not count: where, why, and its price where there is one."""

    item: Item
    at: Location
    why: str
    rate: Rate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a month costs, as far as it is known."""

    prices: Prices
    lines: tuple[Line, ...]
    left: tuple[Left, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def total(self) -> Range:
        """Everything that has a price."""
        return summed(it.monthly for it in self.lines if it.monthly is not None)

    @property
    def unpriced(self) -> tuple[Line, ...]:
        """What is used, and has no price in its region."""
        return tuple(it for it in self.lines if it.monthly is None)

    def by(self, key: Callable[[Line], str]) -> Mapping[str, Range]:
        """The same, parted by what a key makes of each line; the parts together are the total."""
        found: dict[str, Range] = {}
        for line in self.lines:
            if line.monthly is not None:
                name = key(line)
                found[name] = found.get(name, Range()) + line.monthly
        return dict(sorted(found.items()))

    def by_owner(self) -> Mapping[str, Range]:
        """By the owners of repositories; what no repository causes is under SHARED."""
        return self.by(lambda line: line.used.owner)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Who says what things cost, the newest first."""
        rates = [*(it.rate for it in self.lines), *(it.rate for it in self.left)]
        found = {source.name: source for rate in rates if rate is not None for source in rate.sources}
        return tuple(sorted(found.values(), key=lambda it: (-it.as_of.toordinal(), it.name)))


def bill(prices: Prices, used: Iterable[Used], left: Iterable[tuple[Item, Location, str]] = (),
         notes: Iterable[str] = ()) -> Bill:  # fmt: skip
    """What is used, priced.

    Tiers are those of an account in a region, so all that is used of an item at a location is priced together, and
    each line bears its part by its quantity.
    """
    groups: dict[tuple[Item, Location], list[Used]] = {}
    for each in used:
        groups.setdefault((each.item, each.at), []).append(each)
    lines: list[Line] = []
    for (item, at), members in groups.items():
        rate = prices.rate(item, at.region)
        amounts = _shares(rate, members) if rate else [None] * len(members)
        lines += [Line(used=one, rate=rate, monthly=amount) for one, amount in zip(members, amounts, strict=True)]
    return Bill(
        prices=prices,
        lines=tuple(sorted(lines, key=lambda it: (list(Item).index(it.item), it.used.at, it.used.about))),
        left=tuple(Left(item=item, at=at, why=why, rate=prices.rate(item, at.region)) for item, at, why in left),
        notes=tuple(notes),
    )


def _shares(rate: Rate, members: Sequence[Used]) -> list[Range | None]:
    whole = rate.cost(summed(one.quantity for one in members))
    lows = parted(whole.low, [one.quantity.low for one in members])
    highs = parted(whole.high, [one.quantity.high for one in members])
    return [Range(low, high) for low, high in zip(lows, highs, strict=True)]
