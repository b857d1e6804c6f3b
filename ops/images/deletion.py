"""What deleting or archiving would do, image by image, before anything is done: what goes, what stays and why.

ECR takes away a tag of an image, and with its last tag the image; it refuses an image that a manifest list of the
repository names, and leaves the images of a manifest list that goes, without tags.
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from ops.images.asked import Found
from ops.images.in_use import Uses
from ops.images.kinds import StoredImage
from ops.images.listing import children

Action = Literal["untag", "delete", "archive"]
Manifests = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One image, and what would be done to it: `tags` go, and but for "untag" the image with them.

    `stays` is why it is not done, or empty. `running` says where the image runs, `parents` are the manifest lists of
    the repository that name it, `children` the images there that it names itself. `referrers` refer to it: ECR takes
    them within a day after it (https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html).
    `asked` is False of an image that goes with its manifest list. `gone` is True of a list that an interrupted run took
    without all its images.
    """

    image: StoredImage
    action: Action
    tags: tuple[str, ...]
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    referrers: tuple[StoredImage, ...] = ()
    running: tuple[str, ...] = ()
    stays: str = ""
    asked: bool = True
    gone: bool = False

    @property
    def ids(self) -> list[dict[str, str]]:
        """What ECR's API is told. A tag stands with its digest: if it has moved meanwhile, ECR refuses.

        An image with tags is deleted by all of them, so that it lives on with one that it gets meanwhile.
        """
        digest = {"imageDigest": self.image.digest}
        return [digest] if self.action == "archive" else [{**digest, "imageTag": it} for it in self.tags] or [digest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps of one repository, manifest lists before their images."""

    repository: str
    steps: tuple[Step, ...]

    @property
    def doing(self) -> tuple[Step, ...]:
        """The steps that would be done."""
        return tuple(step for step in self.steps if not step.stays and not step.gone)


def plan(
    found: Found,
    manifests: Manifests,
    uses: Uses,
    *,
    with_children: bool,
    accepted: bool,
    selected: bool = False,
    archive: bool = False,
) -> Plan:
    """What deleting the images of a repository that are asked for would do.

    :param manifests: of the manifest lists of the repository, as far as they are read.
    :param with_children: the images of a manifest list go with it.
    :param accepted: what runs may go.
    :param selected: the images were chosen, not named: what belongs to another image is left out.
    :param archive: they are archived, not deleted, each with all its tags.
    """
    graph = _Graph(found, manifests, "archive" if archive else "delete")
    steps = [graph.step(asked.image, asked.tags, whole=asked.whole or archive) for asked in found.asked]
    if selected:
        steps = [step for step in steps if step.action == "untag" or not graph.belongs(step.image)]
    if with_children:
        steps += graph.steps_of_children(steps)
    if archive:
        steps = [step if step.gone else _kept_where_it_is_archived(step) for step in steps]
    steps = [_kept_where_it_runs(step, uses, accepted=accepted) for step in steps]
    return Plan(repository=found.repository, steps=tuple(_ordered(_kept_by_parents(steps, graph))))


def _begun(found: Found) -> dict[str, StoredImage]:
    """What an interrupted run has begun of the manifest lists that are asked for, and of the lists that these name."""
    reached: dict[str, StoredImage] = {}
    left = [asked.image for asked in found.asked]
    while left:
        image = left.pop()
        if image.digest in found.begun and image.digest not in reached:
            reached[image.digest] = image
            named = found.begun[image.digest].children
            left += [found.begun[child].image for child in named if child in found.begun]
    return reached


class _Graph:
    """Which image of a repository names which."""

    def __init__(self, found: Found, manifests: Manifests, action: Action) -> None:
        there = {image.digest: image for image in found.images}
        self._gone = {
            digest: image
            for digest, image in _begun(found).items()
            if digest not in there or (action == "archive" and there[digest].status != "ACTIVE")
        }
        self.images = self._gone | there
        self.children = {
            digest: tuple(child for child in dict.fromkeys(children(manifest)) if child in self.images)
            for digest, manifest in manifests.items()
            if digest in self.images
        }
        self._action = action
        self._parents: dict[str, list[str]] = {}
        for parent, named in self.children.items():
            for child in named:
                self._parents.setdefault(child, []).append(parent)
        self._referrers: dict[str, list[StoredImage]] = {}
        for image in found.images:
            if image.subject is not None:
                self._referrers.setdefault(image.subject, []).append(image)

    def step(self, image: StoredImage, tags: Sequence[str], *, whole: bool, asked: bool = True) -> Step:
        """What is asked of an image; its last tag takes it along."""
        if not whole and set(tags) != set(image.tags):
            return Step(image=image, action="untag", tags=tuple(sorted(tags)))
        return Step(
            image=image,
            action=self._action,
            tags=image.tags,
            parents=tuple(self._parents.get(image.digest, ())),
            children=self.children.get(image.digest, ()),
            referrers=tuple(self._referrers.get(image.digest, ())),
            asked=asked,
            gone=image.digest in self._gone,
        )

    def steps_of_children(self, steps: Sequence[Step]) -> list[Step]:
        """The images of the manifest lists that go, and theirs in turn, as steps of their own."""
        known, added = {step.image.digest for step in steps}, list[Step]()
        pending = [step for step in steps if step.action != "untag"]
        while pending:
            for child in pending.pop().children:
                if child not in known:
                    known.add(child)
                    added.append(self.step(self.images[child], (), whole=True, asked=False))
                    pending.append(added[-1])
        return added

    def belongs(self, image: StoredImage) -> bool:
        """Whether it is part of a manifest list, or refers to an image that is there."""
        return image.digest in self._parents or image.subject in self.images

    def called(self, digest: str) -> str:
        """A digest with its first tag."""
        tags = self.images[digest].tags
        return f"{tags[0]} ({digest})" if tags else digest


def _kept_where_it_is_archived(step: Step) -> Step:
    return step if step.image.status == "ACTIVE" else replace(step, stays="it is in the archive already")


def _kept_where_it_runs(step: Step, uses: Uses, *, accepted: bool) -> Step:
    """An image stays where it, or one that it names, is in use; a tag where it is used by that name."""
    running = uses.of_tags(step.image, step.tags)
    if step.action != "untag":
        running = tuple(dict.fromkeys((*running, *uses.of(step.image, {step.image.digest, *step.children}))))
    if not running:
        return step
    return replace(step, running=running, stays=step.stays if accepted else step.stays or "it runs")


#: What goes with its list keeps what people named.
_NAMED: Final = "it has tags of its own"


def _kept_by_parents(steps: Sequence[Step], graph: _Graph) -> list[Step]:
    """What stays because a manifest list that stays names it; it may keep others in turn."""
    kept = [
        replace(step, stays=step.stays or _NAMED) if step.tags and not step.asked and not step.gone else step
        for step in steps
    ]
    while True:
        going = {step.image.digest for step in kept if step.action != "untag" and not step.stays}
        new = [_kept_by_a_parent(step, going, graph) for step in kept]
        if new == kept:
            return kept
        kept = new


def _kept_by_a_parent(step: Step, going: set[str], graph: _Graph) -> Step:
    staying = [it for it in step.parents if it not in going]
    if step.stays or not staying:
        return step
    return replace(step, stays=f"it is part of the manifest list {', '.join(map(graph.called, staying))}")


def _ordered(steps: Sequence[Step]) -> Iterator[Step]:
    """Manifest lists before what they name: ECR refuses the other order."""
    left = {step.image.digest: step for step in steps}
    while left:
        first = [it for it in left.values() if not any(parent in left for parent in it.parents)] or list(left.values())
        for step in first:
            del left[step.image.digest]
            yield step
