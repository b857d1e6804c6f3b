"""What pipelines cost: nothing without an assumption but a line that says so, with the price of a minute."""

from __future__ import annotations

from decimal import Decimal

from registry.cost import delivered
from registry.cost.assumed import Assumed, assumed
from registry.cost.bill import bill
from registry.cost.money import Range
from registry.cost.price_file import shipped
from registry.cost.prices import Item
from tests.registry.cost.worked import registry_of
from tests.registry.plan.planned import planned

ARN = "arn:aws:codeconnections:us-east-1:123456789012:connection/12345678-90ab-cdef-1234-567890abcdef"
WITHOUT = """registry: {name: acme, account: "123456789012", region: us-east-1}
repositories: {web/api: {owner: team-web}}
"""
PIPELINE = f"{WITHOUT}pipelines: {{web/api: {{connection: '{ARN}', source: acme/web}}}}\n"
LARGE = PIPELINE.replace("source:", "compute: LARGE, source:")
NOTHING = Assumed()


def test_without_pipelines_nothing_is_said_of_them() -> None:
    minutes = assumed(["pipeline-minutes=10", "build-minutes=10"])
    assert [*delivered.used(registry_of(WITHOUT), minutes), *delivered.left(registry_of(WITHOUT), NOTHING)] == []


def test_minutes_that_nobody_says_are_not_counted_and_named() -> None:
    registry = registry_of(PIPELINE)
    assert list(delivered.used(registry, NOTHING)) == []
    assert [(item, why.rpartition(": ")[2]) for item, _, why in delivered.left(registry, NOTHING)] == [
        (Item.PIPELINE_MINUTE, "--assume pipeline-minutes=N"),
        (Item.BUILD_MINUTE, "--assume build-minutes=N"),
    ]
    one = assumed(["pipeline-minutes=0"])
    assert [item for item, *_ in delivered.left(registry, one)] == [Item.BUILD_MINUTE]


def test_assumed_minutes_are_billed_to_the_owner_and_a_larger_machine_counts_several_times() -> None:
    minutes = assumed(["pipeline-minutes=1000", "build-minutes=1000"])
    for text, build, amount in ((PIPELINE, "5", "7"), (LARGE, "20", "22")):
        found = bill(shipped(), delivered.used(registry_of(text), minutes))
        assert [(it.item, it.used.owner, it.monthly) for it in found.lines] == [
            (Item.PIPELINE_MINUTE, "team-web", Range.of(Decimal(2))),
            (Item.BUILD_MINUTE, "team-web", Range.of(Decimal(build))),
        ]
        assert found.total == Range.of(Decimal(amount))


def test_a_plan_says_what_a_minute_costs() -> None:
    minutes = [
        "+0.002 USD an action-minute (CodePipeline in us-east-1)",
        "+0.005 USD a SMALL-minute (CodeBuild in us-east-1)",
    ]
    for old, new, kind in ((WITHOUT, PIPELINE, "pipeline-added"), (PIPELINE, LARGE, "pipeline-dearer")):
        (change,) = [it for it in planned(old, new) if it.kind.id == kind]
        assert [str(it) for it in change.bill] == minutes
