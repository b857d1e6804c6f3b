"""Rules about a whole lifecycle policy: how its rules stand to each other, and how long it is."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import shown
from registry.limits import (
    ECR_API,
    IMAGE_TAG,
    LIFECYCLE_PATTERN_WILDCARDS,
    LIFECYCLE_POLICY_LENGTH,
    LIFECYCLE_RULES,
)
from registry.rules.mechanism import Problem
from registry.rules.policies import PlacedRule, Policy, policy_rule
from registry.sources import Place


def _patterns(policy: Policy) -> Iterator[tuple[Place, str]]:
    """Every tag pattern and prefix as written, with its place; of damaged sentences too."""
    for at, selection in policy.selections():
        tagged = selection.tagged
        if isinstance(tagged, str):
            yield (*at, "tagged"), tagged
        elif tagged is not None:
            for word in ("all_of", "any_of"):
                for index, pattern in enumerate(getattr(tagged, word) or ()):
                    yield (*at, "tagged", word, index), pattern
    for placed in () if policy.of_ours else policy.rules:
        for word in ("tagPatternList", "tagPrefixList"):
            for index, pattern in enumerate(placed.selection.get(word, ())):
                yield (*placed.at, "selection", word, index), pattern


@policy_rule("lifecycle-pattern", "A tag pattern can match a tag")
def lifecycle_pattern(policy: Policy) -> Iterator[Problem]:
    for at, pattern in _patterns(policy):
        if not IMAGE_TAG.fullmatch(pattern) or pattern.count("*") > LIFECYCLE_PATTERN_WILDCARDS:
            yield Problem(
                at=at,
                message="ECR does not accept this tag pattern",
                given=shown(pattern),
                allowed=f"letters, digits, . _ - and at most {LIFECYCLE_PATTERN_WILDCARDS} wildcards *; "
                "no regular expression, no comma",
                way_out="write a pattern such as v* or prod-*; several are any_of or all_of",
            )


def _selected(policy: Policy, placed: PlacedRule) -> Place:
    """Where the patterns of a rule stand."""
    if policy.of_ours:
        return (*next(at for at, _ in policy.selections() if at[:-1] == placed.at), "tagged")
    return (*placed.at, "selection", "tagPatternList" if "tagPatternList" in placed.selection else "tagPrefixList")


@policy_rule("lifecycle-any-last", "Rules about any images come last, one for a storage class")
def lifecycle_any_last(policy: Policy) -> Iterator[Problem]:
    count = len(policy.related)
    for index, placed in enumerate(policy.related):
        if placed.selection["tagStatus"] != "any":
            continue
        after = policy.related[index + 1 :]
        same = any(other.storage_class == placed.storage_class for other in after)
        if same or any(other.selection["tagStatus"] != "any" for other in after):
            yield Problem(
                at=placed.at,
                message=f"a {policy.noun} about any images must be the last one of its storage class",
                given=f"{index + 1} of {count}",
                allowed="any images in the last one only, and once for standard, once for archived images",
                way_out="move it to the end, or select tagged or untagged images",
            )


@policy_rule("lifecycle-untagged-once", "One rule of a storage class speaks of untagged images")
def lifecycle_untagged_once(policy: Policy) -> Iterator[Problem]:
    first: dict[str, PlacedRule] = {}
    for placed in policy.related:
        if placed.selection["tagStatus"] == "untagged":
            earlier = first.setdefault(placed.storage_class, placed)
            if earlier is not placed:
                yield Problem(
                    at=placed.at,
                    message=f"a second {policy.noun} speaks of untagged images",
                    given=f"{earlier.said} and {placed.said}",
                    allowed="one for standard, one for archived images",
                    way_out="keep the one that is meant",
                )


@policy_rule("lifecycle-pattern-once", "Tag patterns select images of a storage class once")
def lifecycle_pattern_once(policy: Policy) -> Iterator[Problem]:
    first: dict[tuple[str, frozenset[str]], PlacedRule] = {}
    for placed in policy.related:
        if placed.patterns:
            earlier = first.setdefault((placed.storage_class, frozenset(placed.patterns)), placed)
            if earlier is not placed:
                yield Problem(
                    at=_selected(policy, placed),
                    message=f"two {policy.noun}s have the same tag pattern",
                    given=shown(" and ".join(placed.patterns)),
                    allowed="each pattern once in a lifecycle; the first one decides, the second would do nothing",
                    way_out="remove one, or change its pattern",
                )


@policy_rule(
    "lifecycle-length",
    "A lifecycle policy has at most 50 rules and 30,720 characters",
    f"{ECR_API}/API_PutLifecyclePolicy.html",
)
def lifecycle_length(policy: Policy) -> Iterator[Problem]:
    count, length = len(policy.rules), len(policy.text)
    if count > LIFECYCLE_RULES or length > LIFECYCLE_POLICY_LENGTH:
        yield Problem(
            at=policy.at,
            message="the lifecycle policy is too long for ECR",
            given=f"{count} rules, {length:,} characters",
            allowed=f"at most {LIFECYCLE_RULES} rules and {LIFECYCLE_POLICY_LENGTH:,} characters of JSON",
            way_out="join patterns with wildcards",
            key=True,
        )
    elif not count and not policy.of_ours:
        yield Problem(
            at=policy.at,
            message="the lifecycle policy has no rule",
            given="an empty list",
            allowed=f"1 to {LIFECYCLE_RULES} rules",
            way_out="write [] for a lifecycle in which nothing expires",
            key=True,
        )
