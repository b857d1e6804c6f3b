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


@policy_rule("lifecycle-pattern-unmatched", "A tag of an image can match a tag pattern", severity=Severity.WARNING)
def lifecycle_pattern_unmatched(policy: Policy) -> Iterator[Problem]:
    """A warning: AWS says nothing of such patterns, and a policy that is live can be taken in as it is."""
    for at, pattern in (*_own(policy, "tagPatternList"), *_own(policy, "tagPrefixList")):
        prefix = "tagPrefixList" in at
        if prefix and not pattern:
            yield Problem(
                at=at,
                message="every tag begins with this prefix, so the rule selects all tagged images",
                given=shown(pattern),
                allowed="a prefix that says which images are meant",
                way_out="write the prefix that is meant, such as v",
            )
        elif not IMAGE_TAG.fullmatch(pattern):
            yield Problem(
                at=at,
                message="no tag can match this, so the rule selects no image and keeps none from later rules",
                given=shown(pattern),
                allowed="what a tag is made of: letters, digits, . _ -, the first one no . and no -",
                way_out=f"write {'the prefix' if prefix else 'the pattern'} of tags that exist, or remove the rule",
            )


@policy_rule("lifecycle-prefix", "A prefix has no wildcard", severity=Severity.WARNING)
def lifecycle_prefix(policy: Policy) -> Iterator[Problem]:
    """AWS speaks of wildcards for tagPatternList only; a simulation takes the reading that takes more away."""
    for at, prefix in _own(policy, "tagPrefixList"):
        if "*" in prefix:
            yield Problem(
                at=at,
                message="AWS speaks of wildcards in tagPatternList only: here * may mean itself, which no tag has",
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
@policy_rule("lifecycle-any-last", "A rule about any images is the last of its storage class")
def lifecycle_any_last(policy: Policy) -> Iterator[Problem]:
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
    if (policy.of_ours and count > LIFECYCLE_RULES) or length > LIFECYCLE_POLICY_LENGTH:
        yield Problem(
            at=policy.at,
            message="the lifecycle policy is too long for ECR",
            given=f"{count} rules, {length:,} characters",
            allowed=f"at most {LIFECYCLE_RULES} rules and {LIFECYCLE_POLICY_LENGTH:,} characters of JSON",
            way_out="join patterns with wildcards",
            key=True,
        )
