"""Amounts that are known as far as they are known: from a low end to a high one, in exact decimals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from typing import Final

#: Digits enough that bytes become gigabytes, and amounts are added and multiplied, without a remainder.
EXACT: Final = Context(prec=80)
#: A month as AWS's calculator has it: 365 days, 24 hours, 12 months.
HOURS: Final = Decimal(730)
#: AWS's GB of storage is 2^30 bytes (S3's pricing page says so; ECR's says nothing): with 10^9 it would be 7.4 % more.
GIGABYTE: Final = Decimal(2**30)
_CENT: Final = Decimal("0.01")
_SMALL: Final = Decimal("0.0001")
_LEAST: Final = Decimal("1E-12")  # what an amount is parted into


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """At least `low` and at most `high`; both are the same where it is one number. Negative ones are savings."""

    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)

    @classmethod
    def of(cls, number: Decimal | int) -> Range:
        """One number."""
        return cls(Decimal(number), Decimal(number))

    @property
    def exact(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high

    def __add__(self, other: Range) -> Range:
        return Range(EXACT.add(self.low, other.low), EXACT.add(self.high, other.high))

    def __neg__(self) -> Range:
        return Range(EXACT.minus(self.high), EXACT.minus(self.low))

    def __mul__(self, factor: Decimal | int) -> Range:
        """By a number that is not negative."""
        return Range(EXACT.multiply(self.low, Decimal(factor)), EXACT.multiply(self.high, Decimal(factor)))


def summed(each: Iterable[Range]) -> Range:
    """The sum; nothing is no money."""
    return sum(each, Range())


def gigabytes(low: int, high: int) -> Range:
    """Bytes in AWS's gigabytes."""
    return Range(EXACT.divide(Decimal(low), GIGABYTE), EXACT.divide(Decimal(high), GIGABYTE))


def parted(whole: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """An amount in parts as large as their weights say, which together are the amount to the last digit."""
    total = EXACT.create_decimal(0)
    for weight in weights:
        total = EXACT.add(total, weight)
    if not total:
        return [Decimal(0)] * (len(weights) - 1) + [whole] if weights else []
    parts = [
        EXACT.divide(EXACT.multiply(whole, weight), total).quantize(_LEAST, ROUND_DOWN, EXACT) for weight in weights
    ]
    rest = whole
    for part in parts:
        rest = EXACT.subtract(rest, part)
    largest = max(range(len(parts)), key=lambda index: weights[index])
    parts[largest] = EXACT.add(parts[largest], rest)
    return parts


def cents(amount: Decimal) -> str:
    """An amount as people write it: to the cent, half a cent up, thousands apart."""
    return f"{amount.quantize(_CENT, ROUND_HALF_UP, EXACT) + 0:,}"


def number(quantity: Decimal) -> str:
    """A quantity or a price with as few digits as it has, at most four behind the point."""
    rounded = quantity.quantize(_SMALL, ROUND_HALF_UP, EXACT)
    text = f"{quantity if rounded == 0 else rounded:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def amount_text(found: Range) -> str:
    """An amount, or the two ends of a range."""
    low, high = cents(found.low), cents(found.high)
    return low if low == high else f"{low} to {high}"


def one(unit: str) -> str:
    """A unit with its article: a GB, an image."""
    return f"{'an' if unit[0] in 'aeiou' else 'a'} {unit}"


def number_text(found: Range) -> str:
    """The same for quantities and prices."""
    low, high = number(found.low), number(found.high)
    return low if low == high else f"{low} to {high}"
