"""What is counted and what is not: the file alone, images, assumptions, and cases that others have had."""

from __future__ import annotations

from decimal import Decimal

import pytest

from registry.cost import declared, stored
from registry.cost.assumed import NAMES, Assumed, WrongAssumption, assumed
from registry.cost.bill import bill
from registry.cost.money import Range, amount_text
from registry.cost.price_file import shipped
from registry.cost.prices import Item
from registry.usage.totals import Bytes, RepositoryUsage
from tests.registry.cost.worked import GB, NOW, TEXT, billed, holdings, registry_of
from tests.synth import SMALL

REGISTRY = registry_of(TEXT)
NOTHING = Assumed()


def endpoints(region: str, services: str, subnets: int) -> str:
    """A registry with endpoints in one VPC."""
    named = ", ".join(f"subnet-0a1b2c3d4e5f6071{n}" for n in range(subnets))
    return f"""
    registry: {{name: acme, account: "123456789012", region: {region}}}
    principals: {{nodes: {{role: "arn:aws:iam::210987654321:role/eks-node", outside_organization: true}}}}
    repositories: {{web/api: {{pull: [nodes]}}}}
    network:
      - vpc: {{id: vpc-0a1b2c3d4e5f60718, cidr: [10.20.0.0/16], subnets: [{named}]}}
        {services}
    """


def fixed(text: str, item: Item) -> str:
    registry = registry_of(text)
    found = bill(shipped(), declared.used(registry, NOTHING))
    return amount_text(Range(*(sum((getattr(it.monthly, end) for it in found.lines if it.item is item and it.monthly),
                                   Decimal(0)) for end in ("low", "high"))))  # fmt: skip


def test_an_endpoint_is_billed_in_every_zone_infracost_327() -> None:
    """https://github.com/infracost/infracost/issues/327: two zones, and the estimate had the hours of one."""
    one, two, three = (fixed(endpoints("us-east-1", "", n), Item.ENDPOINT) for n in (1, 2, 3))
    assert (one, two, three) == ("14.60", "29.20", "43.80")  # two endpoints, ecr.api and ecr.dkr


def test_the_hours_of_a_bill_open_bank_oss_593() -> None:
    """https://github.com/JiRaska/open-bank-oss/pull/593: 14,064 endpoint hours in eu-north-1 were billed as 147.67."""
    rate = shipped().rate(Item.ENDPOINT, "eu-north-1")
    assert rate is not None
    assert amount_text(rate.cost(Range.of(14_064))) == "147.67"


def test_a_size_that_nobody_knows_is_neither_nothing_nor_nan() -> None:
    """infracost/infracost pull 262 shows a dash, aws-samples/networking-costs-calculator issue 13 had `$NaN`."""
    found = bill(shipped(), declared.used(REGISTRY, NOTHING), stored.left(REGISTRY, None, NOTHING))
    assert not any(line.item is Item.STORAGE for line in found.lines)
    left = {(it.item, it.at.region): it for it in found.left}
    assert left[Item.STORAGE, "ap-northeast-2"].rate is not None
    assert "--images IMAGES.json, or --live" in left[Item.STORAGE, "ap-northeast-2"].why
    assert left[Item.TRANSFER, "ap-northeast-2"].why.endswith("--assume pushed-gb=N")


def test_the_archive_saves_nothing_below_150_tb() -> None:
    """https://hub.pointfive.co/inefficiencies/ecr-archive-storage-class-used-below-150-tb-threshold"""
    size = Bytes(1000 * GB, 1000 * GB)
    kept = RepositoryUsage(at=REGISTRY.home, repository="data/x", owner="", images=1, standard=size, archive=Bytes())
    archived = RepositoryUsage(
        at=REGISTRY.home, repository="data/x", owner="", images=1, standard=Bytes(), archive=size
    )
    assert billed(REGISTRY, [kept]).total == billed(REGISTRY, [archived]).total
    assert any(it.item is Item.RESTORE for it in billed(REGISTRY, [archived]).left)


def test_a_trials_endpoints_are_in_two_zones() -> None:
    text = f"""{SMALL}
repositories: {{web/api: {{pull: [nodes]}}}}
principals: {{nodes: {{role: "arn:aws:iam::210987654321:role/eks-node", outside_organization: true}}}}
network: [{{trial_vpc: {{name: try, cidr: 10.30.0.0/24}}}}]
"""
    assert fixed(text, Item.ENDPOINT) == "37.96"


def test_keys_are_billed_where_something_is_encrypted_with_them() -> None:
    text = f"{SMALL}replicas: {{us-west-2: }}\nkms_keys: {{alias/a: , alias/b: }}\n"
    text += "repositories: {web/api: {encryption_type: KMS, kms_key: {ap-northeast-2: alias/a, us-west-2: alias/b}}}\n"
    found = bill(shipped(), declared.used(registry_of(text), NOTHING))
    assert [(it.used.about, it.used.at.region) for it in found.lines] == [
        ("alias/a", "ap-northeast-2"),
        ("alias/b", "us-west-2"),
    ]
    assert amount_text(found.total) == "2.00 to 6.00"


def test_a_secret_of_two_rules_is_one() -> None:
    arn = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"
    rule = f"{{upstream_registry: docker-hub, credential_arn: '{arn}'}}"
    text = f"{SMALL}pull_through_cache_rules: {{hub: {rule}, hub2: {rule}}}\nrepositories: {{web/api: }}\n"
    assert fixed(text, Item.SECRET) == "0.40"


def test_a_secret_that_is_made_is_billed_in_each_location_of_its_rules() -> None:
    rule = "{upstream_registry: docker-hub, secret: ecr-pullthroughcache/hub, locations: [ap-northeast-2, us-west-2]}"
    text = (
        f"{SMALL}replicas: {{us-west-2: {{namespaces: [web]}}}}\n"
        f"pull_through_cache_rules: {{hub: {rule}, hub2: {rule}}}\nrepositories: {{web/api: }}\n"
    )
    assert fixed(text, Item.SECRET) == "0.80"


def test_a_replica_stores_all_of_it_once_more_and_the_way_is_paid_once_a_region() -> None:
    home = holdings(REGISTRY)
    alone = registry_of(TEXT.replace("replicas: {ap-northeast-1: {namespaces: [web]}}", ""))
    more = Range(*(getattr(billed(REGISTRY, home).total, end) - getattr(billed(alone, home).total, end)
                   for end in ("low", "high")))  # fmt: skip
    assert amount_text(more) == "27.40"


def test_a_replica_of_the_same_region_is_stored_and_not_transferred() -> None:
    beside = registry_of(TEXT.replace("ap-northeast-1:", "210987654321/ap-northeast-2:"))
    found = billed(beside, holdings(beside))
    assert not any(line.item is Item.TRANSFER for line in found.lines)
    assert sum(line.used.at.account == "210987654321" for line in found.lines if line.item is Item.STORAGE) == 2


SCANNED = "\nscanning: {scan_type: ENHANCED, scan_on_push: ['web/*'], continuous_scan: ['data/*']}\n"


def test_inspector_scans_what_is_pushed_in_every_location_and_again_as_assumed() -> None:
    registry = registry_of(
        (TEXT + SCANNED).replace("ap-northeast-2", "us-east-1").replace("ap-northeast-1", "us-west-2")
    )
    usages = [
        RepositoryUsage(at=registry.home, repository=name, owner="", images=40, standard=Bytes(), archive=Bytes(),
                        archived_images=10, pushed_images={"2026-10": 5, "2026-11": 99})
        for name in ("web/api", "data/train", "other")
    ]  # fmt: skip
    found = billed(registry, usages, Assumed(rescans=Decimal(2)))
    scans = {(it.item, it.used.about, it.used.at.region): it.used.quantity.low for it in found.lines}
    assert scans[Item.FIRST_SCAN, "web/api", "us-east-1"] == 5
    assert scans[Item.FIRST_SCAN, "web/api", "us-west-2"] == 5
    assert scans[Item.FIRST_SCAN, "data/train", "us-east-1"] == 5
    assert scans[Item.RESCAN, "data/train", "us-east-1"] == 60  # archived images are not scanned
    assert not any(about == "other" for _, about, _ in scans)
    assert not any(it.item is Item.RESCAN for it in found.left)


def test_ecrs_own_scans_are_free() -> None:
    found = billed(REGISTRY, holdings(REGISTRY), Assumed(rescans=Decimal(9), pushed_images=Decimal(9)))
    every = [*(it.item for it in found.lines), *(it.item for it in found.left)]
    assert not {Item.FIRST_SCAN, Item.RESCAN} & set(every)


def test_what_is_assumed_is_counted_and_no_longer_left() -> None:
    every = assumed([f"{name}=7" for name in NAMES])
    found = billed(REGISTRY, holdings(REGISTRY), every)
    assert found.left == ()
    assert {it.item for it in found.lines} >= {Item.ENDPOINT_DATA, Item.KEY_REQUESTS, Item.RESTORE, Item.TRANSFER}
    (copied,) = [it for it in found.lines if it.item is Item.TRANSFER]
    assert copied.used.quantity == Range.of(7)


@pytest.mark.parametrize("text", ["rescans", "rescans=", "rescans=x", "rescans=-1", "rescans=NaN", "rescans=Infinity",
                                  "rescans=1e99", "cost=5", "=5", ""])  # fmt: skip
def test_what_is_no_assumption_is_refused(text: str) -> None:
    with pytest.raises(WrongAssumption, match="way out: --assume"):
        assumed([text])


def test_the_month_that_is_over_stands_for_every_month() -> None:
    assert stored.last_month(NOW) == "2026-10"
    assert stored.last_month(NOW.replace(month=1)) == "2025-12"
