"""Budgets: what an owner may cost from now on."""

from __future__ import annotations

from collections.abc import Iterator

from registry.plan.change import Change, Risk, comparison, kinds_about
from registry.plan.sides import Sides

kind = kinds_about("Budgets")
RAISED = kind(
    "budget-raised",
    Risk.COSTS,
    "An owner may cost more, or has no budget any more",
    "`ecrctl cost` no longer says so when it does.",
    "docs/cost.md",
)
LOWERED = kind("budget-lowered", Risk.SAFE, "An owner gets a budget, or may cost less", "Nothing in AWS changes by it.")


@comparison
def budgets(sides: Sides) -> Iterator[Change]:
    """By owner."""
    old, new = (side.registry.budgets for side in sides.both)
    for owner in sorted({*old, *new}):
        was, becomes = old.get(owner), new.get(owner)
        if was == becomes:
            continue
        more = was is not None and (becomes is None or becomes > was)
        where, gone = sides.at(("budgets", owner))
        yield Change(
            kind=RAISED if more else LOWERED,
            subjects=(owner,),
            message=f"{'may cost more' if becomes is not None else 'has no budget any more'}"
            if more
            else f"{'gets a budget' if was is None else 'may cost less'}",
            before="no budget" if was is None else f"{was:,} a month",
            after="no budget" if becomes is None else f"{becomes:,} a month",
            where=where,
            gone=gone,
            concerns=(owner,),
        )
