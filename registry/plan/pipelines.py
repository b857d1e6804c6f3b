"""Pipelines: what builds and deploys by itself, and what that costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from registry.cost.delivered import charges
from registry.plan.change import Change, Kind, Risk, comparison, kinds_about
from registry.plan.sides import Sides
from registry.shape import PipelineShape

_PAGE: Final = "docs/pipeline.md"
kind = kinds_about("Pipelines")
ADDED = kind(
    "pipeline-added",
    Risk.COSTS,
    "A repository gets a pipeline",
    "Each minute of its steps is billed. It starts as soon as it is deployed, and with each push to its branch.",
    _PAGE,
)
REMOVED = kind(
    "pipeline-removed",
    Risk.BREAKS,
    "A repository loses its pipeline",
    "Nothing builds its images any more. `ecrctl retire` removes the stack; its bucket has to be empty for that.",
    _PAGE,
)
OPENED = kind(
    "pipeline-opened",
    Risk.OPENS,
    "Images get further without anybody, or from elsewhere",
    "Another source, another builder, a scan that stops less, an approval that is gone, or something more that is "
    "deployed: whoever may push there gets further than before.",
    _PAGE,
)
DEARER = kind(
    "pipeline-dearer", Risk.COSTS, "A pipeline builds more, or on larger machines", "Minutes cost more.", _PAGE
)
STOPS = kind(
    "pipeline-stops",
    Risk.BREAKS,
    "A pipeline stops more, or no longer promotes or deploys something",
    "What came by itself until now waits for somebody, or does not come.",
    _PAGE,
)
CHANGED = kind(
    "pipeline-changed",
    Risk.SAFE,
    "A pipeline builds in another way",
    "The next run does; images stay as they are.",
    _PAGE,
)
_SEVERITIES: Final = ("LOW", "MEDIUM", "HIGH", "CRITICAL", "NONE")  # the strictest gate first
_SIZES: Final = ("SMALL", "MEDIUM", "LARGE")
#: Who decides what is built.
_FROM: Final = ("connection", "source", "branch", "buildkit", "dockerfile", "context")


@comparison
def pipelines(sides: Sides) -> Iterator[Change]:
    """By repository, and key by key."""
    old, new = (side.registry.pipelines for side in sides.both)
    for name in sorted({*old, *new}):
        was, becomes = old.get(name), new.get(name)
        if was == becomes:
            continue
        parts = frozenset(
            (side.stack(side.registry.home, each.construct_id), "", "")
            for side in sides.both
            for each in side.registry.deliveries
            if each.repository == name
        )
        for of, key, message, before, after in _differences(was, becomes):
            where, gone = sides.at(("pipelines", name, key), ("pipelines", name))
            yield Change(
                kind=of,
                subjects=(name,),
                message=message,
                before=_shown(before),
                after=_shown(after),
                where=where,
                gone=gone,
                concerns=sides.people(name),
                explains=parts,
                bill=charges(sides.prices, sides.new.registry) if of in (ADDED, DEARER) else (),
            )


Difference = tuple[Kind, str, str, Any, Any]


def _differences(was: PipelineShape | None, becomes: PipelineShape | None) -> Iterator[Difference]:
    if becomes is None:
        yield REMOVED, "", "loses its pipeline", "", ""
    elif was is None:
        said = f"gets a pipeline from {becomes.source}, {becomes.branch}"
        yield ADDED, "", said, "", ""
        if becomes.deploy:
            yield OPENED, "deploy", "is deployed by its pipeline", "", ", ".join(becomes.deploy)
    else:
        for key in PipelineShape.model_fields:
            before, after = getattr(was, key), getattr(becomes, key)
            if before != after and key != "approval":
                yield _of(key, before, after), key, f"{key} of its pipeline changes", before, after
        if was.approved != becomes.approved:
            fewer = was.approved - becomes.approved
            before, after = sorted(was.approved), sorted(becomes.approved)
            yield OPENED if fewer else STOPS, "approval", "other environments wait for an approval", before, after


def _of(key: str, before: Any, after: Any) -> Kind:
    if key in _FROM:
        return OPENED
    if key == "scan_gate":
        return OPENED if _SEVERITIES.index(after) > _SEVERITIES.index(before) else STOPS
    if key in ("promote_to", "deploy"):
        added = {str(it) for it in _items(after)} - {str(it) for it in _items(before)}
        return OPENED if added else STOPS
    if key == "compute":
        return DEARER if _SIZES.index(after) > _SIZES.index(before) else CHANGED
    if key in ("platforms", "test"):
        return DEARER if len(after) > len(before) else OPENED if key == "test" else CHANGED
    return CHANGED


def _items(value: Any) -> list[Any]:
    return list(value.items()) if isinstance(value, dict) else list(value)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {it.ecs_service or it.lambda_function}" for key, it in value.items()) or "nothing"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
