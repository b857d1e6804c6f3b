"""What a change makes AWS bill: with the amount where the file decides it, else with the price of a unit."""

from __future__ import annotations

import json

import pytest

from registry.cost.charges import MONTH, Charge, together
from registry.cost.money import Range
from registry.lifecycle import inventory
from registry.plan.inventory import simulated
from registry.plan.replication import with_images
from registry.plan.run import plan
from registry.plan.sides import Sides
from tests.registry.plan.planned import planned, side

NODES = """
principals: {nodes: {role: "arn:aws:iam::210987654321:role/eks-node", outside_organization: true}}
repositories: {web/api: {pull: [nodes]}}
"""
TRIAL = "network: [{trial_vpc: {name: try, cidr: 10.30.0.0/24}}]\n"
KMS = "kms_keys: {alias/made: }\nrepositories: {web/api: {encryption_type: KMS, kms_key: alias/made}}\n"
SECRET = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"
CACHE = f"pull_through_cache_rules: {{hub: {{upstream_registry: docker-hub, credential_arn: '{SECRET}'}}}}\n"
COLD = "lifecycles: {cold: [{archive: {tagged: 'v*', unpulled_days: 90}}]}\ndefaults: {lifecycle: cold}\n"
PLAIN = "repositories: {web/api: }\n"
#: Before, after, the kind, and what is billed.
BILLS = {
    "endpoints are added": (
        NODES,
        NODES + TRIAL,
        "network-added",
        ["+37.96 USD a month (VPC endpoints in ap-northeast-2)"],
    ),
    "endpoints are removed": (
        NODES + TRIAL,
        NODES,
        "network-removed",
        ["-37.96 USD a month (VPC endpoints in ap-northeast-2)"],
    ),
    "two more services": (
        NODES + TRIAL,
        NODES + TRIAL.replace("{trial_vpc", "{also: [sts, logs], trial_vpc"),
        "network-more",
        ["+37.96 USD a month (VPC endpoints in ap-northeast-2)"],
    ),
    "a replica is added": (
        PLAIN,
        f"replicas: {{ap-northeast-1: }}\n{PLAIN}",
        "replica-added",
        [
            "+0.1 USD a GB-month (storage in ap-northeast-1)",
            "+0.08 USD a GB (transfer to other regions in ap-northeast-2)",
        ],
    ),
    "a replica of which nobody knows the price": (
        PLAIN,
        f"replicas: {{af-south-1: }}\n{PLAIN}",
        "replica-added",
        ["no price of storage in af-south-1", "+0.08 USD a GB (transfer to other regions in ap-northeast-2)"],
    ),
    "a replica in another account of the region": (
        PLAIN,
        f"replicas: {{210987654321/ap-northeast-2: }}\n{PLAIN}",
        "replica-added",
        ["+0.1 USD a GB-month (storage in ap-northeast-2)"],
    ),
    "a key is made": (PLAIN, KMS, "kms-key-made", ["+1.00 to +3.00 USD a month (KMS keys in ap-northeast-2)"]),
    "a cache with a secret": (
        PLAIN,
        CACHE + PLAIN,
        "cache-added",
        ["+0.40 USD a month (secrets of pull-through caches in ap-northeast-2)"],
    ),
    "a cache with a secret that is made": (
        PLAIN,
        CACHE.replace(f"credential_arn: '{SECRET}'", "secret: ecr-pullthroughcache/hub") + PLAIN,
        "cache-secret-made",
        ["+0.40 USD a month (secrets of pull-through caches in ap-northeast-2)"],
    ),
    "Inspector scans": (
        PLAIN,
        f"scanning: {{scan_type: ENHANCED}}\n{PLAIN}",
        "scanning-paid",
        ["no price of first scan by Inspector in ap-northeast-2"],
    ),
    "images are archived": (
        PLAIN,
        COLD + PLAIN,
        "lifecycle-takes-more",
        [
            "+0.1 USD a GB-month (archive storage in ap-northeast-2)",
            "+0.03 USD a GB (restoring from the archive in ap-northeast-2)",
        ],
    ),
}


@pytest.mark.parametrize(("old", "new", "kind", "bill"), BILLS.values(), ids=BILLS)
def test_a_change_says_what_it_makes_aws_bill(old: str, new: str, kind: str, bill: list[str]) -> None:
    (change,) = [it for it in planned(old, new) if it.kind.id == kind]
    assert [str(it) for it in change.bill] == bill


def test_what_costs_nothing_has_no_bill() -> None:
    changes = planned(PLAIN, "repositories: {web/api: , web/b: }\n")
    assert [it.bill for it in changes] == [()] * len(changes)


def test_a_change_for_programs_has_the_amounts_as_text() -> None:
    (change,) = [it for it in planned(PLAIN, KMS) if it.kind.id == "kms-key-made"]
    assert change.as_dict()["bill"] == [
        {"what": "KMS keys in ap-northeast-2", "amount": {"low": "1", "high": "3"}, "per": "month", "currency": "USD"}
    ]


def test_amounts_of_one_cause_are_added_and_prices_said_once() -> None:
    each = Charge("x", Range.of(2), MONTH, "USD")
    unit = Charge("y", Range.of(1), "GB", "USD")
    none = Charge("z", None, MONTH, "USD")
    assert [str(it) for it in together([each, unit, each, none, unit, none])] == [
        "+4.00 USD a month (x)",
        "+1 USD a GB (y)",
        "no price of z",
    ]


def listed(*sizes: int) -> inventory.Inventory:
    rows = [
        {
            "repositoryName": "web/api",
            "imageDigest": f"sha256:{n}",
            "imagePushedAt": "2026-01-01T00:00:00+00:00",
            "imageTags": [f"v{n}"],
            "imageSizeInBytes": size * 2**30,
        }
        for n, size in enumerate(sizes)
    ]
    return inventory.read(json.dumps({"imageDetails": rows}).encode(), "images.json")


def test_with_images_a_replica_has_its_share_of_the_storage_and_the_way() -> None:
    sides = Sides(side(PLAIN), side(f"replicas: {{ap-northeast-1: }}\n{PLAIN}"))
    (change,) = [it for it in plan(sides) if it.kind.id == "replica-added"]
    found = with_images(sides, change, [listed(10, 20)])
    assert [str(it) for it in found.bill][2:] == [
        "+2.00 to +3.00 USD a month (storage in ap-northeast-1)",
        "+1.60 to +2.40 USD once (transfer to other regions in ap-northeast-2)",
    ]


def test_images_that_a_replica_has_already_are_not_paid_again() -> None:
    old = "replicas: {ap-northeast-1: {namespaces: [web]}}\nrepositories: {web/api: , data/x: }\n"
    sides = Sides(side(old), side(old.replace("[web]", "[web, data]")))
    (change,) = [it for it in plan(sides) if it.kind.id == "replica-more"]
    assert with_images(sides, change, [listed(10)]).bill == change.bill


def test_images_that_go_save_at_most_their_sizes() -> None:
    new = f"lifecycles: {{one: [{{keep: {{tagged: 'v*', last: 1}}}}]}}\ndefaults: {{lifecycle: one}}\n{PLAIN}"
    sides = Sides(side(PLAIN), side(new))
    (change,) = simulated(sides, listed(10, 20, 30), plan(sides), 1_800_000_000)
    assert [str(it) for it in change.bill] == ["-3.00 to 0.00 USD a month (storage in ap-northeast-2)"]


def test_budgets_that_rise_or_go_are_told_with_their_line() -> None:
    owned = "repositories: {web/api: {owner: team-web}, data/x: {owner: team-data}}\n"
    old, new = "budgets: {team-web: 10, team-data: 5}\n" + owned, "budgets: {team-web: 11}\n" + owned
    told = [(it.kind.id, it.subjects, it.before, it.after) for it in planned(old, new)]
    assert sorted(told) == [
        ("budget-raised", ("team-data",), "5 a month", "no budget"),
        ("budget-raised", ("team-web",), "10 a month", "11 a month"),
    ]
    assert [it.kind.id for it in planned(new, old)] == ["budget-lowered"] * 2
