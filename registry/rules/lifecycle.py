"""Rules about lifecycles, as ECR states them for lifecycle policies."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import shown
from registry.lifecycle import compiled
from registry.limits import (
    ECR_API,
    ECR_GUIDE,
    IMAGE_TAG,
    LIFECYCLE_COUNT,
    LIFECYCLE_PATTERN_WILDCARDS,
    LIFECYCLE_POLICY_LENGTH,
    LIFECYCLE_RULES,
)
from registry.rules.mechanism import Declared, Place, Problem, rule
from registry.shape import ExpireShape, KeepShape, ProtectShape, SentenceShape

PARAMETERS = f"{ECR_GUIDE}/lifecycle_policy_parameters.html"
Selection = ProtectShape | KeepShape | ExpireShape


def sentences(declared: Declared) -> Iterator[tuple[Place, SentenceShape]]:
    """Every sentence of every lifecycle, with its place."""
    for name, lifecycle in declared.file.lifecycles.items():
        for index, sentence in enumerate(lifecycle):
            yield ("lifecycles", name, index), sentence


def selections(declared: Declared) -> Iterator[tuple[Place, Selection]]:
    """What each sentence speaks of, with its place."""
    for at, sentence in sentences(declared):
        for verb in ("protect", "keep", "expire"):
            if (selection := getattr(sentence, verb)) is not None:
                yield (*at, verb), selection


@rule("lifecycle-sentence", "A sentence says one thing", PARAMETERS)
def lifecycle_sentence(declared: Declared) -> Iterator[Problem]:
    for at, sentence in sentences(declared):
        verbs = sorted(sentence.model_fields_set)
        if len(verbs) != 1 and declared.intact(at):
            yield Problem(
                at=at,
                message="a sentence has exactly one verb",
                given=" and ".join(verbs) or "none",
                allowed="protect, keep or expire",
                way_out="write each as an item of its own, with its own dash, in the order they apply",
            )


@rule("lifecycle-selection", "A sentence selects tagged, untagged or any images", PARAMETERS)
def lifecycle_selection(declared: Declared) -> Iterator[Problem]:
    for at, selection in selections(declared):
        if isinstance(selection, ProtectShape):
            continue
        said = [word for word in ("tagged", "untagged", "any") if getattr(selection, word) is not None]
        if len(said) != 1 and declared.intact(at):
            yield Problem(
                at=at,
                message="a sentence selects images in exactly one way",
                given=" and ".join(said) or "none",
                allowed='tagged: "pattern", untagged: true, or any: true',
                way_out="write one sentence for each" if said else 'add tagged: "v*", untagged: true or any: true',
            )


@rule("lifecycle-count", "Counts begin at one", PARAMETERS)
def lifecycle_count(declared: Declared) -> Iterator[Problem]:
    for at, selection in selections(declared):
        key = "last" if isinstance(selection, KeepShape) else "after_days"
        number = getattr(selection, key, None)
        if number is not None and not 1 <= number <= LIFECYCLE_COUNT:
            large = number > LIFECYCLE_COUNT
            yield Problem(
                at=(*at, key),
                message="ECR refuses this count",
                given=shown(number),
                allowed=f"a whole number up to {LIFECYCLE_COUNT:,}" if large else "a whole number from 1",
                way_out="write fewer" if large else "write 1 or more; a lifecycle cannot expire images at once",
            )


@rule("lifecycle-pattern", "A tag pattern can match a tag", PARAMETERS)
def lifecycle_pattern(declared: Declared) -> Iterator[Problem]:
    for at, selection in selections(declared):
        pattern = selection.tagged
        if pattern is None:
            continue
        if not IMAGE_TAG.fullmatch(pattern) or pattern.count("*") > LIFECYCLE_PATTERN_WILDCARDS:
            yield Problem(
                at=(*at, "tagged"),
                message="ECR does not accept this tag pattern",
                given=shown(pattern),
                allowed=f"letters, digits, . _ - and at most {LIFECYCLE_PATTERN_WILDCARDS} wildcards *; "
                "no regular expression, no comma",
                way_out="write one sentence for each pattern, such as v* or prod-*",
            )


@rule("lifecycle-any-last", "A sentence about any images comes last", PARAMETERS)
def lifecycle_any_last(declared: Declared) -> Iterator[Problem]:
    for at, selection in selections(declared):
        last = len(declared.file.lifecycles[str(at[1])]) - 1
        if getattr(selection, "any", None) and at[2] != last:
            yield Problem(
                at=at,
                message="a sentence about any images must be the last one",
                given=f"item {int(at[2]) + 1} of {last + 1}",
                allowed="any: true in the last sentence only, and once",
                way_out="move it to the end, or select tagged or untagged images",
            )


@rule("lifecycle-untagged-once", "One sentence speaks of untagged images", PARAMETERS)
def lifecycle_untagged_once(declared: Declared) -> Iterator[Problem]:
    first: dict[object, Place] = {}
    for at, selection in selections(declared):
        if getattr(selection, "untagged", None) and first.setdefault(at[1], at) != at:
            yield Problem(
                at=at,
                message="untagged images are spoken of twice",
                given=f"items {int(first[at[1]][2]) + 1} and {int(at[2]) + 1}",
                allowed="untagged: true once in a lifecycle",
                way_out="keep the one that is meant",
            )


@rule("lifecycle-pattern-once", "A pattern selects images once", PARAMETERS)
def lifecycle_pattern_once(declared: Declared) -> Iterator[Problem]:
    first: dict[tuple[object, str], Place] = {}
    for at, selection in selections(declared):
        pattern = selection.tagged
        if pattern is not None and first.setdefault((at[1], pattern), at) != at:
            yield Problem(
                at=(*at, "tagged"),
                message="two sentences have the same tag pattern",
                given=shown(pattern),
                allowed="each pattern once in a lifecycle; the first one decides, the second would do nothing",
                way_out="remove one, or change its pattern",
            )


@rule(
    "lifecycle-length",
    "A lifecycle policy has at most 50 rules and 30,720 characters",
    f"{ECR_API}/API_PutLifecyclePolicy.html",
)
def lifecycle_length(declared: Declared) -> Iterator[Problem]:
    for name, lifecycle in declared.file.lifecycles.items():
        policy = compiled(name, lifecycle)
        length = len(policy.text) if policy else 0
        if len(lifecycle) > LIFECYCLE_RULES or length > LIFECYCLE_POLICY_LENGTH:
            yield Problem(
                at=("lifecycles", name),
                message=f"the lifecycle {name} is too long for ECR",
                given=f"{len(lifecycle)} sentences, {length:,} characters",
                allowed=f"at most {LIFECYCLE_RULES} sentences and {LIFECYCLE_POLICY_LENGTH:,} characters of JSON",
                way_out="join patterns with wildcards",
                key=True,
            )
