"""Products of AWS's price list: which one is which item, and what cannot be taken for a price."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from registry.cost.money import Range
from registry.cost.price_list import WANTED, WrongProduct, rate_of
from registry.cost.prices import Item, Rate

TODAY = date(2026, 11, 26)


def product(usage: str, *tiers: tuple[str, str, str], unit: str = "GB-Mo", currency: str = "USD",
            region: str = "eu-central-1", field: str = "regionCode", **more: str) -> dict[str, Any]:  # fmt: skip
    """A product as the API has it: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html"""
    dimensions = {
        f"SKU.JRTCKXETXF.{n}": {
            "unit": unit,
            "beginRange": begin,
            "endRange": end,
            "description": f"${price} per {unit}",
            "appliesTo": [],
            "rateCode": f"SKU.JRTCKXETXF.{n}",
            "pricePerUnit": {currency: price},
        }
        for n, (begin, end, price) in enumerate(tiers)
    }
    return {
        "product": {
            "productFamily": "EC2 Container Registry",
            "attributes": {field: region, "servicecode": "X", "usagetype": usage, **more},
            "sku": "SKU",
        },
        "serviceCode": "X",
        "terms": {"OnDemand": {"SKU.JRTCKXETXF": {"priceDimensions": dimensions, "sku": "SKU"}}},
        "version": "20261101",
        "publicationDate": "2026-11-01T12:00:00Z",
    }


ONE = ("0", "Inf", "0.1000000000")


def found(
    item: Item, *products: Mapping[str, Any], region: str = "eu-central-1", to: tuple[str, ...] = ()
) -> Rate | None:
    return rate_of(item, region, products, "USD", to, TODAY)


USAGE = {
    "TimedStorage-ByteHrs": Item.STORAGE,
    "EUC1-TimedStorage-ByteHrs": Item.STORAGE,
    "EUC1-Archive-TimedStorage-ByteHrs": Item.ARCHIVE,
    "EUC1-TimedStorage-Archive-ByteHrs": Item.ARCHIVE,
    "EUC1-Archive-Restore-Bytes": Item.RESTORE,
    "EUC1-VpcEndpoint-Hours": Item.ENDPOINT,
    "USE1-VpcEndpoint-Bytes": Item.ENDPOINT_DATA,
    "eu-central-1-KMS-Keys": Item.KEY,
    "eu-central-1-KMS-Requests": Item.KEY_REQUESTS,
    "EUC1-AWSSecretsManager-Secrets": Item.SECRET,
    "EUC1-CW:AlarmMonitorUsage": Item.ALARM,
    "EUC1-InspectorV2-ECR-ImageScans": Item.FIRST_SCAN,
    "EUC1-InspectorV2-ECR-ImageRescans": Item.RESCAN,
}
#: Near to those, and other things: each has misled a tool.
OTHERS = [
    *("EUC1-VpcEndpoint-Service-Hours", "EUC1-KMS-Requests-Asymmetric", "EUC1-KMS-Requests-GenerateDatakeyPair-RSA"),
    *("EUC1-CW:HighResAlarmMonitorUsage", "EUC1-TimedStorage-ByteHrs-Other", "EUC1-InspectorV2-EC2-InstanceHours"),
    *("EUC1-AWSSecretsManagerAPIRequest", "EUC1-VpcEndpoint-GWLBE-Hours"),
]


@pytest.mark.parametrize(("usage", "item"), USAGE.items(), ids=USAGE)
def test_a_usage_type_is_one_item(usage: str, item: Item) -> None:
    assert [it for it, wanted in WANTED.items() if wanted.usage.fullmatch(usage)] == [item]


@pytest.mark.parametrize("usage", OTHERS)
def test_what_only_looks_like_an_item_is_none(usage: str) -> None:
    assert [it for it, wanted in WANTED.items() if wanted.usage.fullmatch(usage)] == []


def test_a_price_has_its_product_and_the_day_of_the_list() -> None:
    rate = found(Item.STORAGE, product("EUC1-TimedStorage-ByteHrs", ONE))
    assert rate is not None
    assert rate.price == Range.of(Decimal("0.1"))
    (source,) = rate.sources
    assert source.title == "AWS's price list: AmazonECR EUC1-TimedStorage-ByteHrs in eu-central-1"
    assert source.as_of == date(2026, 11, 1)


def test_tiers_may_come_in_any_order() -> None:
    rate = found(
        Item.ARCHIVE, product("EUC1-Archive-TimedStorage-ByteHrs", ("153600", "Inf", "0.07"), ("0", "153600", "0.1"))
    )
    assert rate is not None
    assert rate.cost(Range.of(153_601)) == Range.of(Decimal("15360.07"))


def test_a_product_of_another_region_is_not_it() -> None:
    assert found(Item.STORAGE, product("TimedStorage-ByteHrs", ONE, region="us-east-1")) is None


def test_a_product_that_is_missing_is_no_price_of_nothing() -> None:
    assert found(Item.STORAGE) is None
    assert found(Item.STORAGE, {}, {"product": None}, {"product": {"attributes": []}}) is None
    without = product("EUC1-TimedStorage-ByteHrs")
    assert found(Item.STORAGE, without) is None


def test_several_products_are_a_range() -> None:
    rate = found(
        Item.FIRST_SCAN,
        product("EUC1-InspectorV2-ECR-ImageScans", ("0", "Inf", "0.09"), unit="Scans"),
        product("EUC1-InspectorV2-ECR-Agentless", ("0", "Inf", "0.11"), unit="Scans"),
    )
    assert rate is not None
    assert rate.price == Range(Decimal("0.09"), Decimal("0.11"))


def test_transfer_is_to_the_regions_of_replicas() -> None:
    way = {"field": "fromRegionCode", "unit": "GB"}
    near = product("EUC1-EUW1-AWS-Out-Bytes", ("0", "Inf", "0.02"), toRegionCode="eu-west-1", **way)
    far = product("EUC1-APN2-AWS-Out-Bytes", ("0", "Inf", "0.08"), toRegionCode="ap-northeast-2", **way)
    one, both = found(Item.TRANSFER, near, far, to=("eu-west-1",)), found(Item.TRANSFER, near, far)
    assert one is not None
    assert both is not None
    assert one.price == Range.of(Decimal("0.02"))
    assert both.price == Range(Decimal("0.02"), Decimal("0.08"))


WRONG = {
    "a GB where an hour should be": (product("EUC1-VpcEndpoint-Hours", ONE, unit="GB"), "priced by"),
    "another currency": (
        product("EUC1-VpcEndpoint-Hours", ONE, unit="Hrs", currency="CNY"),
        "no price in USD, but in CNY",
    ),
    "a negative price": (product("EUC1-VpcEndpoint-Hours", ("0", "Inf", "-1"), unit="Hrs"), "where a number"),
    "no number": (product("EUC1-VpcEndpoint-Hours", ("0", "Inf", "NaN"), unit="Hrs"), "where a number"),
    "an endless number": (product("EUC1-VpcEndpoint-Hours", ("0", "Inf", "1e99"), unit="Hrs"), "where a number"),
    "a gap": (product("EUC1-VpcEndpoint-Hours", ("0", "5", "1"), ("6", "Inf", "1"), unit="Hrs"), "a gap"),
    "two at once": (product("EUC1-VpcEndpoint-Hours", ONE, ONE, unit="Hrs"), "a gap, or over each other"),
    "an end": (product("EUC1-VpcEndpoint-Hours", ("0", "5", "1"), unit="Hrs"), "no price above 5"),
    "a late begin": (product("EUC1-VpcEndpoint-Hours", ("5", "Inf", "1"), unit="Hrs"), "a gap"),
    "words": (product("EUC1-VpcEndpoint-Hours", ("zero", "Inf", "1"), unit="Hrs"), "where a number"),
}


@pytest.mark.parametrize(("wrong", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_a_price_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongProduct, match=said):
        found(Item.ENDPOINT, wrong)
