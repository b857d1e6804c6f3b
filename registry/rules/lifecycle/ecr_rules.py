"""Rules about a rule of ECR's own lifecycle policy: which of its fields go together.

Sentences cannot break them; what they compile to is tested against these very rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final

from registry.findings import YamlPath, shown
from registry.limits import ARCHIVED_DAYS, LIFECYCLE_COUNT
from registry.rules.lifecycle.policy import Policy, policy_rule
from registry.rules.rule import Problem
from registry.shape import PolicyShape, RuleShape

#: What each count type may do, and to images of which storage class.
ACTIONS: Final = {
    "imageCountMoreThan": ({"expire", "transition"}, "standard"),
    "sinceImagePushed": ({"expire", "transition"}, "standard"),
    "sinceImagePulled": ({"transition"}, "standard"),
    "sinceImageTransitioned": ({"expire"}, "archive"),
}


def _rules(policy: Policy) -> Iterator[tuple[YamlPath, RuleShape]]:
    if isinstance(policy.lifecycle, PolicyShape):
        for index, rule in enumerate(policy.lifecycle.rules):
            yield (*policy.at, "rules", index), rule


@policy_rule("lifecycle-rule-tags", "Give tagged rules exactly one list of tags, and other rules none")
def lifecycle_rule_tags(policy: Policy) -> Iterator[Problem]:
    """ECR refuses the policy otherwise."""
    for at, rule in _rules(policy):
        selection = rule.selection
        lists = [word for word in ("tagPatternList", "tagPrefixList") if getattr(selection, word) is not None]
        tagged = selection.tagStatus == "tagged"
        if tagged and (len(lists) != 1 or not getattr(selection, lists[0])):
            yield Problem(
                at=(*at, "selection"),
                message="a rule for tagged images must say which tags",
                given=" and ".join(lists) or "neither" if len(lists) != 1 else f"an empty {lists[0]}",
                allowed="exactly one of tagPatternList and tagPrefixList, with an entry at least",
                way_out='write "tagPatternList": ["v*"] with your pattern',
            )
        elif not tagged and lists:
            yield Problem(
                at=(*at, "selection", lists[0]),
                message=f"{lists[0]} goes with tagged images only",
                given=f"tagStatus {selection.tagStatus}",
                allowed=f"{lists[0]} with tagStatus tagged",
                way_out=f"remove {lists[0]}, or write tagged",
                key=True,
            )


@policy_rule("lifecycle-rule-count", "Give a count the unit, number and storage class of its type")
def lifecycle_rule_count(policy: Policy) -> Iterator[Problem]:
    """ECR refuses the policy otherwise."""
    for at, rule in _rules(policy):
        selection = rule.selection
        ages = selection.countType != "imageCountMoreThan"
        if ages != (selection.countUnit is not None):
            yield Problem(
                at=(*at, "selection", "countUnit") if selection.countUnit else (*at, "selection"),
                message=f"{selection.countType} {'needs a unit' if ages else 'has no unit'}",
                given=shown(selection.countUnit),
                allowed="countUnit days with the types that begin with since, and only there",
                way_out='add "countUnit": "days"' if ages else "remove countUnit",
                key=selection.countUnit is not None,
            )
        if selection.countType == "sinceImageTransitioned" and selection.countNumber < ARCHIVED_DAYS:
            yield Problem(
                at=(*at, "selection", "countNumber"),
                message=f"ECR keeps archived images for {ARCHIVED_DAYS} days at least",
                given=shown(selection.countNumber),
                allowed=f"{ARCHIVED_DAYS} or more with {selection.countType}",
                way_out=f"write {ARCHIVED_DAYS} or more",
            )
        _, storage = ACTIONS[selection.countType]
        if (selection.storageClass or "standard") != storage:
            yield Problem(
                at=(*at, "selection", "storageClass") if selection.storageClass else (*at, "selection"),
                message=f"{selection.countType} is for the storage class {storage}",
                given=selection.storageClass or "no storageClass, which means standard",
                allowed=storage,
                way_out=f'write "storageClass": "{storage}"',
            )


@policy_rule("lifecycle-rule-action", "Use an action that the count type allows")
def lifecycle_rule_action(policy: Policy) -> Iterator[Problem]:
    """ECR refuses the policy otherwise. For example, images expire by their push, not by their last pull."""
    for at, rule in _rules(policy):
        kind, target = rule.action.type, rule.action.targetStorageClass
        allowed, _ = ACTIONS[rule.selection.countType]
        if kind not in allowed:
            yield Problem(
                at=(*at, "action", "type"),
                message=f"images cannot {kind} by {rule.selection.countType}",
                given=kind,
                allowed=" or ".join(sorted(allowed)),
                way_out=f'write "type": "{min(allowed)}", or count otherwise',
            )
        if (kind == "transition") != (target is not None):
            yield Problem(
                at=(*at, "action", "targetStorageClass") if target else (*at, "action"),
                message="transition needs a target" if target is None else "expire has no target",
                given=target or "no targetStorageClass",
                allowed="targetStorageClass archive with transition, and only there",
                way_out='add "targetStorageClass": "archive"' if target is None else "remove targetStorageClass",
                key=target is not None,
            )


@policy_rule("lifecycle-rule-priority", "Give every rule a priority of its own, from 1")
def lifecycle_rule_priority(policy: Policy) -> Iterator[Problem]:
    """ECR refuses a policy with a priority that is below 1 or is there twice."""
    taken: dict[int, YamlPath] = {}
    for at, rule in _rules(policy):
        taken.setdefault(rule.rulePriority, at)
    free = max(taken, default=0) + 1
    if not 1 <= free <= LIFECYCLE_COUNT:
        free = next(number for number in count(1) if number not in taken)
    for at, rule in _rules(policy):
        if taken[rule.rulePriority] != at:
            yield Problem(
                at=(*at, "rulePriority"),
                message="two rules have this priority",
                given=shown(rule.rulePriority),
                allowed="whole numbers from 1, each once; gaps are fine",
                way_out=f"choose a number that is free, such as {free}",
            )
