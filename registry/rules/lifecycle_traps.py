"""Warnings about lifecycles that ECR accepts and people regret: what users complain of, said beforehand."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import Severity
from registry.limits import ECR_GUIDE
from registry.patterns import covers
from registry.rules.mechanism import Declared, Problem, rule
from registry.rules.policies import PlacedRule, Policy, policies, policy_rule

EXAMPLES = f"{ECR_GUIDE}/lifecycle_policy_examples.html"
ARCHIVE = f"{ECR_GUIDE}/archive_restore_image.html"


def _all_cover(earlier: PlacedRule, later: PlacedRule) -> bool:
    """Whether an image that a later rule selects is always selected by an earlier one."""
    if earlier.storage_class != later.storage_class or not earlier.patterns or not later.patterns:
        return False
    return all(any(covers(wide, narrow) for narrow in later.patterns) for wide in earlier.patterns)


@policy_rule("lifecycle-shadowed", "A rule can act on an image", severity=Severity.WARNING)
def lifecycle_shadowed(policy: Policy) -> Iterator[Problem]:
    for index, later in enumerate(policy.related):
        for earlier in policy.related[:index]:
            if set(earlier.patterns) != set(later.patterns) and _all_cover(earlier, later):
                yield Problem(
                    at=later.at,
                    message=f"this {policy.noun} never does anything: {earlier.said} speaks of all its images",
                    given=f"{' and '.join(later.patterns)} after {' and '.join(earlier.patterns)}",
                    allowed="the narrow pattern before the wide one",
                    way_out=f"move it before {earlier.said}, or remove it",
                )
                break


@policy_rule("lifecycle-and", "Several patterns in one rule of ECR's mean all of them", severity=Severity.WARNING)
def lifecycle_and(policy: Policy) -> Iterator[Problem]:
    for placed in () if policy.of_ours else policy.related:
        if len(placed.patterns) > 1:
            words = [word for word in ("tagPatternList", "tagPrefixList") if word in placed.selection]
            yield Problem(
                at=(*placed.at, "selection", words[0]),
                message="this rule selects images whose tags match every one of these, not any of them",
                given=" and ".join(placed.patterns),
                allowed="one entry, or several where all of them are meant",
                way_out="write one rule for each, or accept this warning with a reason",
                key=True,
            )


def _keeps(placed: PlacedRule) -> bool:
    """Whether a rule leaves images, and so shields them from the rules after it."""
    return bool(placed.patterns)


@policy_rule("lifecycle-any-tagged", "A rule about any images may take releases", EXAMPLES, Severity.WARNING)
def lifecycle_any_tagged(policy: Policy) -> Iterator[Problem]:
    for index, placed in enumerate(policy.related):
        takes = placed.selection["tagStatus"] == "any" and placed.storage_class == "standard"
        if takes and not any(map(_keeps, policy.related[:index])):
            yield Problem(
                at=placed.at,
                message=f"this {policy.noun} takes tagged images too, releases and what runs among them",
                given="any images, and nothing before it that speaks of tags",
                allowed="untagged images, or any images after a protect or a keep",
                way_out='write untagged: true, or protect: {tagged: "prod*"} before it',
            )


@rule(
    "lifecycle-moving-tag",
    "No lifecycle takes what a moving tag points to",
    "https://github.com/aws/containers-roadmap/issues/1078",
    Severity.WARNING,
)
def lifecycle_moving_tag(declared: Declared) -> Iterator[Problem]:
    by_place = {policy.at: policy for policy in policies(declared)}
    looked_at: set[tuple[object, str]] = set()
    for repository in declared.registry.repositories:
        if not repository.image_tag_mutability.startswith("IMMUTABLE") or not repository.lifecycle:
            continue
        place = declared.written.lifecycle_of(repository.name)
        policy = by_place.get(place) if place else None
        for tag in repository.exclusion_filters if policy else ():
            if policy is None or "*" in tag or (place, tag) in looked_at:
                continue
            looked_at.add((place, tag))
            if (taker := _taker(policy, tag)) is not None:
                yield Problem(
                    at=taker.at,
                    message=f"this {policy.noun} may take the image that {tag} points to, while it runs",
                    given=f"the moving tag {tag} of {repository.name}",
                    allowed="moving tags that an earlier protect speaks of, or no pattern of a later one",
                    way_out=f'write protect: {{tagged: "{tag}"}} before it',
                )


def _taker(policy: Policy, tag: str) -> PlacedRule | None:
    """The rule that would take an image with this tag, whatever its other tags are."""
    for placed in policy.related:
        if placed.storage_class != "standard" or placed.selection["tagStatus"] == "untagged":
            continue
        if placed.patterns and not all(covers(pattern, tag) for pattern in placed.patterns):
            continue
        protects = placed.selection["countType"] == "imageCountMoreThan" and placed.selection["countNumber"] >= 100_000
        return None if protects else placed
    return None


@policy_rule("lifecycle-archive", "Archiving is for recovery, hardly for saving", ARCHIVE, Severity.WARNING)
def lifecycle_archive(policy: Policy) -> Iterator[Problem]:
    archives = [placed for placed in policy.related if placed.rule["action"]["type"] == "transition"]
    expires = any(placed.storage_class == "archive" for placed in policy.related)
    if archives:
        yield Problem(
            at=archives[0].at,
            message="archived images cost what others cost, up to 150 TB a month, and are billed for 90 days at least; "
            "they cannot be pulled until somebody restores them" + ("" if expires else "; and these never expire"),
            given="archive" if policy.of_ours else "transition",
            allowed="archiving as a time in which a deletion can be undone",
            way_out=("" if expires else "add expire_archived: {any: true, after_days: 90}; ")
            + "accept this warning with a reason, or write expire",
        )
