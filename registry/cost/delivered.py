"""What pipelines cost: minutes of CodePipeline and of CodeBuild, which somebody has to assume."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from registry.cost.assumed import Assumed
from registry.cost.bill import Used
from registry.cost.charges import Charge, price
from registry.cost.declared import Left
from registry.cost.money import EXACT, Range
from registry.cost.prices import Item, Prices
from registry.cost.stored import owner_of
from registry.model import Registry

#: Minutes of SMALL that one of a machine costs, on Intel: https://c3x.dev/resources/aws/aws_codebuild_project/
_SMALL_MINUTES: Final = {"SMALL": 1, "MEDIUM": 2, "LARGE": 4}


def used(registry: Registry, assumed: Assumed) -> Iterator[Used]:
    """The minutes that somebody assumes, of each pipeline."""
    for name, pipeline in registry.pipelines.items():
        for item, minutes, times, counted in (
            (Item.PIPELINE_MINUTE, assumed.pipeline_minutes, 1, "as assumed"),
            (Item.BUILD_MINUTE, assumed.build_minutes, _SMALL_MINUTES[pipeline.compute],
             f"as assumed, on {pipeline.compute}"),
        ):  # fmt: skip
            if minutes is not None:
                yield Used(
                    item=item,
                    at=registry.home,
                    about=name,
                    quantity=Range.of(EXACT.multiply(minutes, Decimal(times))),
                    counted=counted,
                    owner=owner_of(registry, name),
                )


def left(registry: Registry, assumed: Assumed) -> Iterator[Left]:
    """What pipelines make AWS bill, where nobody says how long they run."""
    if not registry.pipelines:
        return
    if assumed.pipeline_minutes is None:
        yield Item.PIPELINE_MINUTE, registry.home, "how long pipelines run is not known: --assume pipeline-minutes=N"
    if assumed.build_minutes is None:
        yield Item.BUILD_MINUTE, registry.home, "how long pipelines build is not known: --assume build-minutes=N"


def charges(prices: Prices, registry: Registry) -> tuple[Charge, ...]:
    """What each minute of a pipeline costs."""
    return tuple(price(prices, item, registry.home) for item in (Item.PIPELINE_MINUTE, Item.BUILD_MINUTE))
