"""Lifecycles to ECR's lifecycle policy text.

The place of a sentence in the list is its rule's priority: ECR lets no rule touch an image whose tags match a
rule of higher priority, which is what `protect` and `keep` rest on. ECR's own rules go as they are, sorted.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from registry.limits import IMAGES
from registry.model import LifecyclePolicy
from registry.shape import (
    ArchiveShape,
    ExpireArchivedShape,
    ExpireShape,
    KeepShape,
    Lifecycle,
    PatternsShape,
    PolicyShape,
    ProtectShape,
    SentenceShape,
    Tagged,
)

# A rule that expires all but this many images expires none: ten times ECR's default quota, which can be raised.
PROTECTED_COUNT: Final = 10 * IMAGES

BUILT_IN: Final = (SentenceShape(expire=ExpireShape(untagged=True, after_days=14)),)

Selection = ProtectShape | KeepShape | ExpireShape | ArchiveShape | ExpireArchivedShape
Rule = dict[str, Any]


def rules_of(lifecycle: Lifecycle) -> Iterator[tuple[tuple[str | int, ...], Rule]]:
    """The rules of a lifecycle in ECR's words, as written, each with its place within the lifecycle."""
    if isinstance(lifecycle, PolicyShape):
        for index, rule in enumerate(lifecycle.rules):
            yield ("rules", index), rule.model_dump(exclude_none=True)
        return
    priority = 0
    for index, sentence in enumerate(lifecycle):
        for unnumbered in _rules(sentence):
            priority += 1
            yield (index,), {"rulePriority": priority, **unnumbered}


def to_ecr_policy(name: str, lifecycle: Lifecycle) -> LifecyclePolicy | None:
    """The policy of a lifecycle; None where it has no rule: nothing ever expires."""
    rules = sorted((rule for _, rule in rules_of(lifecycle)), key=_priority)  # ECR answers with them sorted
    text = json.dumps({"rules": rules}, separators=(",", ":"), ensure_ascii=False)
    return LifecyclePolicy(name=name, text=text) if rules else None


def expires(policy: str) -> bool:
    """Whether a policy text takes images away: an expiry that is no protection."""
    return any(
        rule["action"]["type"] == "expire" and rule["selection"]["countNumber"] < PROTECTED_COUNT
        for rule in json.loads(policy)["rules"]
    )


def _priority(rule: Rule) -> int:
    return int(rule["rulePriority"])


def patterns_of(tagged: Tagged | None) -> list[tuple[str, ...]]:
    """The lists of patterns a selection comes to, one for each rule; an image must match all of one list."""
    if isinstance(tagged, str):
        return [(tagged,)]
    if isinstance(tagged, PatternsShape):
        return [(pattern,) for pattern in tagged.any_of or ()] or [tuple(tagged.all_of or ())]
    return []


def verb_and_selection(sentence: SentenceShape) -> tuple[str, Selection] | None:
    """The verb of a sentence and what it speaks of; the first of several, which a rule refuses."""
    for verb in SentenceShape.model_fields:
        if (selection := getattr(sentence, verb)) is not None:
            return verb, selection
    return None


def _rules(sentence: SentenceShape) -> Iterator[Rule]:
    """The rules of a sentence: one, or one for each pattern of `any_of`."""
    found = verb_and_selection(sentence)
    if found is None:
        return
    verb, selection = found
    count, what = _count(selection)
    storage = {"storageClass": "archive"} if verb == "expire_archived" else {}
    archives = verb == "archive"
    action = {"type": "transition", "targetStorageClass": "archive"} if archives else {"type": "expire"}
    for selected, images in _selected(selection):
        yield {
            "description": what.format(images=images),
            "selection": {**selected, **storage, **count},
            "action": action,
        }


def _selected(selection: Selection) -> Iterator[tuple[Rule, str]]:
    """What a rule selects, in ECR's words and in ours."""
    for patterns in patterns_of(selection.tagged):
        yield {"tagStatus": "tagged", "tagPatternList": list(patterns)}, f"images tagged {' and '.join(patterns)}"
    if selection.tagged is None:
        untagged = getattr(selection, "untagged", None)
        yield {"tagStatus": "untagged" if untagged else "any"}, "untagged images" if untagged else "images of any kind"


def _count(selection: Selection) -> tuple[Rule, str]:
    """What a rule counts, and the description, in which `{images}` stands for what is selected."""
    match selection:
        case ProtectShape():
            return _images(PROTECTED_COUNT), "protect {images}"
        case KeepShape():
            return _images(selection.last), f"keep the last {selection.last} {{images}}"
        case ExpireShape():
            return _days("sinceImagePushed", selection.after_days), f"expire {{images}} {_age(selection)} their push"
        case ExpireArchivedShape():
            count = _days("sinceImageTransitioned", selection.after_days)
            return count, f"expire archived {{images}} {_age(selection)} they were archived"
        case ArchiveShape(unpulled_days=int(days)):
            return _days("sinceImagePulled", days), f"archive {{images}} {_in_words(days)} after their last pull"
        case ArchiveShape(last=int(number)):
            return _images(number), f"archive all but the last {number} {{images}}"
        case _:
            days = selection.after_days or 0  # 0 where no count is written, which a rule refuses
            return _days("sinceImagePushed", days), f"archive {{images}} {_in_words(days)} after their push"


def _age(selection: ExpireShape | ExpireArchivedShape) -> str:
    return f"{_in_words(selection.after_days)} after"


def _in_words(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'}"


def _images(number: int) -> Rule:
    return {"countType": "imageCountMoreThan", "countNumber": number}


def _days(count_type: str, number: int) -> Rule:
    return {"countType": count_type, "countUnit": "days", "countNumber": number}
