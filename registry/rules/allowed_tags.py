"""Rules about which tags are allowed: `tags_must_match`, and the other tags that the file speaks of."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import Severity, listed
from registry.patterns import meet
from registry.rules.rule import Problem, RuleContext, rule


@rule(
    "moving-tag-not-allowed",
    "Allow the tags that move",
    "docs/images.md",
    Severity.WARNING,
)
def moving_tag_not_allowed(declared: RuleContext) -> Iterator[Problem]:
    """A tag that may move is one that somebody sets. Where `tags_must_match` leaves it out, each image that gets it is
    told as one with a wrong tag."""
    for repository in declared.registry.repositories:
        if not repository.tags_must_match or not repository.image_tag_mutability.startswith("IMMUTABLE"):
            continue
        for pattern in repository.exclusion_filters:
            if not any(meet(allowed, pattern) for allowed in repository.tags_must_match):
                yield Problem(
                    at=declared.written.origin(repository.name, "tags_must_match"),
                    message=f"the moving tag {pattern} is not among the tags that are allowed",
                    given=f"tags_must_match: {listed(repository.tags_must_match)}",
                    allowed="patterns that match every moving tag, too",
                    way_out=f'add "{pattern}", or take it out of moving_tags',
                )
