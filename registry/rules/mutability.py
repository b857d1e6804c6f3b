"""Rules about tag mutability: tags that move among immutable ones, and the reverse (ECR's exclusion filters)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.findings import YamlPath
from registry.limits import ECR_API, ECR_GUIDE, EXCLUSION_FILTERS
from registry.rules.rule import Problem, RuleContext, rule
from registry.shape import AddedShape, CreationTemplateShape, Settings

EXCLUSION_FILTER_PAGE = f"{ECR_API}/API_ImageTagMutabilityExclusionFilter.html"
#: The key of the exclusion filters, by the mutability of all other tags.
KEYS: Final = {"IMMUTABLE": "moving_tags", "MUTABLE": "fixed_tags"}


def _patterns(at: YamlPath, settings: Settings | CreationTemplateShape) -> Iterator[tuple[YamlPath, str]]:
    """Every exclusion filter of a layer with its place."""
    for key in KEYS.values():
        value = getattr(settings, key)
        place, words = ((*at, key, "add"), value.add) if isinstance(value, AddedShape) else ((*at, key), value or ())
        yield from (((*place, index), word) for index, word in enumerate(words))


@rule(
    "exclusion-filter-count", "Write at most five moving_tags, or fixed_tags, for a repository", EXCLUSION_FILTER_PAGE
)
def exclusion_filter_count(declared: RuleContext) -> Iterator[Problem]:
    """ECR refuses a repository with more exclusion filters."""
    for repository in declared.registry.repositories:
        key = "fixed_tags" if repository.image_tag_mutability.startswith("MUTABLE") else "moving_tags"
        if len(repository.exclusion_filters) > EXCLUSION_FILTERS:
            yield Problem(
                at=declared.written.origin(repository.name, key),
                message=f"there are too many {key.replace('_', ' ')}",
                given=f"{len(repository.exclusion_filters)} patterns, including those of outer layers",
                allowed=f"at most {EXCLUSION_FILTERS}",
                way_out="join several with a wildcard, such as v*.x for v1.x and v1.2.x",
            )


def _in_vain(declared: RuleContext, mutability: str, key: str) -> Iterator[YamlPath]:
    """Where filters are written although the other mutability holds and no nearer layer chose it."""
    for at, settings in declared.written.every_layer():
        if settings.image_tag_mutability == mutability and getattr(settings, key):
            yield (*at, key)
    for at, template in declared.written.creation_templates():
        if template.image_tag_mutability == mutability and getattr(template, key):
            yield (*at, key)
    used = {
        declared.written.origin(repository.name, key)
        for repository in declared.registry.repositories
        if not repository.image_tag_mutability.startswith(mutability)
    }
    for repository in declared.registry.repositories:
        if not repository.image_tag_mutability.startswith(mutability):
            continue
        for at, settings in declared.written.layers(repository.name):
            value = getattr(settings, key)
            if settings.image_tag_mutability is not None or value == ():
                break
            if value is not None:
                if (*at, key) not in used:
                    yield (*at, key)
                break


@rule(
    "moving-tags-mutable",
    "Write moving_tags only where other tags are immutable",
    f"{ECR_GUIDE}/image-tag-mutability.html",
)
def moving_tags_mutable(declared: RuleContext) -> Iterator[Problem]:
    """With MUTABLE every tag can move, so releases are not protected though the file looks as if they were."""
    for at in _in_vain(declared, "MUTABLE", "moving_tags"):
        yield Problem(
            at=at,
            message="with MUTABLE every tag can move, so moving_tags has no effect",
            given="image_tag_mutability: MUTABLE and moving_tags",
            allowed="IMMUTABLE with moving_tags, MUTABLE with fixed_tags, or either alone",
            way_out="remove moving_tags, or write image_tag_mutability: IMMUTABLE",
        )


@rule(
    "fixed-tags-immutable",
    "Write fixed_tags only where other tags are mutable",
    f"{ECR_GUIDE}/image-tag-mutability.html",
)
def fixed_tags_immutable(declared: RuleContext) -> Iterator[Problem]:
    """With IMMUTABLE every tag is fixed already. A tag that you expect to move cannot be pushed a second time."""
    for at in _in_vain(declared, "IMMUTABLE", "fixed_tags"):
        yield Problem(
            at=at,
            message="with IMMUTABLE every tag is fixed, so fixed_tags has no effect",
            given="fixed_tags without image_tag_mutability: MUTABLE",
            allowed="IMMUTABLE with moving_tags, MUTABLE with fixed_tags, or either alone",
            way_out="remove fixed_tags, or write image_tag_mutability: MUTABLE",
        )
