"""Files of prices: read with every problem and its place, and written so that reading gives the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry.cost.money import Range
from registry.cost.prices import EVERYWHERE, Item, Prices, Quote, Rate, Source, Tier
from registry.errors import InvalidFile
from registry.findings import Finding, Severity, YamlPath, listed, shown
from registry.limits import REGION
from registry.reading import yaml_reader
from registry.reading.document import Document

#: The prices that come with the project.
SHIPPED: Final = Path(__file__).with_name("prices.yaml")
#: What the file of a registry's own prices is called, beside the registry file.
OWN: Final = "prices.yaml"
#: What AWS bills in: its partitions for China and for European sovereignty have their own.
CURRENCIES: Final = ("USD", "CNY", "EUR")
#: No unit that is billed here costs so much; a price that does is a slip of the point.
HIGHEST: Final = 1_000
_RULE: Final = "price-file"
_PRICE: Final = f"a number from 0 to {HIGHEST:,}, such as 0.10"


@cache
def shipped() -> Prices:
    """The prices that come with the project."""
    return read(SHIPPED, f"registry/cost/{SHIPPED.name}")


def beside(file: Path) -> Prices:
    """The prices beside a registry file, prices.yaml, or else those that come with the project.

    :raises InvalidFile: as `read`.
    """
    own = file.parent / OWN
    return read(own) if own.is_file() else shipped()


def read(path: Path, name: str | None = None) -> Prices:
    """The prices of a file.

    :param name: what findings call it (default: the path).
    :raises InvalidFile: with every problem of it.
    :raises UnreadableFile: where there is no file, or it may not be read.
    """
    return prices_of(yaml_reader.read(path, name))


def prices_of(document: Document) -> Prices:
    """The same of a file that has been read."""
    reader = _Reader(document)
    found = reader.prices()
    if reader.findings:
        raise InvalidFile(sorted(reader.findings, key=lambda it: it.position))
    return found


class _Reader:
    """Walks over a document and says of every value what is wrong with it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings = list(document.findings)

    def refuse(
        self, at: YamlPath, message: str, given: Any, allowed: str, way_out: str = "", *, key: bool = False
    ) -> None:
        position = self.document.position(at, key=key)
        self.findings.append(Finding(_RULE, Severity.ERROR, position, message, shown(given), allowed, way_out))

    def prices(self) -> Prices:
        root = self.map((), self.document.root.value, ("currency", "sources", "prices"))
        currency = root.get("currency")
        if currency not in CURRENCIES:
            self.refuse(("currency",), "this is no currency that AWS bills in", currency, listed(CURRENCIES))
        sources = {
            name: self.source(("sources", name), value)
            for name, value in self.map(("sources",), root.get("sources") or {}).items()
        }
        rates = {}
        for name, regions in self.map(("prices",), root.get("prices") or {}).items():
            if name not in set(Item):
                self.refuse(("prices", name), "nothing is billed by this name", name, listed(Item), key=True)
                continue
            for region, quoted in self.map(("prices", name), regions).items():
                at: YamlPath = ("prices", name, region)
                if region != EVERYWHERE and not REGION.fullmatch(region):
                    self.refuse(at, "this is no region", region, "a region, or * for all", key=True)
                quotes = tuple(self.quotes(at, self.map(at, quoted), sources))
                if quotes:
                    rates[Item(name), region] = Rate(Item(name), region, quotes)
        return Prices(name=self.document.name, currency=str(currency), rates=rates)

    def map(self, at: YamlPath, value: Any, keys: tuple[str, ...] = ()) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.refuse(at, "this is no map", value, f"a map of {listed(keys)}" if keys else "a map")
            return {}
        found = {str(key): each for key, each in value.items()}
        for key in found if keys else ():
            if key not in keys:
                self.refuse((*at, key), "there is no such key", key, listed(keys), "remove it", key=True)
        return found

    def source(self, at: YamlPath, value: Any) -> Source | None:
        said = self.map(at, value, ("title", "url", "as_of"))
        title, url, day = said.get("title"), said.get("url", ""), said.get("as_of")
        if not isinstance(title, str) or not title.strip():
            self.refuse((*at, "title"), "nobody can look up this source", title, "who says so, as text")
        if not isinstance(url, str) or not (url == "" or url.startswith("https://")):
            self.refuse((*at, "url"), "this is no address", url, "https://…, or no such key")
        try:
            as_of = date.fromisoformat(day) if isinstance(day, str) else None
        except ValueError:
            as_of = None
        if as_of is None:
            self.refuse((*at, "as_of"), "this is no day", day, 'the day it was looked up, in quotes: "2026-10-01"')
            return None
        return Source(at[-1] if isinstance(at[-1], str) else "", str(title), as_of, str(url))

    def quotes(self, at: YamlPath, quoted: Mapping[str, Any], sources: Mapping[str, Source | None]) -> Iterator[Quote]:
        if not quoted:
            self.refuse(at, "nobody says what this costs", "an empty map", "prices by the names of sources", key=True)
        for name, value in quoted.items():
            place = (*at, name)
            if name not in sources:
                known = listed(sources) or "none"
                self.refuse(place, "there is no such source", name, known, "write it under sources", key=True)
                continue
            tiers = tuple(self.tiers(place, value))
            source = sources[name]
            if tiers and source is not None:
                yield Quote(source, tiers)

    def tiers(self, at: YamlPath, value: Any) -> Iterator[Tier]:
        if not isinstance(value, list):
            yield Tier(self.range(at, value))
            return
        begin = Decimal(0)
        if not value:
            self.refuse(at, "there is no price", "an empty list", "tiers, the last one without up_to", key=True)
        for index, each in enumerate(value):
            place, last = (*at, index), index == len(value) - 1
            said = self.map(place, each, ("up_to", "price"))
            end = self.number((*place, "up_to"), said["up_to"], 10**12, "a quantity") if "up_to" in said else None
            if (end is None) != last:
                self.refuse(
                    place,
                    "the last tier has no end, and each other one has",
                    said.get("up_to"),
                    "up_to in all but the last",
                )
            elif end is not None and end <= begin:
                self.refuse((*place, "up_to"), "this tier ends before it begins", said["up_to"], f"more than {begin}")
            begin = end or begin
            yield Tier(self.range((*place, "price"), said.get("price")), end)

    def range(self, at: YamlPath, value: Any) -> Range:
        if not isinstance(value, dict):
            return Range.of(self.number(at, value))
        said = self.map(at, value, ("low", "high"))
        low, high = (self.number((*at, key), said.get(key)) for key in ("low", "high"))
        if low > high:
            self.refuse(
                at, "the low end is above the high one", f"{low} and {high}", "low, then high", "exchange the two"
            )
        return Range(low, high)

    def number(self, at: YamlPath, value: Any, highest: int = HIGHEST, allowed: str = _PRICE) -> Decimal:
        """A number that is finite, not negative and not larger than anything that is real."""
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= highest:
            return Decimal(str(value))
        self.refuse(at, "this is no price" if allowed == _PRICE else "this is no quantity", value, allowed,
                    "look at the source again")  # fmt: skip
        return Decimal(0)


def text_of(prices: Prices) -> str:
    """Prices as a file."""
    sources = {source.name: source for rate in prices.rates.values() for source in rate.sources}
    lines = [
        "# What AWS bills, by source: `ecrctl prices --renew` asks AWS's price list (docs/cost.md).",
        f"currency: {prices.currency}",
        "sources:",
    ]
    for name, source in sorted(sources.items()):
        lines += [f"  {json.dumps(name)}:", f"    title: {json.dumps(source.title)}"]
        lines += [f"    url: {json.dumps(source.url)}"] if source.url else []
        lines.append(f"    as_of: {json.dumps(source.as_of.isoformat())}")
    lines.append("prices:")
    for item in Item:
        regions = {region: rate for (of, region), rate in sorted(prices.rates.items()) if of is item}
        lines += [f"  {item}:  # {item.words}, by {item.unit}"] if regions else []
        for region, rate in regions.items():
            quoted = ", ".join(f"{json.dumps(it.source.name)}: {_quote_text(it)}" for it in rate.quotes)
            lines.append(f"    {json.dumps(region)}: {{{quoted}}}")
    return "\n".join(lines) + "\n"


def _quote_text(quote: Quote) -> str:
    if len(quote.tiers) == 1:
        return _range_text(quote.tiers[0].price)
    tiers = (
        f"{{{f'up_to: {it.up_to:f}, ' if it.up_to is not None else ''}price: {_range_text(it.price)}}}"
        for it in quote.tiers
    )
    return f"[{', '.join(tiers)}]"


def _range_text(price: Range) -> str:
    return f"{price.low:f}" if price.exact else f"{{low: {price.low:f}, high: {price.high:f}}}"
