"""Which images a policy acts on: the evaluation rules of the user guide, one after the other.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules; quotes are from
there. Where it says nothing, docs/lifecycle-simulation.md says what we read into it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from msgspec.structs import replace

from registry.lifecycle.images import Image, since, unpulled_since
from registry.lifecycle.indexes import Manifests
from registry.lifecycle.policy import Rule, joined

DAY: Final = 86_400  # seconds


class Mark(NamedTuple):
    """An image, and the rule that acts on it."""

    image: Image
    rule: Rule


class FollowUp(NamedTuple):
    """An image that goes because another one went: the child of an index, or what refers to a subject."""

    image: Image
    rule: Rule
    because: str
    how: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy does: `marks` in its next run, `later` in those after it.

    :param unknown: indexes that are not archived, whose children nobody said.
    :param undated: archived images of which nobody said since when; no rule is taken to act on them.
    """

    marks: tuple[Mark, ...]
    later: tuple[FollowUp, ...]
    unknown: tuple[str, ...]
    undated: tuple[str, ...]


def simulate(rules: Sequence[Rule], images: Sequence[Image], manifests: Manifests, now: float) -> Outcome:
    """What a policy does to the images of a repository at a time (seconds since 1970).

    The order of the images says nothing.
    """
    marks = _run(rules, images, manifests, now)
    later = [*_children_after(rules, images, manifests, now, marks)]
    later += _referrers_after(images, manifests, [*marks, *later])
    return Outcome(
        marks=tuple(marks),
        later=tuple(later),
        unknown=tuple(
            sorted(i.digest for i in images if i.is_index and not i.archived and i.digest not in manifests.children)
        ),
        undated=tuple(sorted(image.digest for image in images if image.undated)),
    )


def _run(rules: Sequence[Rule], images: Sequence[Image], manifests: Manifests, now: float) -> list[Mark]:
    """One run: rules by priority, for each the older images first."""
    held = _held_by_index(images, manifests)
    marks: list[Mark] = []
    # "The rule will only select images of this storage class": a rule for one shields no image of the other.
    for storage_class in ("standard", "archive"):
        of_class = [rule for rule in rules if rule.storage_class == storage_class]
        if of_class:
            pool = [image for image in images if (image.status == "ARCHIVED") is (storage_class == "archive")]
            marks += _of_class(of_class, pool, held, now)
    return sorted(marks, key=lambda mark: mark.rule.priority)


def _of_class(rules: Sequence[Rule], pool: Sequence[Image], held: frozenset[str], now: float) -> list[Mark]:
    """The images of one storage class, by their places in `pool`."""
    marks: list[Mark] = []
    tags = [joined(image.tags) if image.tags else "" for image in pool]
    ages = _Ages(pool)
    everything: Sequence[int] = range(len(pool))
    unclaimed = everything
    claimed = bytearray(len(pool))
    for rule in rules:
        match = rule.matcher()
        # "Rules can never mark images that are marked by higher priority rules, but can still identify them as if
        # they haven't been expired": a rule that counts sees every image that matches, claimed or not.
        selected = [at for at in (everything if rule.counts_images else unclaimed) if match(tags[at])]
        due = ages.beyond(rule.number, selected) if rule.counts_images else ages.old(rule, selected, now)
        # "If an image is referenced by a manifest list, it cannot be expired or archived without the manifest list
        # being deleted or archived first."
        taken = [at for at in due if not claimed[at] and pool[at].digest not in held]
        marks += [Mark(pool[at], rule) for at in taken]
        # "An image that matches the tagging requirements of a rule cannot be expired or archived by a rule with a
        # lower priority", whether that rule acts on it or not.
        for at in selected if rule.shields else taken:
            claimed[at] = 1
        unclaimed = [at for at in unclaimed if not claimed[at]]
    return marks


class _Ages:
    """Since when the images of a pool are as old as they are, by their places; what is due comes oldest first."""

    def __init__(self, pool: Sequence[Image]) -> None:
        self._pool = pool
        self._since = list(map(since, pool))

    def beyond(self, number: int, places: Sequence[int]) -> list[int]:
        """All but the youngest: "sorted from youngest to oldest … all images greater than the specified count"."""
        return self._oldest_first(places)[: len(places) - number] if len(places) > number else []

    def old(self, rule: Rule, places: Sequence[int], now: float) -> list[int]:
        """ "Older than the specified number of days": an image of exactly that age is not."""
        limit = now - rule.number * DAY
        since = self._since
        if rule.count_type == "sinceImagePulled":
            pool = self._pool
            return self._oldest_first([at for at in places if unpulled_since(pool[at], since[at]) < limit])
        return self._oldest_first([at for at in places if since[at] < limit])

    def _oldest_first(self, places: Sequence[int]) -> list[int]:
        """ "Always expires older images before newer ones"; of one time, by digest."""
        moment = self._since.__getitem__
        if len(set(map(moment, places))) < len(places):
            places = sorted(places, key=lambda at: self._pool[at].digest)
        return sorted(places, key=moment)


def _held_by_index(images: Sequence[Image], manifests: Manifests) -> frozenset[str]:
    """The digests that an index in the repository names, unless that index is archived."""
    if not manifests.children:
        return frozenset()
    return frozenset(
        child for image in images if not image.archived for child in manifests.children.get(image.digest, ())
    )


def _children_after(
    rules: Sequence[Rule], images: Sequence[Image], manifests: Manifests, now: float, marks: Sequence[Mark]
) -> Iterator[FollowUp]:
    """The children of indexes that went, as later runs take them; nothing else becomes due by what one run did."""
    new: Sequence[Mark] = marks
    while gone := [mark for mark in new if mark.image.digest in manifests.children]:
        images = _after(images, new, now)
        because = {child: mark.image.digest for mark in gone for child in manifests.children[mark.image.digest]}
        new = [mark for mark in _run(rules, images, manifests, now) if mark.image.digest in because]
        yield from (FollowUp(mark.image, mark.rule, because[mark.image.digest], "child of") for mark in new)


def _after(images: Sequence[Image], marks: Sequence[Mark], now: float) -> list[Image]:
    """The images as a run leaves them."""
    actions = {mark.image.digest: mark.rule.action for mark in marks}
    archived = datetime.fromtimestamp(now, UTC)
    return [
        replace(image, status="ARCHIVED", archived_at=archived) if actions.get(image.digest) == "transition" else image
        for image in images
        if actions.get(image.digest) != "expire"
    ]


def _referrers_after(
    images: Sequence[Image], manifests: Manifests, gone: Sequence[Mark | FollowUp]
) -> Iterator[FollowUp]:
    """ "Lifecycle policies automatically expire or archive [reference artifacts] within 24 hours of the deletion or
    archival of the subject image": signatures, SBOMs, and what refers to those."""
    referrers: dict[str, list[Image]] = {}
    for image in images:
        if (named := manifests.subjects.get(image.digest, image.subject)) is not None:
            referrers.setdefault(named, []).append(image)
    done = {each.image.digest for each in gone} if referrers else set()
    pending: deque[Mark | FollowUp] = deque(gone if referrers else ())
    while pending:
        subject = pending.popleft()
        for image in referrers.get(subject.image.digest, ()):
            if image.digest in done or (subject.rule.action == "transition" and image.archived):
                continue
            done.add(image.digest)
            followed = FollowUp(image, subject.rule, subject.image.digest, "refers to")
            pending.append(followed)
            yield followed
