"""Which images a policy acts on: the evaluation rules of the user guide, one after the other.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules; quotes are from
there. Where it says nothing, docs/lifecycle-simulation.md says what we read into it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Final

from registry.simulation.images import Image
from registry.simulation.indexes import Manifests
from registry.simulation.policy import Rule, joined

DAY: Final = 86_400  # seconds
_since, _unpulled_since, _digest = attrgetter("since"), attrgetter("unpulled_since"), attrgetter("digest")


@dataclass(frozen=True, slots=True)
class Mark:
    """An image, and the rule that acts on it."""

    image: Image
    rule: Rule


@dataclass(frozen=True, slots=True)
class Later:
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
    later: tuple[Later, ...]
    unknown: tuple[str, ...]
    undated: tuple[str, ...]


def simulate(rules: Sequence[Rule], images: Sequence[Image], manifests: Manifests, now: float) -> Outcome:
    """What a policy does to the images of a repository at a time (seconds since 1970).

    The order of the images says nothing.
    """
    marks = list(_run(rules, images, manifests, now))
    later = [*_waited(rules, images, manifests, now, marks)]
    later += _followed(images, manifests, [*marks, *later])
    return Outcome(
        marks=tuple(marks),
        later=tuple(later),
        unknown=tuple(
            sorted(i.digest for i in images if i.is_index and not i.archived and i.digest not in manifests.children)
        ),
        undated=tuple(sorted(image.digest for image in images if image.undated)),
    )


def _run(rules: Sequence[Rule], images: Sequence[Image], manifests: Manifests, now: float) -> Iterator[Mark]:
    """One run: rules by priority, for each the older images first."""
    held = _held(images, manifests)
    marks: list[Mark] = []
    # "The rule will only select images of this storage class": a rule for one shields no image of the other.
    for storage_class in ("standard", "archive"):
        of_class = [rule for rule in rules if rule.storage_class == storage_class]
        if of_class:
            pool = [image for image in images if image.archived is (storage_class == "archive")]
            marks += _of_class(of_class, pool, held, now)
    yield from sorted(marks, key=lambda mark: mark.rule.priority)


def _of_class(rules: Sequence[Rule], pool: Sequence[Image], held: frozenset[str], now: float) -> Iterator[Mark]:
    order = _youngest_first(pool)
    tags = [joined(image.tags) for image in order]
    everything = unclaimed = list(range(len(order)))
    claimed = bytearray(len(order))
    for rule in rules:
        match = rule.matcher()
        # "Rules can never mark images that are marked by higher priority rules, but can still identify them as if
        # they haven't been expired": a rule that counts sees every image that matches, claimed or not.
        selected = [at for at in (everything if rule.counts_images else unclaimed) if match(tags[at])]
        due = selected[rule.number :] if rule.counts_images else _old(rule, order, selected, now)
        # "If an image is referenced by a manifest list, it cannot be expired or archived without the manifest list
        # being deleted or archived first."
        acted = [at for at in reversed(due) if not claimed[at] and order[at].digest not in held]
        yield from (Mark(order[at], rule) for at in acted)
        # "An image that matches the tagging requirements of a rule cannot be expired or archived by a rule with a
        # lower priority", whether that rule acts on it or not.
        for at in selected:
            claimed[at] = 1
        unclaimed = [at for at in unclaimed if not claimed[at]]


def _youngest_first(pool: Sequence[Image]) -> list[Image]:
    """ "Always ordered by `pushed_at_time` or `transitioned_at_time`"; images of one time by digest."""
    order: list[Image] = []
    for _, group in groupby(sorted(pool, key=_since, reverse=True), key=_since):
        order += sorted(group, key=_digest)
    return order


def _old(rule: Rule, order: Sequence[Image], selected: Sequence[int], now: float) -> list[int]:
    """ "Older than the specified number of days": an image of exactly that age is not."""
    limit = now - rule.number * DAY
    since = _unpulled_since if rule.count_type == "sinceImagePulled" else _since
    return [at for at in selected if since(order[at]) < limit]


def _held(images: Sequence[Image], manifests: Manifests) -> frozenset[str]:
    """The digests that an index in the repository names, unless that index is archived."""
    if not manifests.children:
        return frozenset()
    return frozenset(
        child for image in images if not image.archived for child in manifests.children.get(image.digest, ())
    )


def _waited(
    rules: Sequence[Rule], images: Sequence[Image], manifests: Manifests, now: float, marks: Sequence[Mark]
) -> Iterator[Later]:
    """The children of indexes that went, as later runs take them; nothing else becomes due by what one run did."""
    new: Sequence[Mark] = marks
    while gone := [mark for mark in new if mark.image.digest in manifests.children]:
        images = _after(images, new, now)
        because = {child: mark.image.digest for mark in gone for child in manifests.children[mark.image.digest]}
        new = [mark for mark in _run(rules, images, manifests, now) if mark.image.digest in because]
        yield from (Later(mark.image, mark.rule, because[mark.image.digest], "child of") for mark in new)


def _after(images: Sequence[Image], marks: Sequence[Mark], now: float) -> list[Image]:
    """The images as a run leaves them."""
    actions = {mark.image.digest: mark.rule.action for mark in marks}
    return [
        image._replace(archived=True, since=now) if actions.get(image.digest) == "transition" else image
        for image in images
        if actions.get(image.digest) != "expire"
    ]


def _followed(images: Sequence[Image], manifests: Manifests, gone: Sequence[Mark | Later]) -> Iterator[Later]:
    """ "Lifecycle policies automatically expire or archive [reference artifacts] within 24 hours of the deletion or
    archival of the subject image": signatures, SBOMs, and what refers to those."""
    referrers: dict[str, list[Image]] = {}
    for image in images:
        if (named := manifests.subjects.get(image.digest, image.subject)) is not None:
            referrers.setdefault(named, []).append(image)
    done = {each.image.digest for each in gone} if referrers else set()
    pending: deque[Mark | Later] = deque(gone if referrers else ())
    while pending:
        subject = pending.popleft()
        for image in referrers.get(subject.image.digest, ()):
            if image.digest in done or (subject.rule.action == "transition" and image.archived):
                continue
            done.add(image.digest)
            followed = Later(image, subject.rule, subject.image.digest, "refers to")
            pending.append(followed)
            yield followed
