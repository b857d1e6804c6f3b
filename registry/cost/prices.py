"""What is billed, and what it costs where: each price with who says so, and when it was looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from registry.cost.money import EXACT, Range, number_text, one
from registry.naming import partition

#: Partitions that AWS bills in a currency of their own: https://www.amazonaws.cn/en/pricing/, https://aws.eu/faq/
_CURRENCIES: Final = {"aws-cn": "CNY", "aws-eusc": "EUR"}
#: A region of a price that holds in all of them.
EVERYWHERE: Final = "*"


class Item(StrEnum):
    """Something AWS bills. The value is its name in a file of prices."""

    STORAGE = "storage"
    ARCHIVE = "archive"
    RESTORE = "restore"
    TRANSFER = "transfer"
    FIRST_SCAN = "first-scan"
    RESCAN = "rescan"
    ENDPOINT = "endpoint"
    ENDPOINT_DATA = "endpoint-data"
    KEY = "key"
    KEY_REQUESTS = "key-requests"
    SECRET = "secret"  # noqa: S105  an item, no secret
    ALARM = "alarm"
    DASHBOARD = "dashboard"
    PIPELINE_MINUTE = "pipeline-minute"
    BUILD_MINUTE = "build-minute"

    @property
    def unit(self) -> str:
        """What a price of it is for."""
        return _WORDS[self][0]

    @property
    def words(self) -> str:
        """What people call it."""
        return _WORDS[self][1]


_WORDS: Final = {
    Item.STORAGE: ("GB-month", "storage"),
    Item.ARCHIVE: ("GB-month", "archive storage"),
    Item.RESTORE: ("GB", "restoring from the archive"),
    Item.TRANSFER: ("GB", "transfer to other regions"),
    Item.FIRST_SCAN: ("image", "first scan by Inspector"),
    Item.RESCAN: ("rescan", "scan again by Inspector"),
    Item.ENDPOINT: ("endpoint-AZ-hour", "VPC endpoints"),
    Item.ENDPOINT_DATA: ("GB", "data through VPC endpoints"),
    Item.KEY: ("key version-month", "KMS keys"),
    Item.KEY_REQUESTS: ("request", "KMS requests"),
    Item.SECRET: ("secret-month", "secrets of pull-through caches"),
    Item.ALARM: ("alarm-month", "CloudWatch alarms"),
    Item.DASHBOARD: ("dashboard-month", "CloudWatch dashboards"),
    Item.PIPELINE_MINUTE: ("action-minute", "CodePipeline"),
    Item.BUILD_MINUTE: ("SMALL-minute", "CodeBuild"),
}


@dataclass(frozen=True, slots=True)
class Source:
    """Who says what a price is, and the day on which that was looked up; `url` may be empty."""

    name: str
    title: str
    as_of: date
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    """A price up to a quantity of a month (None: for all that is more)."""

    price: Range
    up_to: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What one source says; the last of its tiers has no end."""

    source: Source
    tiers: tuple[Tier, ...]

    def cost(self, quantity: Decimal, *, high: bool) -> Decimal:
        """What a quantity of a month costs, at the low end of the prices or at the high one."""
        total, begin = Decimal(0), Decimal(0)
        for tier in self.tiers:
            end = quantity if tier.up_to is None else min(quantity, tier.up_to)
            if end > begin:
                price = tier.price.high if high else tier.price.low
                total = EXACT.add(total, EXACT.multiply(EXACT.subtract(end, begin), price))
                begin = end
        return total


@dataclass(frozen=True, slots=True)
class Rate:
    """What something costs in a region: what every source of it says."""

    item: Item
    region: str
    quotes: tuple[Quote, ...]

    def cost(self, quantity: Range) -> Range:
        """What a quantity of a month costs: the least that a source says of its low end, the most of its high one."""
        return Range(
            min(quote.cost(quantity.low, high=False) for quote in self.quotes),
            max(quote.cost(quantity.high, high=True) for quote in self.quotes),
        )

    @property
    def price(self) -> Range:
        """The price of the first unit that costs something."""
        first = [
            next((it.price for it in quote.tiers if it.price.high), quote.tiers[-1].price) for quote in self.quotes
        ]
        return Range(min(it.low for it in first), max(it.high for it in first))

    @property
    def tiered(self) -> bool:
        """Whether more of it costs less, or the first of it nothing."""
        return any(len(quote.tiers) > 1 for quote in self.quotes)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Who says so."""
        return tuple(quote.source for quote in self.quotes)

    def text(self, currency: str) -> str:
        """The price in words: 0.01 to 0.09 USD a GB."""
        return f"{number_text(self.price)} {currency} {one(self.item.unit)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """The prices of a file, `name`. `like` is the region whose prices stand for those that a region lacks."""

    name: str
    currency: str
    rates: Mapping[tuple[Item, str], Rate]
    like: str | None = None

    def rate(self, item: Item, region: str) -> Rate | None:
        """What something costs in a region; None where nobody says.

        A price of other regions holds in no partition that AWS bills in another currency.
        """
        others = (EVERYWHERE, *((self.like,) if self.like else ()))
        foreign = _CURRENCIES.get(partition(region), self.currency) != self.currency
        regions = (region,) if foreign else (region, *others)
        return next((self.rates[item, each] for each in regions if (item, each) in self.rates), None)

    def instead(self, region: str) -> Prices:
        """The same where a region's prices stand for those that another one lacks."""
        return replace(self, like=region)

    @property
    def regions(self) -> tuple[str, ...]:
        """Those that have a price."""
        return tuple(sorted({region for _, region in self.rates if region != EVERYWHERE}))

    def renewed(self, rates: Mapping[tuple[Item, str], Rate]) -> Prices:
        """The same with other prices in place of its own."""
        return replace(self, rates={**self.rates, **rates})
