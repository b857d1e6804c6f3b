"""The outcome in the shape of `aws ecr get-lifecycle-policy-preview`, with what AWS does not say beside it.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetLifecyclePolicyPreview.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from registry.lifecycle.algorithm import FollowUp, Mark, Outcome

Answer = dict[str, Any]
_ACTIONS: Final = {
    "expire": {"type": "EXPIRE"},
    "transition": {"type": "TRANSITION", "targetStorageClass": "ARCHIVE"},
}
_NEXT: Final = '},{"imageTags":'
_NEXT_LINE: Final = '},\n    {"imageTags":'
_AT_ONCE: Final = 1_000


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


def _result(mark: Mark | FollowUp) -> Answer:
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
    """JSON with an image on each line."""
    return "".join(pieces(found))


def pieces(found: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The same bit by bit: a million images are never in memory as text."""
    if not isinstance(found, Mapping):
        for number, each in enumerate(found):
            yield ",\n" if number else "[\n"
            yield from pieces(each)
        yield "\n]" if found else "[]"
        return
    mark = "{"
    for key, value in found.items():
        yield f"{mark}\n  {_json(key)}: "
        yield from (
            _listed(value) if isinstance(value, list) and value and isinstance(value[0], dict) else [_json(value)]
        )
        mark = ","
    yield "\n}"


def _listed(rows: Sequence[Any]) -> Iterator[str]:
    # Many rows in one call, which is quick; an image begins with its tags, and in JSON no text holds a bare quote.
    for start in range(0, len(rows), _AT_ONCE):
        yield ",\n    " if start else "[\n    "
        yield _json(rows[start : start + _AT_ONCE])[1:-1].replace(_NEXT, _NEXT_LINE)
    yield "\n  ]"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
