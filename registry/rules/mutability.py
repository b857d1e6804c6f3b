"""Rules about tags that may move: ECR's exclusion filters."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import shown
from registry.limits import (
    ECR_API,
    ECR_GUIDE,
    EXCLUSION_FILTER,
    EXCLUSION_FILTER_WILDCARDS,
    EXCLUSION_FILTERS,
)
from registry.resolve import layers
from registry.rules.mechanism import Declared, Place, Problem, rule

EXCLUSION_FILTER_PAGE = f"{ECR_API}/API_ImageTagMutabilityExclusionFilter.html"


@rule("moving-tag", "A moving tag is a pattern ECR accepts", EXCLUSION_FILTER_PAGE)
def moving_tag(declared: Declared) -> Iterator[Problem]:
    for at, settings in declared.layers():
        for index, pattern in enumerate(settings.moving_tags or ()):
            if EXCLUSION_FILTER.fullmatch(pattern) and pattern.count("*") <= EXCLUSION_FILTER_WILDCARDS:
                continue
            yield Problem(
                at=(*at, "moving_tags", index),
                message="ECR does not accept this exclusion filter",
                given=shown(pattern),
                allowed="1 to 128 letters, digits, . _ - and at most "
                f"{EXCLUSION_FILTER_WILDCARDS} wildcards *; nothing else is special",
                way_out="write the tag itself, or a shorter pattern such as v*.x",
            )


@rule("moving-tags-count", "A repository has at most five exclusion filters", EXCLUSION_FILTER_PAGE)
def moving_tags_count(declared: Declared) -> Iterator[Problem]:
    for at, settings in declared.layers():
        if len(set(settings.moving_tags or ())) > EXCLUSION_FILTERS:
            yield Problem(
                at=(*at, "moving_tags"),
                message="there are too many moving tags",
                given=f"{len(settings.moving_tags or ())} patterns",
                allowed=f"at most {EXCLUSION_FILTERS}",
                way_out="join several with a wildcard, such as v*.x for v1.x and v1.2.x",
            )


def _moving_in_vain(declared: Declared) -> Iterator[Place]:
    """Where moving tags are written although MUTABLE holds and no nearer layer chose it."""
    for at, settings in declared.layers():
        if settings.image_tag_mutability == "MUTABLE" and settings.moving_tags:
            yield (*at, "moving_tags")
    for repository in declared.registry.repositories:
        if repository.image_tag_mutability != "MUTABLE" or not declared.read(repository.name, "image_tag_mutability"):
            continue
        for at, settings in layers(declared.file, repository.name):
            if settings.image_tag_mutability is not None or settings.moving_tags == ():
                break
            if settings.moving_tags is not None:
                yield (*at, "moving_tags")
                break


@rule("moving-tags-mutable", "Moving tags need immutable tags around them", f"{ECR_GUIDE}/image-tag-mutability.html")
def moving_tags_mutable(declared: Declared) -> Iterator[Problem]:
    for at in _moving_in_vain(declared):
        if declared.intact(at):
            yield Problem(
                at=at,
                message="with MUTABLE every tag moves, so moving_tags say nothing",
                given="image_tag_mutability: MUTABLE and moving_tags",
                allowed="IMMUTABLE with moving_tags, or MUTABLE alone",
                way_out="remove moving_tags, or write image_tag_mutability: IMMUTABLE",
            )
