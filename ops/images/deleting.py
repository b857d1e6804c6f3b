"""A deletion that was planned is carried out: a hundred images in a call, several calls at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Final

from ops.aws.cloud import CloudError
from ops.aws.parallel import map_parallel
from ops.images.deletion import Plan, Step
from ops.images.kinds import Failure
from ops.images.registry import ImageRegistry

_BATCH: Final = 100  # image ids in one BatchDeleteImage (API)
#: Why ECR does not take an image, in words; a code that is not here is said with ECR's own words.
#: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageFailure.html
_WHY: Final = {
    "ImageReferencedByManifestList": "a manifest list of the repository names it: delete that first",
    "ImageTagDoesNotMatchDigest": "the tag has moved since the list was made: look again",
}
#: What ECR says of an image that is gone already, which is what was wanted.
_GONE: Final = "ImageNotFound"

_Key = tuple[str, str]
_Id = tuple[Step, dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a step: `done`, or `failure` says why not; it is empty for what was to stay."""

    step: Step
    done: bool
    failure: str = ""


@dataclass(slots=True)
class Record:
    """What has been done so far, for whoever is interrupted, too. `error` is the first call that was refused."""

    error: CloudError | None = None
    _taken: dict[_Key, int] = field(default_factory=dict)
    _failed: dict[_Key, str] = field(default_factory=dict)
    _begun: set[_Key] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, steps: Iterable[Step]) -> None:
        """From now on nobody knows what becomes of them, until it is said."""
        with self._lock:
            self._begun.update(map(_key, steps))

    def take(self, step: Step) -> None:
        """One more of its ids is gone."""
        with self._lock:
            self._taken[_key(step)] = self._taken.get(_key(step), 0) + 1

    def fail(self, step: Step, why: str, error: CloudError | None = None) -> None:
        """It, or a part of it, is not done."""
        with self._lock:
            self._failed.setdefault(_key(step), why)
            self.error = self.error or error

    def is_begun(self, step: Step) -> bool:
        """Whether a call with it was made, answered or not."""
        return _key(step) in self._begun

    def is_gone(self, repository: str, digest: str) -> bool:
        """Whether an image was taken, or nothing was asked of it."""
        return (repository, digest) not in self._failed and (repository, digest) in self._taken

    def outcome(self, step: Step) -> Outcome:
        """What became of a step."""
        key = _key(step)
        if step.stays or key in self._failed:
            return Outcome(step=step, done=False, failure=self._failed.get(key, ""))
        if step.gone or self._taken.get(key, 0) >= len(step.ids):
            return Outcome(step=step, done=True)
        unknown = "it is not known whether it went: look again" if self.is_begun(step) else "it was not begun"
        return Outcome(step=step, done=False, failure=unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """How steps are done: so many ids in a call, which answers with what it did not do."""

    ids: int
    make: Callable[[str, Sequence[Mapping[str, str]]], Sequence[Failure]]
    doing: str


def deleted(client: ImageRegistry) -> Call:
    """By deleting."""
    return Call(ids=_BATCH, make=client.delete, doing="deleting")


def carry_out(call: Call, plans: Sequence[Plan], record: Record) -> None:
    """Do what is planned. Manifest lists go before their images, which stay where a list could not be taken.

    What is refused, of a single image or of a whole call, stands in the record and ends nothing.
    """
    for step in (step for each in plans for step in each.steps if step.gone and not step.stays):
        record.take(step)
    left = [step for each in plans for step in each.doing]
    while left:
        waiting = set(map(_key, left))
        later = [step for step in left if any((step.image.repository, it) in waiting for it in step.parents)]
        behind = set(map(_key, later)) if len(later) < len(left) else set()
        now = [step for step in left if _key(step) not in behind and not _blocked(step, record)]
        left = [step for step in left if _key(step) in behind]
        map_parallel(list(_batches(now, call.ids)), lambda batch: _take(call, batch, record), call.doing)


def _blocked(step: Step, record: Record) -> bool:
    """Whether it would go with a manifest list that did not go."""
    if step.asked or all(record.is_gone(step.image.repository, parent) for parent in step.parents):
        return False
    record.fail(step, "its manifest list stays")
    return True


def _batches(steps: Iterable[Step], size: int) -> Iterator[list[_Id]]:
    """Ids by repository, as many as a call takes; those of one image stand together."""
    for _, of_one in groupby(steps, key=lambda step: step.image.repository):
        ids = ((step, each) for step in of_one for each in step.ids)
        while batch := list(islice(ids, size)):
            yield batch


def _take(call: Call, batch: Sequence[_Id], record: Record) -> None:
    record.begin(step for step, _ in batch)
    try:
        failures = call.make(batch[0][0].image.repository, [each for _, each in batch])
    except CloudError as problem:
        for step, _ in batch:
            record.fail(step, "the call was refused, or had no answer", problem)
        return
    for step, each in batch:
        failed = next((it for it in failures if it.image_id.items() <= each.items()), None)
        if failed is None or failed.code == _GONE:
            record.take(step)
        else:
            record.fail(step, _WHY.get(failed.code, f"{failed.reason} ({failed.code})"))


def _key(step: Step) -> _Key:
    return step.image.repository, step.image.digest
