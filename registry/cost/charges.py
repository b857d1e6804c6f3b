"""What a change of the file makes AWS bill: an amount of each month, or a price where images decide the amount."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from registry.cost.money import Range, cents, number, one
from registry.cost.prices import Item, Prices
from registry.locations import Location

MONTH: Final = "month"


@dataclass(frozen=True, slots=True)
class Charge:
    """What is billed from now on, or (negative) no longer; `amount` is None where no source has a price.

    `per` is MONTH, or the unit that it is the price of; `once` says that it is billed when the change is made.
    """

    what: str
    amount: Range | None
    per: str
    currency: str
    once: bool = False

    def __str__(self) -> str:
        if self.amount is None:
            return f"no price of {self.what}"
        form = cents if self.per == MONTH else number
        low, high = (f"{'+' if end > 0 else ''}{form(end)}" for end in (self.amount.low, self.amount.high))
        ends = low if low == high else f"{low} to {high}"
        return f"{ends} {self.currency} {'once' if self.once else one(self.per)} ({self.what})"

    def as_dict(self) -> dict[str, Any]:
        """The same for programs."""
        ends = None if self.amount is None else {"low": f"{self.amount.low:f}", "high": f"{self.amount.high:f}"}
        return {"what": self.what, "amount": ends, "per": "once" if self.once else self.per, "currency": self.currency}


def month(prices: Prices, item: Item, at: Location, more: Range, *, once: bool = False) -> Charge:
    """What so much more of something costs each month; negative where it is less.

    :param once: it is more this time only.
    """
    rate, what = prices.rate(item, at.region), f"{item.words} in {at.region}"
    if rate is None:
        return Charge(what, None, MONTH, prices.currency, once)
    amount = -rate.cost(-more) if more.high <= 0 else rate.cost(more)
    return Charge(what, amount, MONTH, prices.currency, once)


def price(prices: Prices, item: Item, at: Location) -> Charge:
    """What each unit of something costs."""
    rate = prices.rate(item, at.region)
    return Charge(f"{item.words} in {at.region}", rate.price if rate else None, item.unit, prices.currency)


def together(every: Iterable[Charge]) -> tuple[Charge, ...]:
    """Charges of several changes with one cause: amounts are added, and prices are said once."""
    found: dict[tuple[str, str, bool], Charge] = {}
    for each in every:
        key = (each.what, each.per, each.once)
        known = found.get(key)
        if known is None or each.per != MONTH or each.amount is None or known.amount is None:
            found[key] = known or each
        else:
            found[key] = Charge(each.what, known.amount + each.amount, MONTH, each.currency, each.once)
    return tuple(found.values())
