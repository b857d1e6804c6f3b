"""Lifecycle sentences to ECR's lifecycle policy text.

One sentence is one rule, and its place in the list is the rule's priority: ECR lets no rule touch an image
whose tags match a rule of higher priority, which is what `protect` and `keep` rest on.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from registry.model import LifecyclePolicy
from registry.shape import ExpireShape, KeepShape, ProtectShape, SelectionShape, SentenceShape

# A rule that expires all but this many images expires none: ten times ECR's default quota of images
# in a repository (100,000, adjustable).
PROTECTED_COUNT: Final = 1_000_000

BUILT_IN_NAME: Final = "untagged-14-days"
BUILT_IN: Final = (SentenceShape(expire=ExpireShape(untagged=True, after_days=14)),)


def compiled(name: str, sentences: Sequence[SentenceShape]) -> LifecyclePolicy | None:
    """The policy of a lifecycle; None where it has no sentence: nothing ever expires."""
    rules = [_rule(priority, sentence) for priority, sentence in enumerate(sentences, 1)]
    return LifecyclePolicy(name=name, text=json.dumps({"rules": rules}, separators=(",", ":"))) if rules else None


def _rule(priority: int, sentence: SentenceShape) -> dict[str, Any]:
    if sentence.protect is not None:
        description = f"protect images tagged {sentence.protect.tagged}"
        selection = {**_selected(sentence.protect), **_count("imageCountMoreThan", PROTECTED_COUNT)}
    elif sentence.keep is not None:
        description = f"keep the last {sentence.keep.last} {_images(sentence.keep)}"
        selection = {**_selected(sentence.keep), **_count("imageCountMoreThan", sentence.keep.last)}
    elif sentence.expire is not None:
        days = sentence.expire.after_days
        description = f"expire {_images(sentence.expire)} {days} day{'' if days == 1 else 's'} after their push"
        selection = {**_selected(sentence.expire), **_count("sinceImagePushed", days)}
    else:  # an empty sentence, which the rule lifecycle-sentence refuses
        return {}
    return {
        "rulePriority": priority,
        "description": description,
        "selection": selection,
        "action": {"type": "expire"},
    }


def _selected(selection: ProtectShape | KeepShape | ExpireShape) -> dict[str, Any]:
    if selection.tagged is not None:
        return {"tagStatus": "tagged", "tagPatternList": [selection.tagged]}
    return {"tagStatus": "untagged" if getattr(selection, "untagged", None) else "any"}


def _count(count_type: str, number: int) -> dict[str, Any]:
    unit = {"countUnit": "days"} if count_type == "sinceImagePushed" else {}
    return {"countType": count_type, **unit, "countNumber": number}


def _images(selection: SelectionShape) -> str:
    if selection.tagged is not None:
        return f"images tagged {selection.tagged}"
    return "untagged images" if selection.untagged else "images of any kind"
