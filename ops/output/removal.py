"""What the commands that delete and archive images show: the list before the question, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ops.images.asked import Found
from ops.images.deleting import Outcome
from ops.images.deletion import Plan, Step
from ops.images.in_use import Uses
from ops.images.kinds import StoredImage
from ops.images.listing import receivers_of
from ops.output.images import moment, shortened, size_text
from ops.terminal import count
from registry.locations import Location
from registry.model import Registry

COLUMNS: Final = ("what", "repository", "tags", "digest", "kind", "size", "last pull", "why, and what with it")


def plan_table(plans: Sequence[Plan], *, short: bool) -> list[list[Any]]:
    """A row for each image, those that stay last.

    :param short: digests as people tell them apart, for a terminal.
    """
    steps = sorted((step for plan in plans for step in plan.steps), key=lambda step: bool(step.stays))
    return [_cells(step, short=short) for step in steps]


def _cells(step: Step, *, short: bool) -> list[Any]:
    image = step.image
    return [
        "stays" if step.stays else "gone" if step.gone else step.action,
        image.repository,
        step.tags,
        shortened(image.digest, short=short),
        image.kind,
        size_text(image.size),
        moment(image.pulled),
        "; ".join(_notes(step)),
    ]


def _notes(step: Step) -> list[str]:
    said = [step.stays] if step.stays else []
    said += [f"runs in {where}" for where in step.running]
    if step.stays:
        return said
    if step.gone:
        return [*said, "an interrupted run took it, and not all its images"]
    if step.action == "untag":
        kept = [tag for tag in step.image.tags if tag not in step.tags]
        return [*said, f"the image stays, with {', '.join(kept)}"]
    if not step.asked:
        said.append("with its manifest list")
    if step.children:
        said.append(f"names {count(len(step.children), 'image')}")
    if step.referrers:
        kinds = ", ".join(dict.fromkeys(it.kind for it in step.referrers))
        said.append(f"{count(len(step.referrers), 'image')} that refer to it go later, by ECR: {kinds}")
    return said


def left_behind(plans: Sequence[Plan]) -> str:
    """The images of manifest lists that go, which stay themselves; empty where there are none."""
    left = {
        (plan.repository, child)
        for plan in plans
        for step in plan.doing
        for child in step.children
        if child not in {it.image.digest for it in plan.steps}
    }
    if not left:
        return ""
    archives = any(step.action == "archive" for plan in plans for step in plan.doing)
    stay = "stay in the standard class" if archives else "stay, without a tag"
    return f"{count(len(left), 'image')} of these manifest lists {stay}: --with-children takes them along"


def left_elsewhere(found: Sequence[Found]) -> list[str]:
    """Where a list that is asked for is not there: how images are found that a run on another machine has left."""
    return [
        f"if a deletion of this was interrupted on another machine: `ecrctl delete {each.repository} --untagged` lists "
        "the images that belong to no other"
        for each in found
        if each.missing and any(not image.tags and image.subject is None for image in each.images)
    ]


def in_replicas(registry: Registry, at: Location, plans: Sequence[Plan]) -> str:
    """What the replicas do with a deletion at home; empty where it is not at home, or there are none."""
    if at != registry.home:
        return ""
    follows = {
        it.location.beside(at): it.delete_replication
        for plan in plans
        if plan.doing
        for it in receivers_of(registry, plan.repository)
    }
    follow, keep = ([name for name, does in follows.items() if does == wanted] for wanted in (True, False))
    said = [f"{', '.join(follow)} will delete them, too"] if follow else []
    said += [f"{', '.join(keep)} will keep what has arrived there: see --region"] if keep else []
    return "; ".join(said)


def sentence(plans: Sequence[Plan], verb: str) -> str:
    """What would be done, in a line: what the question asks."""
    doing = [step for plan in plans for step in plan.doing]
    whole = [step.image for step in doing if step.action != "untag"]
    tags = sum(len(step.tags) for step in doing if step.action == "untag")
    parts = [f"{verb} {count(len(whole), 'image')}{_bytes(whole)}"] if whole else []
    parts += [f"take away {count(tags, 'tag')}"] if tags else []
    return " and ".join(parts)


def _bytes(images: Sequence[StoredImage]) -> str:
    """At most: layers that other images share stay. A manifest list has the size of an image that is listed itself."""
    size = sum(image.size or 0 for image in images if not image.is_index)
    return f" (at most {size_text(size)})" if size else ""


def unknown(found: Sequence[Found], uses: Uses, unread: dict[str, str]) -> list[str]:
    """Warnings: what was asked for and is not there, and what is not known."""
    said = [line for each in found for line in each.absent]
    said += [f"manifest lists of {name} are not all read: {why}" for name, why in unread.items()]
    return said + [f"there is no {absent} to ask" for absent in uses.absent]


def rows(outcomes: Sequence[Outcome], found: Sequence[Found], *, carried_out: bool) -> list[dict[str, Any]]:
    """The same for programs; keys as ECR writes them, and ours like them."""
    said = [_row(it, carried_out=carried_out) for it in outcomes]
    return said + [
        {
            "repositoryName": reference.repository,
            "imageDigest": reference.digest,
            "imageTags": [reference.tag] if reference.tag else [],
            "action": "none",
            "reason": "there is no such image",
        }
        for each in found
        for reference, _ in each.missing
    ]


def _row(it: Outcome, *, carried_out: bool) -> dict[str, Any]:
    step = it.step
    return {
        "repositoryName": step.image.repository,
        "imageDigest": step.image.digest,
        "imageTags": list(step.tags),
        "action": "stay" if step.stays else "gone" if step.gone else step.action,
        "reason": step.stays or None,
        "running": list(step.running),
        "partOf": list(step.parents),
        "children": list(step.children),
        "referrers": [image.digest for image in step.referrers],
        "imageSizeInBytes": step.image.size,
    } | ({"done": it.done, "failure": it.failure or None} if carried_out else {})


def ended(outcomes: Sequence[Outcome]) -> list[str]:
    """What became of it: a line for each image that was not done, and the sum."""
    tried = [it for it in outcomes if not it.step.stays and not it.step.gone]
    failed = [it for it in tried if not it.done]
    lines = [f"{called(it.step)}: {it.failure}" for it in failed]
    return [*lines, f"{len(tried) - len(failed):,} of {len(tried):,} done"]


def called(step: Step) -> str:
    """An image as a person names it to ecrctl again."""
    return f"{step.image.repository}@{step.image.digest}" + (f" ({', '.join(step.tags)})" if step.tags else "")
