"""Two sides compared: every comparison, then what follows from them."""

from __future__ import annotations

from registry.plan.change import COMPARISONS, FOLLOWERS, Change, folded
from registry.plan.sides import Sides


def plan(sides: Sides) -> tuple[Change, ...]:
    """Every change between two sides, those with one cause as one; the worst first."""
    found = [change for compare in COMPARISONS for change in compare(sides)]
    explained = frozenset().union(*(change.explains for change in found))
    found += [change for compare in FOLLOWERS for change in compare(sides, explained)]
    return folded(found)
