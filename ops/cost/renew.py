"""Prices asked of AWS's price list, for the regions of a registry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ops.aws import cloud
from ops.aws.parallel import map_parallel
from ops.cost.run import regions_of
from registry.cost.price_list import ENDPOINTS, SERVICES, WANTED, WrongProduct, rate_of
from registry.cost.prices import Item, Prices, Rate
from registry.model import Registry
from registry.naming import partition

_PAGE = 100  # products in an answer, the most there can be


@dataclass(frozen=True, slots=True)
class Renewed:
    """Prices with those that AWS says now. `kept` says why others stayed as they were, or are still missing."""

    prices: Prices
    rates: Mapping[tuple[Item, str], Rate]
    kept: tuple[str, ...]


def renewed(registry: Registry, prices: Prices, today: date) -> Renewed:
    """Every price of a registry's regions, asked anew.

    :raises CloudError: where AWS refuses or cannot be asked, and where the partition has no price list.
    """
    home = partition(registry.region)
    if home not in ENDPOINTS:
        raise cloud.CloudError(
            f"AWS has no price list for the partition {home}\n    way out: write the prices into a file (docs/cost.md)"
        )
    client = cloud.client("pricing", ENDPOINTS[home])
    asked = [(region, *service) for region in regions_of(registry) for service in SERVICES]
    answers = map_parallel(asked, lambda it: _products(client, *it), "asking AWS's price list")
    products = dict(zip(asked, answers, strict=True))
    rates: dict[tuple[Item, str], Rate] = {}
    kept: list[str] = []
    away = [it.location.region for it in registry.replicas if it.location.region != registry.region]
    for region in regions_of(registry):
        for item in Item:
            known = "kept" if prices.rate(item, region) else "still without one"
            wanted = WANTED.get(item)
            if wanted is None:
                kept.append(f"{item.words} in {region}: nobody knows its name in AWS's list; {known}")
                continue
            key = (region, wanted.service, wanted.field, wanted.also)
            try:
                rate = rate_of(item, region, products[key], prices.currency, away, today)
            except WrongProduct as problem:
                kept.append(f"{item.words} in {region}: {problem}")
                continue
            if rate is not None:
                rates[item, region] = rate
            else:
                kept.append(f"{item.words} in {region}: AWS's list has none; {known}")
    return Renewed(prices.renewed(rates), rates, tuple(kept))


def _products(
    client: Any, region: str, service: str, field: str, also: tuple[tuple[str, str], ...]
) -> list[Mapping[str, Any]]:
    """Every product of a service in a region, page after page."""
    filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in ((field, region), *also)]
    found: list[Mapping[str, Any]] = []
    token: str | None = None
    seen: set[str] = set()
    while True:
        more = {"NextToken": token} if token else {}
        answer = client.get_products(
            ServiceCode=service, Filters=filters, FormatVersion="aws_v1", MaxResults=_PAGE, **more
        )
        for text in answer["PriceList"]:
            product = cloud.read_json(text, "GetProducts") if isinstance(text, str) else text
            if not isinstance(product, Mapping):
                raise cloud.OddAnswer("GetProducts", f"a product is {json.dumps(product)[:60]}")
            found.append(product)
        token = answer.get("NextToken")
        if not token:
            return found
        if token in seen:
            raise cloud.OddAnswer("GetProducts", "a page leads back to an earlier one")
        seen.add(token)
