"""Rules about the sentences of a lifecycle."""

from __future__ import annotations

from collections.abc import Iterator

from registry.rules.lifecycle.policy import Policy, policy_rule
from registry.rules.rule import Problem
from registry.shape import KeepShape, PatternsShape


@policy_rule("lifecycle-patterns", "Join several patterns with any_of or all_of, and count each pattern alone")
def lifecycle_patterns(policy: Policy) -> Iterator[Problem]:
    """ECR reads several patterns as all of them: a rule meant for any of them selects almost nothing."""
    for at, selection in policy.selections():
        tagged = selection.tagged
        counted = isinstance(selection, KeepShape) or getattr(selection, "last", None)
        if counted and isinstance(tagged, PatternsShape) and tagged.any_of is not None:
            yield Problem(
                at=(*at, "tagged"),
                message="any_of cannot be counted together: ECR would count each pattern for itself",
                given="any_of with last",
                allowed="one pattern or all_of with last; any_of in protect, and with days",
                way_out="write one sentence for each pattern, with a number of its own",
            )
