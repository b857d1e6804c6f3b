"""AWS's own price list: which product of it is which item, and what its JSON says of the price.

A product is one of thousands of a service; the usage type tells them apart, such as USW2-VpcEndpoint-Hours (us-east-1's
have no prefix, or USE1). Those of ECR's archive and of Inspector are in no document, so they are looked for by words.
Dashboards are in no region's list; those of CodePipeline and CodeBuild were in nothing that could be read.
https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api.html,
https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from registry.cost.money import Range
from registry.cost.price_file import HIGHEST
from registry.cost.prices import Item, Quote, Rate, Source, Tier
from registry.findings import shown

#: Which regions of a partition answer for all of its regions: the API's endpoints, as botocore lists them.
ENDPOINTS: Final = {"aws": "us-east-1", "aws-cn": "cn-northwest-1"}
_PREFIX: Final = r"(?:[A-Z]{2,4}\d?-|[a-z]{2}(?:-[a-z]+)+-\d-)?"  # of usage types: KMS has the region's own name


@dataclass(frozen=True, slots=True)
class Wanted:
    """A product of a service: its usage type, the unit of its price (any where it is empty), and words against it."""

    service: str
    usage: re.Pattern[str]
    units: tuple[str, ...] = ()
    field: str = "regionCode"  # by which the region is asked for
    also: tuple[tuple[str, str], ...] = ()  # more that is asked for


def _wanted(service: str, usage: str, *units: str) -> Wanted:
    return Wanted(service, re.compile(_PREFIX + usage), units)


WANTED: Final[Mapping[Item, Wanted]] = {
    Item.STORAGE: _wanted("AmazonECR", r"TimedStorage-ByteHrs", "GB-Mo"),
    Item.ARCHIVE: _wanted("AmazonECR", r".*Archiv\w*.*ByteHrs|TimedStorage-\w*Archiv\w*.*", "GB-Mo"),
    Item.RESTORE: _wanted("AmazonECR", r".*(?:Restor|Retriev)\w*.*", "GB"),
    Item.TRANSFER: Wanted(
        "AWSDataTransfer",
        re.compile(r"[A-Z0-9]+-[A-Z0-9]+-AWS-Out-Bytes"),
        ("GB",),
        "fromRegionCode",
        (("transferType", "InterRegion Outbound"),),
    ),
    Item.FIRST_SCAN: _wanted("AmazonInspectorV2", r"(?!.*[Rr]e-?[Ss]can).*(?:ECR|ContainerImage)\w*.*"),
    Item.RESCAN: _wanted("AmazonInspectorV2", r"(?=.*[Rr]e-?[Ss]can).*(?:ECR|ContainerImage)\w*.*"),
    Item.ENDPOINT: _wanted("AmazonVPC", r"VpcEndpoint-Hours", "Hrs", "hours"),
    Item.ENDPOINT_DATA: _wanted("AmazonVPC", r"VpcEndpoint-Bytes", "GB", "GigaBytes"),
    Item.KEY: _wanted("awskms", r"KMS-Keys"),
    Item.KEY_REQUESTS: _wanted("awskms", r"KMS-Requests"),
    Item.SECRET: _wanted("AWSSecretsManager", r"AWSSecretsManager-Secrets"),
    Item.ALARM: _wanted("AmazonCloudWatch", r"CW:AlarmMonitorUsage"),
}
SERVICES: Final = tuple(dict.fromkeys((it.service, it.field, it.also) for it in WANTED.values()))


class WrongProduct(Exception):
    """A product that cannot be taken for a price: why."""


def rate_of(
    item: Item, region: str, products: Iterable[Mapping[str, Any]], currency: str, to: Iterable[str], today: date
) -> Rate | None:
    """The price of an item in a region, from the products of its service; None where none of them is it.

    Several products are several sources: the estimate becomes a range.

    :param to: the regions that something is copied to from this one.
    :param today: the day on which it was asked, where a product has no day of its own.
    :raises WrongProduct: for a price that is none, or in another unit or currency.
    """
    wanted, found, receiving = WANTED[item], dict[str, Quote](), frozenset(to)
    for product in products:
        attributes = _map(_map(product, "product"), "attributes")
        usage = str(attributes.get("usagetype", ""))
        if attributes.get(wanted.field) != region or not wanted.usage.fullmatch(usage):
            continue
        if item is Item.TRANSFER and receiving and attributes.get("toRegionCode") not in receiving:
            continue
        tiers = _tiers(product, wanted, currency, usage)
        if tiers:
            title = f"AWS's price list: {wanted.service} {usage} in {region}"
            found[usage] = Quote(Source(f"aws-{usage}-{region}", title, _day(product, today)), tiers)
    return Rate(item, region, tuple(quote for _, quote in sorted(found.items()))) if found else None


def _map(value: Any, key: str) -> Mapping[str, Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _tiers(product: Mapping[str, Any], wanted: Wanted, currency: str, usage: str) -> tuple[Tier, ...]:
    """The tiers on demand, from the first unit on without a gap."""
    dimensions = [
        dimension
        for term in _map(_map(product, "terms"), "OnDemand").values()
        for dimension in _map(term, "priceDimensions").values()
        if isinstance(dimension, Mapping)
    ]
    found: list[tuple[Decimal, Decimal | None, Decimal]] = []
    for each in dimensions:
        unit = str(each.get("unit", ""))
        if wanted.units and unit not in wanted.units:
            raise WrongProduct(f"{usage} is priced by {shown(unit)}, not by {' or '.join(wanted.units)}")
        prices = _map(each, "pricePerUnit")
        if currency not in prices:
            raise WrongProduct(f"{usage} has no price in {currency}, but in {', '.join(map(str, prices)) or 'none'}")
        end = str(each.get("endRange", "Inf"))
        found.append(
            (
                _number(each.get("beginRange", "0"), usage, 10**15),
                None if end == "Inf" else _number(end, usage, 10**15),
                _number(prices[currency], usage, HIGHEST),
            )
        )
    found.sort(key=lambda it: it[0])
    begin: Decimal | None = Decimal(0)
    for start, end_, _ in found:
        if start != begin or (end_ is not None and end_ <= start):
            raise WrongProduct(f"{usage} has tiers with a gap, or over each other")
        begin = end_
    if found and begin is not None:
        raise WrongProduct(f"{usage} has no price above {begin}")
    return tuple(Tier(Range.of(price), end_) for _, end_, price in found)


def _number(value: Any, usage: str, highest: int) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not (number.is_finite() and 0 <= number <= highest):
        raise WrongProduct(f"{usage} has {shown(value)} where a number from 0 to {highest:,} should be")
    return number.normalize() + 0


def _day(product: Mapping[str, Any], today: date) -> date:
    try:
        return date.fromisoformat(str(product.get("publicationDate", ""))[:10])
    except ValueError:
        return today
