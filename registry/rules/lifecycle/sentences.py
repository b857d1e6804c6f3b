"""Rules about the sentences of a lifecycle: each says one thing, of images that can be selected so."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import shown
from registry.limits import ARCHIVED_DAYS, LIFECYCLE_COUNT
from registry.rules.lifecycle.policy import Policy, policy_rule
from registry.rules.rule import Problem
from registry.shape import ArchiveShape, ExpireArchivedShape, KeepShape, PatternsShape, ProtectShape, SentenceShape

VERBS = tuple(SentenceShape.model_fields)


@policy_rule("lifecycle-sentence", "A sentence says one thing")
def lifecycle_sentence(policy: Policy) -> Iterator[Problem]:
    """A sentence becomes one rule, and a rule does one thing."""
    for at, sentence in policy.sentences():
        verbs = sorted(sentence.model_fields_set)
        if len(verbs) != 1:
            yield Problem(
                at=at,
                message="a sentence has exactly one verb",
                given=" and ".join(verbs) or "none",
                allowed=f"{', '.join(VERBS[:-1])} or {VERBS[-1]}",
                way_out="write each as an item of its own, with its own dash, in the order they apply",
            )


@policy_rule("lifecycle-selection", "A sentence selects tagged, untagged or any images")
def lifecycle_selection(policy: Policy) -> Iterator[Problem]:
    """ECR's rules select images in exactly one way."""
    for at, selection in policy.selections():
        if isinstance(selection, ProtectShape):
            continue
        words = [word for word in ("tagged", "untagged", "any") if getattr(selection, word) is not None]
        if len(words) != 1:
            yield Problem(
                at=at,
                message="a sentence selects images in exactly one way",
                given=" and ".join(words) or "none",
                allowed='tagged: "pattern", untagged: true, or any: true',
                way_out="write one sentence for each" if words else 'add tagged: "v*", untagged: true or any: true',
            )


@policy_rule("lifecycle-archive-count", "A sentence archives by one count")
def lifecycle_archive_count(policy: Policy) -> Iterator[Problem]:
    """ECR's rules have exactly one count."""
    for at, selection in policy.selections():
        if not isinstance(selection, ArchiveShape):
            continue
        counts = [key for key in ("after_days", "unpulled_days", "last") if getattr(selection, key) is not None]
        if len(counts) != 1:
            yield Problem(
                at=at,
                message="a sentence archives images by exactly one count",
                given=" and ".join(counts) or "none",
                allowed="after_days (since the push), unpulled_days (since the last pull), or last (how many stay)",
                way_out="write one sentence for each" if counts else "add unpulled_days: 90, for example",
            )


@policy_rule("lifecycle-count", "Counts begin at one, and archived images stay 90 days")
def lifecycle_count(policy: Policy) -> Iterator[Problem]:
    """ECR refuses the policy otherwise: it counts from one, and keeps archived images for 90 days at least."""
    for at, selection in policy.selections():
        least = ARCHIVED_DAYS if isinstance(selection, ExpireArchivedShape) else 1
        for key in ("last", "after_days", "unpulled_days"):
            number = getattr(selection, key, None)
            if number is None or least <= number <= LIFECYCLE_COUNT:
                continue
            large = number > LIFECYCLE_COUNT
            few = "a lifecycle cannot expire images at once" if least == 1 else "ECR keeps archived images that long"
            yield Problem(
                at=(*at, key),
                message="ECR refuses this count",
                given=shown(number),
                allowed=f"a whole number up to {LIFECYCLE_COUNT:,}" if large else f"a whole number from {least}",
                way_out="write fewer" if large else f"write {least} or more; {few}",
            )


@policy_rule("lifecycle-patterns", "Join several patterns with any_of or all_of, and count each pattern alone")
def lifecycle_patterns(policy: Policy) -> Iterator[Problem]:
    """ECR reads several patterns as all of them: a rule meant for any of them selects almost nothing."""
    for at, selection in policy.selections():
        tagged = selection.tagged
        if not isinstance(tagged, PatternsShape):
            continue
        words = [word for word in ("all_of", "any_of") if getattr(tagged, word) is not None]
        if len(words) != 1 or not getattr(tagged, words[0]):
            yield Problem(
                at=(*at, "tagged"),
                message="several patterns need exactly one word that joins them",
                given=" and ".join(words) or "none" if len(words) != 1 else "an empty list",
                allowed="all_of: [...] or any_of: [...], with a pattern at least",
                way_out="write any_of for images that match one of them, all_of for images that match each of them",
            )
        elif words == ["any_of"] and (isinstance(selection, KeepShape) or getattr(selection, "last", None)):
            yield Problem(
                at=(*at, "tagged"),
                message="any_of cannot be counted together: ECR would count each pattern for itself",
                given="any_of with last",
                allowed="one pattern or all_of with last; any_of in protect, and with days",
                way_out="write one sentence for each pattern, with a number of its own",
            )
