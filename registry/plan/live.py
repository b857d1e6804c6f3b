"""What AWS itself says of a plan, as changes: what was changed by hand, what runs, and what would be left behind.

Pure: ops/plan/live.py asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from registry import naming
from registry.locations import Location
from registry.plan.change import Change, Part, Risk, kinds_about
from registry.plan.lifecycles import MORE
from registry.plan.registry import EMPTIED
from registry.plan.repositories import DELETED
from registry.plan.sides import Side, Sides

kind = kinds_about("AWS as it is")
BY_HAND = kind(
    "live-drift",
    Risk.BREAKS,
    "Somebody changed by hand what this plan touches",
    "The deploy stops before it: it would overwrite some of that by accident, and leave the rest.",
    "docs/operations.md",
)
RUNS = kind(
    "live-runs",
    Risk.DESTROYS,
    "An image that runs would go, and what is live leaves it",
    "A task or a function that starts again does not find it. The guard of a deploy stops where a lifecycle takes it; "
    "it does not look into repositories that are deleted.",
    "docs/operations.md",
)
HOLDS = kind(
    "live-images-deleted",
    Risk.DESTROYS,
    "A repository that is deleted holds images",
    "CloudFormation deletes them with it. Those that run are told apart, but for what Amazon Inspector alone sees.",
)
LEFT = kind(
    "live-stack-left",
    Risk.COSTS,
    "A stack that is in AWS is not in the app",
    "A deploy removes none. What is in it stays as it is, and is billed, until `ecrctl retire`.",
    "docs/operations.md",
)
_REPOSITORY: Final = "repository"
_OF_ACCESS: Final = ("managed policy", "role", "pod identity association")
_OF_MONITORING: Final = (
    *("event rule", "topic", "topic policy", "subscription", "queue", "queue policy", "alarm", "dashboard"),
    *("Slack channel", "Microsoft Teams channel"),
)
_OF_DELIVERY: Final = ("build project", "pipeline")


def touches(sides: Sides, changes: Iterable[Change], at: Location, noun: str, name: str) -> bool:
    """Whether a plan touches a thing that drift is told of: a repository itself, of anything else its stack.

    :param noun: what drift calls its kind.
    """
    parts = frozenset[Part]().union(*(it.explains for it in changes))
    if noun == _REPOSITORY:
        wanted = naming.logical_id(name)
        whole = {(side.stack(at, side.unit_of(name)), "", "") for side in sides.both}
        return bool(whole & parts) or any(part[0][0] == at and part[1] == wanted for part in parts)
    if noun in _OF_DELIVERY:  # a project is called as its stack and what it does; without a name all of them are meant
        prefixes = {naming.stack_name(side.registry.name, naming.DELIVERY) for side in sides.both}
        return any(
            place == at and stack.startswith(prefix) and name.startswith(stack if name else "")
            for (place, stack), *_ in parts
            for prefix in prefixes
        )
    stacks = {side.stack(at, unit) for side in sides.both for unit in _units_of(side, at, noun)}
    return any(part[0] in stacks for part in parts)


def _units_of(side: Side, at: Location, noun: str) -> Collection[str]:
    """The construct ids of the stacks that can have a kind of things in a location."""
    if noun in _OF_ACCESS:
        return [it.construct_id for it in side.registry.access_stacks_in(at.account)]
    return [naming.MONITORING_UNIT if noun in _OF_MONITORING else naming.REGISTRY_UNIT]


def taking_more(sides: Sides, changes: Iterable[Change]) -> Collection[str]:
    """The declared repositories whose new lifecycle may take images that stayed before."""
    named = {name for it in changes if it.kind is MORE for name in it.subjects}
    return sorted(named & set(sides.kept))


def deleted(changes: Iterable[Change]) -> Collection[str]:
    """The repositories that a plan deletes with their images."""
    return sorted({name for it in changes if it.kind in (DELETED, EMPTIED) for name in it.subjects})
