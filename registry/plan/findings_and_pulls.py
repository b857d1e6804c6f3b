"""Whose pulls are recorded, and which findings are accepted."""

from __future__ import annotations

import json
from collections.abc import Iterator

from registry import naming
from registry.delivery.accepted import accepted_in
from registry.limits import ECR_GUIDE
from registry.model.accepted_findings import filters_in
from registry.model.recorded_pulls import exclusion_id
from registry.plan.change import Change, Part, Risk, comparison, kinds_about
from registry.plan.sides import Side, Sides
from registry.shape import AcceptedFindingShape

PULLS = f"{ECR_GUIDE}/pull-time-update-exclusions.html"
INSPECTOR = "https://docs.aws.amazon.com/inspector/latest/user/findings-managing-supression-rules.html"
of_pulls, of_findings = kinds_about("Recorded pulls"), kinds_about("Accepted findings")
EXCLUDED = of_pulls(
    "pull-exclusion-added",
    Risk.BREAKS,
    "Pulls of a principal are no longer recorded",
    "Where a lifecycle counts days since the last pull, an image that nobody else pulls goes to the archive, and "
    "cannot be pulled until somebody has restored it.",
    PULLS,
)
RECORDED = of_pulls(
    "pull-exclusion-removed",
    Risk.SAFE,
    "Pulls of a principal are recorded again",
    "Where a lifecycle counts days since the last pull, more images stay.",
    PULLS,
)
ACCEPTED = of_findings(
    "finding-accepted",
    Risk.OPENS,
    "A vulnerability is accepted, in more repositories or for longer",
    "Images with it are let through by --fail-on, --gate and pipelines, and Amazon Inspector hides it where it is "
    "asked to.",
    INSPECTOR,
)
LESS_ACCEPTED = of_findings(
    "finding-accepted-less",
    Risk.BREAKS,
    "A vulnerability is accepted in fewer repositories, for a shorter time, or no longer",
    "An image with it is stopped by --fail-on, --gate and pipelines.",
    INSPECTOR,
)
REWORDED = of_findings("finding-reason", Risk.SAFE, "An accepted finding has another reason", "Only the words change.")
HIDDEN = of_findings(
    "finding-filters",
    Risk.OPENS,
    "Amazon Inspector hides accepted findings",
    "Who looks at Inspector, or at what it sends on, no longer sees them.",
    INSPECTOR,
)
SHOWN = of_findings(
    "finding-filters-gone", Risk.SAFE, "Amazon Inspector shows accepted findings again", "It hides none."
)


@comparison
def exclusions(sides: Sides) -> Iterator[Change]:
    """By ARN."""
    old, new = (set(side.registry.pull_time_update_exclusions if _owns(side) else ()) for side in sides.both)
    for arn in sorted(old ^ new):
        where, gone = sides.at(("pull_time_update_exclusions",))
        yield Change(
            kind=EXCLUDED if arn in new else RECORDED,
            subjects=(arn,),
            message="its pulls are no longer recorded" if arn in new else "its pulls are recorded again",
            where=where,
            gone=gone,
            explains=frozenset(
                (side.stack(at, naming.REGISTRY_UNIT), exclusion_id(arn), "")
                for side in sides.both
                for at in side.registry.locations
            ),
        )


@comparison
def findings(sides: Sides) -> Iterator[Change]:
    """By vulnerability; and whether Inspector hides them at all."""
    old, new = (dict(side.registry.accepted_findings) for side in sides.both)
    for vulnerability in sorted({*old, *new}):
        was, becomes = old.get(vulnerability), new.get(vulnerability)
        if was == becomes:
            continue
        more, less = _wider(becomes, was), _wider(was, becomes)
        for of, holds, message in (
            (ACCEPTED, more, "is accepted in more repositories, or for longer"),
            (LESS_ACCEPTED, less, "is accepted in fewer repositories, for a shorter time, or no longer"),
            (REWORDED, not more and not less, "has another reason"),
        ):
            if holds:
                where, gone = sides.at(("accepted_findings", vulnerability))
                yield Change(
                    kind=of,
                    subjects=(vulnerability,),
                    message=message,
                    before=_said(was),
                    after=_said(becomes),
                    where=where,
                    gone=gone,
                    explains=_filters(sides, vulnerability) | _gates(sides, vulnerability),
                )
    hid, hides = (bool(side.registry.scanning.suppression_filters) and _owns(side) for side in sides.both)
    if hid != hides and (old or new):
        where, gone = sides.at(("scanning", "suppression_filters"), ("scanning",))
        yield Change(
            kind=HIDDEN if hides else SHOWN,
            subjects=("scanning",),
            message="Amazon Inspector hides accepted findings" if hides else "Amazon Inspector shows them again",
            where=where,
            gone=gone,
            explains=frozenset(part for each in {*old, *new} for part in _filters(sides, each)),
        )


def _owns(side: Side) -> bool:
    return side.registry.manages_registry


def _filters(sides: Sides, vulnerability: str) -> frozenset[Part]:
    return frozenset(
        (side.stack(at, naming.REGISTRY_UNIT), naming.logical_id(vulnerability, "SuppressionFilter"), "")
        for side in sides.both
        for at in side.registry.locations
        if vulnerability in filters_in(side.registry, at)
    )


def _gates(sides: Sides, vulnerability: str) -> frozenset[Part]:
    """The projects of pipelines that are told of it."""
    return frozenset(
        (side.stack(side.registry.home, each.construct_id), "Publish", "")
        for side in sides.both
        for each in side.registry.deliveries
        if vulnerability in accepted_in(side.registry, each.repository)
    )


def _wider(wide: AcceptedFindingShape | None, narrow: AcceptedFindingShape | None) -> bool:
    """Whether the first accepts something that the second does not."""
    if wide is None or narrow is None:
        return wide is not None
    return bool(set(wide.repositories) - set(narrow.repositories)) or wide.until > narrow.until


def _said(accepted: AcceptedFindingShape | None) -> str:
    if accepted is None:
        return "not accepted"
    return f"{json.dumps(list(accepted.repositories))} until {accepted.until}: {accepted.reason}"
