"""Arithmetic: exact, tiered, never less for more, and by owner the same as all together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.cost.bill import Used, bill
from registry.cost.money import Range, amount_text, cents, gigabytes, number, parted, summed
from registry.cost.prices import Item, Prices, Quote, Rate, Source, Tier
from registry.locations import Location
from tests.registry.cost.test_price_file import rates

HOME = Location("123456789012", "us-east-1")
SOURCE = Source("ours", "ours", date(2026, 1, 1))
ARCHIVE = Rate(
    Item.ARCHIVE,
    "us-east-1",
    (Quote(SOURCE, (Tier(Range.of(Decimal("0.1")), Decimal(153_600)), Tier(Range.of(Decimal("0.07"))))),),
)


def prices(*of: Rate) -> Prices:
    return Prices(name="p", currency="USD", rates={(it.item, it.region): it for it in of})


def used(item: Item, quantity: Range, owner: str = "", about: str = "x", at: Location = HOME) -> Used:
    return Used(item=item, at=at, about=about, quantity=quantity, counted="", owner=owner)


@pytest.mark.parametrize(
    ("gb", "cost"),
    [(0, "0.00"), (1, "0.10"), (153_600, "15,360.00"), (153_601, "15,360.07"), (307_200, "26,112.00")],
)
def test_the_archive_is_cheaper_above_150_tb_only(gb: int, cost: str) -> None:
    assert amount_text(ARCHIVE.cost(Range.of(gb))) == cost


def test_tiers_are_those_of_a_location_not_of_a_repository() -> None:
    halves = [used(Item.ARCHIVE, Range.of(153_600), about=name) for name in ("a", "b")]
    assert cents(bill(prices(ARCHIVE), halves).total.low) == "26,112.00"


def test_what_has_no_price_is_no_free_thing() -> None:
    found = bill(prices(ARCHIVE), [used(Item.STORAGE, Range.of(5))])
    assert found.total == Range()
    assert [it.monthly for it in found.unpriced] == [None]


quantities = st.integers(0, 10**15)


@given(rates(), quantities, quantities)
def test_more_never_costs_less(rate: Rate, one: int, more: int) -> None:
    few, many = Range.of(one), Range.of(one + more)
    assert rate.cost(few).low <= rate.cost(many).low
    assert rate.cost(few).high <= rate.cost(many).high
    assert rate.cost(few).low <= rate.cost(few).high


ranges = st.tuples(quantities, quantities).map(lambda it: gigabytes(min(it), max(it)))
things = st.lists(
    st.builds(used, st.sampled_from(Item), ranges, st.sampled_from(["", "team-web", "team-data", "x"])), max_size=12
)


@given(st.lists(rates(), max_size=8), things)
def test_the_owners_together_cost_the_total(made: list[Rate], each: list[Used]) -> None:
    found = bill(prices(*made), each)
    assert summed(found.by_owner().values()) == found.total
    assert summed(found.by(lambda line: line.used.at.region).values()) == found.total


@given(st.lists(rates(), max_size=8), things, things)
def test_more_things_never_cost_less(made: list[Rate], each: list[Used], more: list[Used]) -> None:
    few, many = bill(prices(*made), each).total, bill(prices(*made), [*each, *more]).total
    assert few.low <= many.low
    assert few.high <= many.high


@given(st.decimals(0, 10**12, places=9), st.lists(st.decimals(0, 10**9, places=6), min_size=1, max_size=8))
def test_parts_are_together_the_whole(whole: Decimal, weights: list[Decimal]) -> None:
    parts = parted(whole, weights)
    assert sum(parts) == whole
    assert all(part >= 0 for part in parts)


def test_amounts_are_rounded_half_a_cent_up_and_only_when_they_are_shown() -> None:
    assert (cents(Decimal("0.005")), cents(Decimal("0.00499")), cents(Decimal("-0.004"))) == ("0.01", "0.00", "0.00")
    assert number(Decimal("0.000003")) == "0.000003"
    assert number(Decimal("4380")) == "4,380"
    assert number(Decimal(0)) == "0"
    thirds = [used(Item.ARCHIVE, gigabytes(2**30 // 3, 2**30 // 3), about=str(n)) for n in range(3)]
    assert amount_text(bill(prices(ARCHIVE), thirds).total) == "0.10"
