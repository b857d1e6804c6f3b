"""Rules about a whole lifecycle policy: how its rules stand to each other, and how long it is."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import Severity, YamlPath, shown
from registry.limits import ECR_API, IMAGE_TAG, LIFECYCLE_POLICY_LENGTH, LIFECYCLE_RULES
from registry.rules.lifecycle.policy import PlacedRule, Policy, policy_rule
from registry.rules.rule import Problem


def _patterns(policy: Policy) -> Iterator[tuple[YamlPath, str]]:
    """Every tag pattern of ours as written, with its place."""
    for at, selection in policy.selections():
        tagged = selection.tagged
        if isinstance(tagged, str):
            yield (*at, "tagged"), tagged
        elif tagged is not None:
            for word in ("all_of", "any_of"):
                for index, pattern in enumerate(getattr(tagged, word) or ()):
                    yield (*at, "tagged", word, index), pattern


def _own(policy: Policy, word: str) -> Iterator[tuple[YamlPath, str]]:
    """Every entry of one of ECR's own two lists, with its place."""
    for placed in () if policy.of_ours else policy.rules:
        for index, pattern in enumerate(placed.selection.get(word, ())):
            yield (*placed.at, "selection", word, index), pattern


@policy_rule("lifecycle-pattern-unmatched", "Write patterns that a tag can match", severity=Severity.WARNING)
def lifecycle_pattern_unmatched(policy: Policy) -> Iterator[Problem]:
    """A pattern that no tag can match selects no image and protects none; the empty prefix selects all of them."""
    # A warning: AWS says nothing of such patterns, and a policy that is live must be importable as it is.
    for at, pattern in (*_own(policy, "tagPatternList"), *_own(policy, "tagPrefixList")):
        prefix = "tagPrefixList" in at
        if prefix and not pattern:
            yield Problem(
                at=at,
                message="every tag begins with this prefix, so the rule selects all tagged images",
                given=shown(pattern),
                allowed="a prefix of at least one character",
                way_out="write a longer prefix, such as v",
            )
        elif not IMAGE_TAG.fullmatch(pattern):
            yield Problem(
                at=at,
                message="no tag can match this, so the rule selects no image and protects none",
                given=shown(pattern),
                allowed="the characters of a tag: letters, digits, . _ -, not beginning with . or -",
                way_out=f"write {'the prefix' if prefix else 'the pattern'} of tags that exist, or remove the rule",
            )


@policy_rule("lifecycle-prefix", "Use wildcards in patterns only, not in prefixes", severity=Severity.WARNING)
def lifecycle_prefix(policy: Policy) -> Iterator[Problem]:
    """AWS describes wildcards for patterns only. In a prefix `*` may mean itself, and then the rule selects nothing."""
    # The simulation takes the reading that deletes more.
    for at, prefix in _own(policy, "tagPrefixList"):
        if "*" in prefix:
            yield Problem(
                at=at,
                message="AWS documents wildcards for tagPatternList only: here * may mean itself, and no tag has one",
                given=shown(prefix),
                allowed="the beginning of tags, as it is",
                way_out=f'write "{prefix.rstrip("*")}*" in a tagPatternList, in place of tagPrefixList',
            )


def _selected(policy: Policy, placed: PlacedRule) -> YamlPath:
    """Where the patterns of a rule stand."""
    if policy.of_ours:
        return (*next(at for at, _ in policy.selections() if at[:-1] == placed.at), "tagged")
    return (*placed.at, "selection", "tagPatternList" if "tagPatternList" in placed.selection else "tagPrefixList")


# PutLifecyclePolicy's own words: "Rule for tagStatus=ANY must have the lowest priority per storage class"
@policy_rule("lifecycle-any-last", "Put the rule about any images last in its storage class")
def lifecycle_any_last(policy: Policy) -> Iterator[Problem]:
    """ECR refuses the policy otherwise: this rule must have the lowest priority."""
    last: dict[str, int] = {placed.storage_class: index for index, placed in enumerate(policy.related)}
    for index, placed in enumerate(policy.related):
        if placed.selection["tagStatus"] == "any" and index < last[placed.storage_class]:
            yield Problem(
                at=placed.at,
                message=f"a {policy.noun} about any images must be the last one of its storage class",
                given=f"{policy.related[last[placed.storage_class]].said} of the class {placed.storage_class} after it",
                allowed="once for standard images, once for archived ones, after all others of that class",
                way_out="move it behind the others" if policy.of_ours else "give it the highest rulePriority of them",
            )


@policy_rule("lifecycle-untagged-once", "Write one rule about untagged images in a storage class")
def lifecycle_untagged_once(policy: Policy) -> Iterator[Problem]:
    """ECR refuses a second one."""
    first: dict[str, PlacedRule] = {}
    for placed in policy.related:
        if placed.selection["tagStatus"] == "untagged":
            earlier = first.setdefault(placed.storage_class, placed)
            if earlier is not placed:
                yield Problem(
                    at=placed.at,
                    message=f"a second {policy.noun} selects untagged images",
                    given=f"{earlier.said} and {placed.said}",
                    allowed="one for standard, one for archived images",
                    way_out="keep one of the two",
                )


@policy_rule("lifecycle-pattern-once", "Use the same tag patterns once in a storage class")
def lifecycle_pattern_once(policy: Policy) -> Iterator[Problem]:
    """The first rule decides about all these images, so the second one would never act."""
    # Of a prefix and a pattern with the same meaning AWS says nothing: lifecycle-shadowed warns of those.
    first: dict[tuple[str, str, frozenset[str]], PlacedRule] = {}
    for placed in policy.related:
        if placed.patterns:
            earlier = first.setdefault((placed.storage_class, *placed.listed), placed)
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
    "Keep a lifecycle policy within 50 rules and 30,720 characters",
    f"{ECR_API}/API_PutLifecyclePolicy.html",
)
def lifecycle_length(policy: Policy) -> Iterator[Problem]:
    """ECR refuses a longer policy, and the deploy of the whole namespace is rolled back."""
    count, length = len(policy.rules), len(policy.text)
    if (policy.of_ours and count > LIFECYCLE_RULES) or length > LIFECYCLE_POLICY_LENGTH:
        yield Problem(
            at=policy.at,
            message="the lifecycle policy is too long for ECR",
            given=f"{count} rules, {length:,} characters",
            allowed=f"at most {LIFECYCLE_RULES} rules and {LIFECYCLE_POLICY_LENGTH:,} characters of JSON",
            way_out="join patterns with wildcards",
            key=True,
        )
