"""The outcome in the shape of `aws ecr get-lifecycle-policy-preview`, with what AWS does not say beside it.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetLifecyclePolicyPreview.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from registry.simulation.algorithm import Later, Mark, Outcome

Answer = dict[str, Any]
_ACTIONS: Final = {
    "expire": {"type": "EXPIRE"},
    "transition": {"type": "TRANSITION", "targetStorageClass": "ARCHIVE"},
}
_IMAGE: Final = '{"imageTags":'
_NEXT: Final = "}," + _IMAGE
_NEXT_LINE: Final = "},\n    " + _IMAGE


def answer(outcome: Outcome, *, policy: str, repository: str | None = None) -> Answer:
    """AWS's fields, then ours.

    Ours are `laterResults` (what goes in later runs, because of which image), `indexesWithUnknownChildren` and
    `archivedWithoutTime`; the last two only where there are any.
    """
    transitions = sum(mark.rule.action == "transition" for mark in outcome.marks)
    summary: Answer = {"expiringImageTotalCount": len(outcome.marks) - transitions}
    if transitions:  # "only present if at least one image will be transitioned"
        summary["transitioningImageTotalCounts"] = [{"targetStorageClass": "ARCHIVE", "imageTotalCount": transitions}]
    found: Answer = {"repositoryName": repository} if repository else {}
    found |= {
        "lifecyclePolicyText": policy,
        "status": "COMPLETE",
        "previewResults": [_result(mark) for mark in outcome.marks],
        "summary": summary,
        "laterResults": [{**_result(each), "because": f"{each.how} {each.because}"} for each in outcome.later],
    }
    if outcome.unknown:
        found["indexesWithUnknownChildren"] = list(outcome.unknown)
    if outcome.undated:
        found["archivedWithoutTime"] = list(outcome.undated)
    return found


def _result(mark: Mark | Later) -> Answer:
    image, rule = mark.image, mark.rule
    return {
        "imageTags": image.tags or (),
        "imageDigest": image.digest,
        "imagePushedAt": image.pushed.isoformat(),
        "action": _ACTIONS[rule.action],
        "appliedRulePriority": rule.priority,
        "storageClass": "ARCHIVE" if image.status == "ARCHIVED" else "STANDARD",
    }


def text(found: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> str:
    """JSON with an entry of a list on each line: as readable as it is quick to write, for a million entries."""
    if not isinstance(found, Mapping):
        return "[\n" + ",\n".join(map(text, found)) + "\n]" if found else "[]"
    return "{\n" + ",\n".join(f"  {_json(key)}: {_value(value)}" for key, value in found.items()) + "\n}"


def _value(value: Any) -> str:
    # One call for a list of any length; an image begins with its tags, and in JSON no text can hold a bare quote.
    written = _json(value)
    return f"[\n    {written[1:-1].replace(_NEXT, _NEXT_LINE)}\n  ]" if written.startswith(f"[{_IMAGE}") else written


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
