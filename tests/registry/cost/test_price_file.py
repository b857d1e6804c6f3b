"""Files of prices: those that come with the project, their way to text and back, and everything that is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.cost.money import Range, amount_text
from registry.cost.price_file import SHIPPED, beside, prices_of, shipped, text_of
from registry.cost.prices import EVERYWHERE, Item, Prices, Quote, Rate, Source, Tier
from registry.errors import InvalidFile
from registry.reading.yaml_reader import parse
from tests.synth import ROOT

SOURCE = 'sources: {us: {title: us, as_of: "2026-11-01"}}'


def read(text: str) -> Prices:
    return prices_of(parse(text.encode(), "prices.yaml"))


def test_every_price_of_the_project_has_a_source_with_a_day() -> None:
    found = [source for rate in shipped().rates.values() for source in rate.sources]
    assert found
    assert all(source.title and source.as_of.year == 2026 for source in found)


def test_the_prices_of_the_project_name_every_source_that_they_have() -> None:
    used = {source.name for rate in shipped().rates.values() for source in rate.sources}
    written = parse(SHIPPED.read_bytes(), "prices.yaml").root.value["sources"]
    assert set(written) == used


def test_where_sources_disagree_the_price_is_a_range() -> None:
    rate = shipped().rate(Item.TRANSFER, "us-east-1")
    assert rate is not None
    assert rate.price == Range(Decimal("0.01"), Decimal("0.09"))
    assert rate.text("USD") == "0.01 to 0.09 USD a GB"
    assert amount_text(rate.cost(Range(Decimal(100), Decimal(200)))) == "1.00 to 18.00"


def test_a_region_without_a_price_has_none_unless_another_stands_for_it() -> None:
    assert shipped().rate(Item.STORAGE, "af-south-1") is None
    rate = shipped().instead("us-east-1").rate(Item.STORAGE, "af-south-1")
    assert rate is not None
    assert rate.region == "us-east-1"


def test_a_price_of_every_region_holds_in_each() -> None:
    assert shipped().rate(Item.KEY, "af-south-1") == shipped().rates[Item.KEY, EVERYWHERE]


def test_a_price_in_dollars_is_none_where_aws_bills_in_another_currency() -> None:
    assert shipped().rate(Item.KEY, "cn-north-1") is None
    assert shipped().instead("us-east-1").rate(Item.STORAGE, "eusc-de-east-1") is None


def test_the_file_beside_the_registry_file_comes_first(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "registry.yaml"
    assert beside(file) is shipped()
    (tmp_path / "prices.yaml").write_text(f"currency: EUR\n{SOURCE}\nprices: {{key: {{'*': {{us: 2}}}}}}\n")
    assert beside(file).currency == "EUR"


REFUSED = {
    "negative": ("storage: {us-east-1: {us: -0.1}}", "3:36", "this is no price", "-0.1"),
    "not a number": ("storage: {us-east-1: {us: .nan}}", "3:36", "this is no price", ".nan"),
    "endless": ("storage: {us-east-1: {us: 1e400}}", "3:36", "this is no price", "inf"),
    "infinite": ("storage: {us-east-1: {us: .inf}}", "3:36", "this is no price", ".inf"),
    "huge": ("storage: {us-east-1: {us: 1e30}}", "3:36", "this is no price", "1e+30"),
    "true": ("storage: {us-east-1: {us: true}}", "3:36", "this is no price", "true"),
    "text": ('storage: {us-east-1: {us: "0.1"}}', "3:36", "this is no price", '"0.1"'),
    "a range upside down": ("storage: {us-east-1: {us: {low: 2, high: 1}}}", "3:32", "the low end is above", "2 and 1"),
    "half a range": ("storage: {us-east-1: {us: {low: 1}}}", "3:32", "this is no price", "nothing"),
    "an unknown item": ("gold: {us-east-1: {us: 1}}", "3:10", "nothing is billed by this name", '"gold"'),
    "no region": ("storage: {moon: {us: 1}}", "3:20", "this is no region", '"moon"'),
    "an unknown source": ("storage: {us-east-1: {me: 1}}", "3:32", "there is no such source", '"me"'),
    "no source": ("storage: {us-east-1: {}}", "3:20", "nobody says what this costs", "an empty map"),
    "no tiers": ("archive: {us-east-1: {us: []}}", "3:32", "there is no price", "an empty list"),
    "a last tier with an end": (
        "archive: {us-east-1: {us: [{up_to: 5, price: 1}]}}",
        "",
        "the last tier has no end",
        "5",
    ),
    "tiers that go back": (
        "archive: {us-east-1: {us: [{up_to: 5, price: 1}, {up_to: 4, price: 1}, {price: 1}]}}",
        "",
        "this tier ends before it begins",
        "4",
    ),
    "an endless tier": ("archive: {us-east-1: {us: [{up_to: .inf, price: 1}, {price: 1}]}}", "", "no quantity", ".inf"),
    "a list of prices": ("[storage]", "", "this is no map", "storage"),
}


@pytest.mark.parametrize(("text", "place", "message", "given"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_price_is_refused_with_its_place(text: str, place: str, message: str, given: str) -> None:
    with pytest.raises(InvalidFile) as refused:
        read(f"currency: USD\n{SOURCE}\nprices: {text if text.startswith('[') else '{' + text + '}'}\n")
    (first, *_) = refused.value.findings
    assert message in first.message
    assert given in first.given
    assert first.position.file == "prices.yaml"
    assert first.position.line == 3
    if place:
        assert str(first.position) == f"prices.yaml:{place}"
    assert first.allowed


HEADS = {
    "an unknown currency": ("currency: BTC", "no currency that AWS bills in", "USD, CNY, EUR"),
    "no currency": ("{}", "no currency that AWS bills in", "USD, CNY, EUR"),
    "a source without a day": (
        "currency: USD\nsources: {us: {title: us, as_of: soon}}",
        "this is no day",
        'the day it was looked up, in quotes: "2026-10-01"',
    ),
    "a source without a title": (
        'currency: USD\nsources: {us: {as_of: "2026-01-01"}}',
        "look up",
        "who says so, as text",
    ),
    "a source with a script": (
        'currency: USD\nsources: {us: {title: us, as_of: "2026-01-01", url: "javascript:x"}}',
        "no address",
        "https://…, or no such key",
    ),
    "an unknown key": ("currency: USD\nprice: {}", "there is no such key", "currency, sources, prices"),
    "nothing": ("", "this is no map", "a map of currency, sources, prices"),
    "no YAML": ("currency: [", "this is not YAML", ""),
}


@pytest.mark.parametrize(("text", "message", "allowed"), HEADS.values(), ids=HEADS)
def test_a_wrong_file_is_refused(text: str, message: str, allowed: str) -> None:
    with pytest.raises(InvalidFile) as refused:
        read(text)
    found = {(it.message, it.allowed) for it in refused.value.findings}
    assert any(message in said and allowed == may for said, may in found), found


amounts = st.decimals(0, 1000, places=6).map(lambda it: it.normalize() + 0)
ranges = st.tuples(amounts, amounts).map(lambda it: Range(min(it), max(it)))
sources = st.sampled_from(
    [Source(name, f'{name}: "quoted"', day, url) for name, day, url in (
        ("ours", date(2026, 1, 2), ""),
        ("theirs", date(2025, 12, 31), "https://example.com/x?y=#z"),
    )]
)  # fmt: skip


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    ends = sorted(draw(st.sets(st.integers(1, 10**9), max_size=3)))
    return (*(Tier(draw(ranges), Decimal(end)) for end in ends), Tier(draw(ranges)))


@st.composite
def rates(draw: st.DrawFn) -> Rate:
    quoted = draw(st.lists(sources, min_size=1, max_size=2, unique_by=lambda it: it.name))
    region = draw(st.sampled_from(["us-east-1", "eu-central-1", EVERYWHERE]))
    return Rate(draw(st.sampled_from(Item)), region, tuple(Quote(source, draw(tiers())) for source in quoted))


@given(st.lists(rates(), max_size=6))
def test_what_is_written_is_read_as_it_was(made: list[Rate]) -> None:
    prices = Prices(name="prices.yaml", currency="EUR", rates={(it.item, it.region): it for it in made})
    assert read(text_of(prices)) == prices


def test_a_price_file_of_the_documents_is_one() -> None:
    page = (ROOT / "docs" / "cost.md").read_text()
    (text,) = [it.partition("```")[0] for it in page.split("```yaml\n")[1:] if it.startswith("currency")]
    assert read(text).rate(Item.STORAGE, "eu-central-1") is not None
