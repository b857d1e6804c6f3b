"""Whether one lifecycle policy takes images that another one does not, from their rules alone.

It says no only where that is certain for every list of images: for each rule that takes, the other policy has one that
takes all of the same images. Where it cannot tell, it says yes. A test asks the simulation whether that is so.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from registry.errors import InvalidFile
from registry.lifecycle.policy import Rule, rules_of
from registry.patterns import covers
from registry.resolve.lifecycles import PROTECTED_COUNT

#: An image that was not pulled for so long was not pushed since then either.
_AS_OLD: Final = {"sinceImagePulled": ("sinceImagePulled", "sinceImagePushed")}


@lru_cache(maxsize=4096)
def takes_more(new: str | None, old: str | None) -> str:
    """What the policy text `new` may take and `old` does not, in words; empty where that is certainly nothing."""
    try:
        before, after = _rules(old), _rules(new)
    except InvalidFile:  # of an old file with errors
        return "takes what cannot be told"
    return next((_said(rule) for rule in after if not _justified(rule, after, before)), "")


def _rules(text: str | None) -> tuple[Rule, ...]:
    return rules_of(text, "policy") if text else ()


def _takes(rule: Rule) -> bool:
    return not (rule.counts_images and rule.number >= PROTECTED_COUNT)


def _justified(rule: Rule, after: Sequence[Rule], before: Sequence[Rule]) -> bool:
    return not _takes(rule) or any(
        _takes_all(other, rule)
        and all(
            _is_left_alone(shield, rule, after)
            for shield in before
            if shield.priority < other.priority and shield.storage_class == rule.storage_class
        )
        for other in before
    )


def _takes_all(other: Rule, rule: Rule) -> bool:
    """Whether one rule, if no other stood before it, takes whatever another takes.

    What is beyond the newest five of some images is beyond the newest five of more images.
    """
    return (
        _takes(other)
        and other.storage_class == rule.storage_class
        and (other.action == rule.action or other.action == "expire")
        and other.count_type in _AS_OLD.get(rule.count_type, (rule.count_type,))
        and other.number <= rule.number
        and _selects_all(other, rule)
    )


def _selects_all(wide: Rule, narrow: Rule) -> bool:
    if wide.tag_status == "any":
        return True
    if wide.tag_status != narrow.tag_status:
        return False
    return all(any(covers(one, each) for each in narrow.patterns) for one in wide.patterns)


def _is_left_alone(shield: Rule, rule: Rule, after: Sequence[Rule]) -> bool:
    """Whether a rule takes nothing of what a shield of the old policy kept from its counterpart.

    The new policy shields it as well, or the old one's shield takes all of that by its age itself.
    """
    if {shield.tag_status, rule.tag_status} == {"tagged", "untagged"}:
        return True
    if not shield.counts_images and _takes(shield) and _age_takes(shield, rule):
        return True
    return any(
        each.priority < rule.priority
        and each.storage_class == rule.storage_class
        and each.shields
        and _selects_all(each, shield)
        for each in after
    )


def _age_takes(shield: Rule, rule: Rule) -> bool:
    """Whether what a rule takes of the images of a shield is old enough for the shield to take it, too."""
    return (
        shield.number <= rule.number
        and shield.count_type in _AS_OLD.get(rule.count_type, (rule.count_type,))
        and (shield.action == rule.action or shield.action == "expire")
    )


def _said(rule: Rule) -> str:
    """A rule in the words of the file."""
    images = {
        "any": "images of any kind",
        "untagged": "untagged images",
        "tagged": f"images tagged {' and '.join(rule.patterns)}",
    }[rule.tag_status]
    verb = "archives" if rule.action == "transition" else "expires"
    archived = "archived " if rule.storage_class == "archive" else ""
    if rule.counts_images:
        return f"{verb} all but the last {rule.number:,} {archived}{images}"
    since = {"sinceImagePushed": "push", "sinceImagePulled": "last pull", "sinceImageTransitioned": "archiving"}
    return f"{verb} {archived}{images} {rule.number:,} days after their {since[rule.count_type]}"
