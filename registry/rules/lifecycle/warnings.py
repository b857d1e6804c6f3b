"""Warnings about lifecycles that ECR accepts and people regret: what users complain of, said beforehand."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import Severity, YamlPath
from registry.limits import ECR_GUIDE
from registry.patterns import covers
from registry.resolve.lifecycles import PROTECTED_COUNT
from registry.rules.lifecycle.policy import PlacedRule, Policy, policies, policy_rule
from registry.rules.rule import Problem, RuleContext, rule

EXAMPLES = f"{ECR_GUIDE}/lifecycle_policy_examples.html"
ARCHIVE = f"{ECR_GUIDE}/archive_restore_image.html"


def _all_cover(earlier: PlacedRule, later: PlacedRule) -> bool:
    """Whether an image that a later rule selects is always selected by an earlier one."""
    if earlier.storage_class != later.storage_class or not earlier.patterns or not later.patterns:
        return False
    return all(any(covers(wide, narrow) for narrow in later.patterns) for wide in earlier.patterns)


@policy_rule("lifecycle-shadowed", "Put the narrow pattern before the wide one", severity=Severity.WARNING)
def lifecycle_shadowed(policy: Policy) -> Iterator[Problem]:
    """The earlier rule handles every image of the later one, so the later rule never acts."""
    for index, later in enumerate(policy.related):
        for earlier in policy.related[:index]:
            if earlier.listed != later.listed and _all_cover(earlier, later):
                yield Problem(
                    at=later.at,
                    message=f"this {policy.noun} never acts: {earlier.said} handles all its images",
                    given=f"{' and '.join(later.patterns)} after {' and '.join(earlier.patterns)}",
                    allowed="the narrow pattern before the wide one",
                    way_out=f"move it before {earlier.said}, or remove it",
                )
                break


@policy_rule(
    "lifecycle-and", "Write one rule for each pattern, unless all of them must match", severity=Severity.WARNING
)
def lifecycle_and(policy: Policy) -> Iterator[Problem]:
    """ECR selects an image only if its tags match every entry of the list. Users often expect any of them."""
    for placed in () if policy.of_ours else policy.related:
        if len(placed.patterns) > 1:
            words = [word for word in ("tagPatternList", "tagPrefixList") if word in placed.selection]
            yield Problem(
                at=(*placed.at, "selection", words[0]),
                message="this rule selects images whose tags match every one of these, not any of them",
                given=" and ".join(placed.patterns),
                allowed="one entry, or several that must all match",
                way_out="write one rule for each" + ("" if policy.alone else ", or accept this warning with a reason"),
                key=True,
            )


def _takes_every_tag(placed: PlacedRule) -> bool:
    """Whether it takes images of any kind, or those with any tag, of the class that can be pulled."""
    anything = placed.selection["tagStatus"] == "any" or bool(
        placed.patterns and not "".join(placed.patterns).strip("*")
    )
    return anything and placed.takes and not placed.harmless


@policy_rule(
    "lifecycle-any-tagged", "Protect tagged images before a rule that takes any image", EXAMPLES, Severity.WARNING
)
def lifecycle_any_tagged(policy: Policy) -> Iterator[Problem]:
    """Such a rule also deletes releases and images that are running."""
    # Only what leaves images for good keeps them from it: a protect, or a keep that selects something.
    for index, placed in enumerate(policy.related):
        before = [earlier for earlier in policy.related[:index] if earlier.takes]
        if not _takes_every_tag(placed) or any(earlier.leaves and earlier.shielded for earlier in before):
            continue
        tagged = [earlier.said for earlier in before if earlier.patterns]
        yield Problem(
            at=placed.at,
            message=f"this {policy.noun} also acts on tagged images, such as releases and running ones",
            given=("any images" if placed.selection["tagStatus"] == "any" else f"images tagged {placed.patterns[0]}")
            + ", and nothing before it that keeps tagged ones"
            + (
                f": {' and '.join(tagged)} {'expires' if len(tagged) == 1 else 'expire'} them, or matches none"
                if tagged
                else ""
            ),
            allowed="untagged images, or any images after "
            + ("a protect or a keep" if policy.of_ours else "a rule that leaves tagged ones, by imageCountMoreThan"),
            way_out=_protection("prod*", policy, or_else="select untagged images"),
        )


def _protection(pattern: str, policy: Policy, or_else: str = "") -> str:
    """The sentence, or the rule, that keeps images from the one that is warned about."""
    if policy.of_ours:
        said = f'write protect: {{tagged: "{pattern}"}} before it'
    else:
        said = (
            f'put a rule before it with "tagPatternList": ["{pattern}"], "countType": "imageCountMoreThan" and '
            f'"countNumber": {PROTECTED_COUNT}'
        )
    return said + (f", or {or_else}" if or_else else "")


@rule(
    "lifecycle-moving-tag",
    "Protect the tags that move, before a rule that can take their images",
    "https://github.com/aws/containers-roadmap/issues/1078",
    Severity.WARNING,
)
def lifecycle_moving_tag(declared: RuleContext) -> Iterator[Problem]:
    """The image that `prod` points to also has a tag such as v1.9.3. A rule about those deletes it while it runs."""
    by_place = {policy.at: policy for policy in policies(declared)}
    named_by: dict[tuple[YamlPath, str], str] = {}  # by lifecycle and tag the first of the repositories, which are many
    for place, name, moving in _moving(declared):
        for tag in moving if place in by_place else ():
            named_by.setdefault((place or (), tag), name)
    taken: dict[tuple[YamlPath, YamlPath], dict[str, str]] = {}
    for (place, tag), name in named_by.items():
        if (taker := _taker(by_place[place], tag)) is not None:
            taken.setdefault((place, taker.at), {})[tag] = name
    for (place, at), named in taken.items():
        tags, policy = list(named), by_place[place]
        yield Problem(
            at=at,
            message=f"this {policy.noun} may remove an image tagged {_listed(tags)} while it runs",
            given=f"moving tags of {next(iter(named.values()))}, beside another tag of the same image",
            allowed=f"moving tags that an earlier {'protect' if policy.of_ours else 'rule'} keeps",
            way_out=_protections(tags, policy),
        )


def _moving(declared: RuleContext) -> Iterator[tuple[YamlPath | None, str, tuple[str, ...]]]:
    """Where the lifecycle of each repository and template stands, its name, and the tags that move there."""
    for repository in declared.registry.repositories:
        if repository.image_tag_mutability.startswith("IMMUTABLE"):
            yield declared.written.lifecycle_of(repository.name), repository.name, repository.exclusion_filters
    for template in declared.registry.creation_templates:
        written = declared.root.creation_templates.get(template.prefix)
        if written is not None and written.lifecycle and template.image_tag_mutability.startswith("IMMUTABLE"):
            place = declared.written.lifecycle_place(written.lifecycle, None)
            yield place, f"the template {template.prefix}", template.exclusion_filters


def _taker(policy: Policy, tag: str) -> PlacedRule | None:
    """The first rule that may take an image with this tag (or one that this pattern matches) and others beside it."""
    for placed in policy.related:
        if not placed.takes or placed.selection["tagStatus"] == "untagged":
            continue
        if placed.protects(tag):
            return None
        if not placed.harmless:
            return placed
    return None


def _protections(tags: list[str], policy: Policy) -> str:
    if len(tags) == 1 or not policy.of_ours:
        several = f"; one rule each for {_listed(tags)}" if len(tags) > 1 else ""
        return _protection(tags[0], policy) + several
    quoted = ", ".join(f'"{tag}"' for tag in tags)
    return f"write protect: {{tagged: {{any_of: [{quoted}]}}}} before it"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


@policy_rule("lifecycle-archive", "Archive for recovery, not to save money", ARCHIVE, Severity.WARNING)
def lifecycle_archive(policy: Policy) -> Iterator[Problem]:
    """Archived images cost about the same, are billed for 90 days at least, and cannot be pulled until somebody
    restores them.
    """
    archives = [placed for placed in policy.related if placed.rule["action"]["type"] == "transition"]
    expires = any(placed.storage_class == "archive" for placed in policy.related)
    if archives:
        yield Problem(
            at=archives[0].at,
            message="archived images cost the same as others up to 150 TB a month, are billed for at least 90 days, "
            "and cannot be pulled until somebody restores them" + ("" if expires else "; these never expire"),
            given="archive" if policy.of_ours else "transition",
            allowed="archiving as a period in which a deletion can be undone",
            way_out=("" if expires else _expiry(policy)) + _otherwise(policy),
        )


def _expiry(policy: Policy) -> str:
    if policy.of_ours:
        return "add expire_archived: {any: true, after_days: 90}; "
    return 'add a rule with "storageClass": "archive", "countType": "sinceImageTransitioned", 90 days or more; '


def _otherwise(policy: Policy) -> str:
    return "or expire them instead" if policy.alone else "accept this warning with a reason, or write expire"
