"""What `ecrctl cost` and `ecrctl prices` show: tables for people, and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal

from ops.cost.run import Cost
from ops.terminal import count
from registry.cost.bill import Bill, Line
from registry.cost.budgets import spent
from registry.cost.money import EXACT, GIGABYTE, HOURS, Range, amount_text, cents, number_text, summed
from registry.cost.prices import Item, Prices, Quote, Rate
from registry.findings import listed
from registry.locations import Location

By = Literal["item", "owner", "location", "line"]
_PLACES: Final = Decimal("0.000001")  # of amounts in JSON
_NOBODY: Final = "shared"
_NO_PRICE: Final = "no price"


def table(found: Cost, by: By) -> tuple[Sequence[str], list[list[Any]]]:
    """The bill as columns and rows; beside what it was, where there is a side before."""
    if found.before is not None:
        return _beside(found, found.before, by)
    bill = found.bill
    if by == "owner":
        rows = [
            [it.owner or _NOBODY, amount_text(it.monthly), _budget(it.budget)] for it in spent(bill, found.registry)
        ]
        return ("owner", "a month", "budget"), rows
    if by == "location":
        places = bill.by(lambda line: line.used.at.beside(found.registry.home))
        return ("where", "a month"), [[at, amount_text(monthly)] for at, monthly in places.items()]
    if by == "line":
        columns = ("what", "where", "of", "owner", "quantity", "price", "a month", "counted")
        return columns, [_line(line, bill, found.registry.home) for line in bill.lines]
    return ("what", "where", "quantity", "price", "a month"), [*_items(bill, found.registry.home)]


def _budget(budget: int | None) -> str:
    return "" if budget is None else cents(Decimal(budget))


def _line(line: Line, bill: Bill, home: Location) -> list[Any]:
    used = line.used
    return [
        line.item.words,
        used.at.beside(home),
        used.about,
        used.owner or _NOBODY,
        f"{number_text(used.quantity)} {line.item.unit}",
        _price(line.rate, bill.prices),
        _NO_PRICE if line.monthly is None else amount_text(line.monthly),
        used.counted,
    ]


def _items(bill: Bill, home: Location) -> Iterator[list[Any]]:
    groups: dict[tuple[str, Location], list[Line]] = {}
    for line in bill.lines:
        groups.setdefault((line.item, line.used.at), []).append(line)
    for (_, at), lines in groups.items():
        item, amounts = lines[0].item, [line.monthly for line in lines if line.monthly is not None]
        quantity = number_text(summed(line.used.quantity for line in lines))
        monthly = amount_text(summed(amounts)) if amounts else _NO_PRICE
        yield [item.words, at.beside(home), f"{quantity} {item.unit}", _price(lines[0].rate, bill.prices), monthly]


def _price(rate: Rate | None, prices: Prices) -> str:
    if rate is None:
        return _NO_PRICE
    return number_text(rate.price) + (f" (of {rate.region})" if rate.region == prices.like else "")


def _beside(found: Cost, before: Bill, by: By) -> tuple[Sequence[str], list[list[Any]]]:
    home = found.registry.home
    keys: dict[str, Callable[[Line], str]] = {
        "owner": lambda line: line.used.owner or _NOBODY,
        "location": lambda line: line.used.at.beside(home),
        "item": lambda line: f"{line.item.words} in {line.used.at.beside(home)}",
        "line": lambda line: f"{line.item.words} of {line.used.about} in {line.used.at.beside(home)}",
    }
    old, new = (it.by(keys[by]) for it in (before, found.bill))
    rows = [
        [key, amount_text(was), amount_text(becomes), difference_text(was, becomes)]
        for key in sorted({*old, *new})
        for was, becomes in [(old.get(key, Range()), new.get(key, Range()))]
    ]
    return ("what", "before", "after", "difference"), rows


def difference(was: Range, becomes: Range) -> Range:
    """How much more: what is open is a price, and it is the same before and after."""
    ends = [EXACT.subtract(becomes.low, was.low), EXACT.subtract(becomes.high, was.high)]
    return Range(min(ends), max(ends))


def difference_text(was: Range, becomes: Range) -> str:
    """The same with its sign."""
    found = difference(was, becomes)
    low, high = (f"{'+' if end > 0 else ''}{cents(end)}" for end in (found.low, found.high))
    return low if low == high else f"{low} to {high}"


def summary(found: Cost) -> list[str]:
    """What stands below the table: the sum, what is not in it, and whose prices they are."""
    bill = found.bill
    lines = [f"{amount_text(bill.total)} {bill.prices.currency} a month, estimated"]
    if found.before is not None:
        old = found.before.total
        lines[0] += f"; {amount_text(old)} in {found.old}: {difference_text(old, bill.total)}"
    lines += [*_unpriced(found), *_not_counted(found)]
    lines += bill.notes
    if bill.sources:
        oldest = min(it.as_of for it in bill.sources)
        lines.append(f"prices: {bill.prices.name}, the oldest of {oldest}; `ecrctl prices` says whose they are")
    if bill.unpriced or any(it.rate is None for it in bill.left):
        lines.append("what has no price gets one by `ecrctl prices --renew`, or by --prices-of REGION")
    return lines


def _unpriced(found: Cost) -> Iterator[str]:
    """What is used and has no price, one line for each item."""
    items: dict[str, list[str]] = {}
    for line in found.bill.unpriced:
        items.setdefault(line.item.words, []).append(line.used.at.beside(found.registry.home))
    for words, places in items.items():
        yield f"no price of {words} in {listed(dict.fromkeys(places))}: not in the sum"


def _not_counted(found: Cost) -> Iterator[str]:
    """What is left out, one line for each reason."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for it in found.bill.left:
        price = it.rate.text(found.bill.prices.currency) if it.rate else _NO_PRICE
        places = reasons.setdefault((it.item.words, it.why), [])
        places.append(f"{it.at.beside(found.registry.home)} ({price})")
    for (words, why), places in reasons.items():
        yield f"not counted: {words} in {listed(dict.fromkeys(places))}: {why}"


def report(found: Cost) -> dict[str, Any]:
    """The bill for programs: amounts are texts, as AWS's own are, to a millionth."""
    said = _bill(found.bill) | {
        "owners": [
            {
                "owner": it.owner,
                "monthly": _range(it.monthly),
                "budget": it.budget,
                "exceeded": it.over,
                "mayExceed": it.maybe,
            }
            for it in spent(found.bill, found.registry)
        ],
        "findings": [it.as_dict() for it in found.findings],
    }
    if found.before is not None:
        more = difference(found.before.total, found.bill.total)
        said["before"] = {"name": found.old, **_bill(found.before)}
        said["difference"] = _range(more)
    return said


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        "currency": bill.prices.currency,
        "total": _range(bill.total),
        "complete": not bill.unpriced and not bill.left,
        "hoursInAMonth": int(HOURS),
        "bytesInAGigabyte": int(GIGABYTE),
        "lines": [_line_row(it) for it in bill.lines],
        "notCounted": [
            {**_place(it.at), "item": it.item, "why": it.why, "unit": it.item.unit, "price": _rate(it.rate)}
            for it in bill.left
        ],
        "notes": list(bill.notes),
        "prices": {"file": bill.prices.name, "insteadOfMissing": bill.prices.like},
        "sources": [
            {"name": it.name, "title": it.title, "url": it.url or None, "asOf": it.as_of.isoformat()}
            for it in bill.sources
        ],
    }


def _line_row(line: Line) -> dict[str, Any]:
    used = line.used
    return {
        **_place(used.at),
        "item": line.item,
        "about": used.about,
        "owner": used.owner or None,
        "quantity": _range(used.quantity),
        "unit": line.item.unit,
        "counted": used.counted,
        "price": _rate(line.rate),
        "monthly": None if line.monthly is None else _range(line.monthly),
    }


def _place(at: Location) -> dict[str, str]:
    return {"account": at.account, "region": at.region}


def _rate(rate: Rate | None) -> dict[str, Any] | None:
    if rate is None:
        return None
    return {
        **_range(rate.price),
        "tiers": rate.tiered,
        "ofRegion": rate.region,
        "sources": [it.name for it in rate.sources],
    }


def _range(found: Range) -> Mapping[str, str]:
    return {"low": _decimal(found.low), "high": _decimal(found.high)}


def _decimal(amount: Decimal) -> str:
    rounded = amount.quantize(_PLACES, ROUND_HALF_UP, EXACT) + 0
    return f"{rounded:f}".rstrip("0").rstrip(".") if rounded else "0"


def price_rows(prices: Prices, regions: Sequence[str]) -> list[dict[str, Any]]:
    """The prices of some regions for programs, one row a source; of what has none a row without."""
    return [
        {
            "item": item,
            "region": region,
            "unit": item.unit,
            "currency": prices.currency,
            "source": quote.source.name if quote else None,
            "title": quote.source.title if quote else None,
            "url": (quote.source.url or None) if quote else None,
            "asOf": quote.source.as_of.isoformat() if quote else None,
            "tiers": [
                {"upTo": None if it.up_to is None else _decimal(it.up_to), "price": _range(it.price)}
                for it in (quote.tiers if quote else ())
            ],
        }
        for item, region, quote in _quotes(prices, regions)
    ]


def _quotes(prices: Prices, regions: Sequence[str]) -> Iterator[tuple[Item, str, Quote | None]]:
    for item in Item:
        for region in regions:
            rate = prices.rate(item, region)
            for quote in rate.quotes if rate else (None,):
                yield item, region, quote


def price_table(prices: Prices, regions: Sequence[str]) -> tuple[Sequence[str], list[list[Any]]]:
    """The same as columns and rows."""
    rows = [
        [item.words, region, _tiers(quote), item.unit, quote.source.title, quote.source.as_of]
        if quote
        else [item.words, region, _NO_PRICE, item.unit, "", ""]
        for item, region, quote in _quotes(prices, regions)
    ]
    return ("what", "region", f"price in {prices.currency}", "unit", "source", "looked up"), rows


def _tiers(quote: Quote) -> str:
    return ", then ".join(
        number_text(it.price) + (f" up to {number_text(Range.of(it.up_to))}" if it.up_to is not None else "")
        for it in quote.tiers
    )


def price_summary(prices: Prices, regions: Sequence[str]) -> str:
    """One line below the table."""
    days = [quote.source.as_of for _, _, quote in _quotes(prices, regions) if quote]
    missing = sum(quote is None for _, _, quote in _quotes(prices, regions))
    dates = f", looked up from {min(days)} to {max(days)}" if days else ""
    less = f"; {count(missing, 'price')} missing, which `ecrctl prices --renew` asks AWS for" if missing else ""
    return f"{prices.name}: prices of {', '.join(regions)} in {prices.currency}{dates}{less}"
