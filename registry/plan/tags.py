"""Which tags images may have and which of them may move, by effect: a longer list may say the same as a shorter one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry.limits import ECR_GUIDE
from registry.model import CreationTemplate, Repository
from registry.patterns import covers, meet
from registry.plan.change import Change, Risk, comparison, kinds_about
from registry.plan.sides import Sides

_LINK = f"{ECR_GUIDE}/image-tag-mutability.html"
kind = kinds_about("Tag mutability")
LOOSENED = kind(
    "tags-loosened",
    Risk.OPENS,
    "A tag that was fixed may move",
    "Whoever may push can put another image under a tag that people rely on. The image that had it may be left without "
    "a tag, and rules about untagged images take those.",
    _LINK,
)
TIGHTENED = kind(
    "tags-fixed",
    Risk.BREAKS,
    "A tag that could move is fixed",
    "ECR refuses a push under a tag that exists: a pipeline that always pushes `latest` fails from its next run on.",
    _LINK,
)
REWRITTEN = kind(
    "tags-rewritten", Risk.SAFE, "The same tags may move, in other words", "ECR decides as before for every tag."
)
NAMES_FREED = kind(
    "tag-names-freed",
    Risk.OPENS,
    "An image may get a tag that the file did not allow",
    "ECR does not ask: `ecrctl promote` and `ecrctl release` did, and `ecrctl images` told of other tags.",
    "docs/images.md",
)
NAMES_BOUND = kind(
    "tag-names-bound",
    Risk.BREAKS,
    "A tag that the file allowed is no longer allowed",
    "`ecrctl promote` and `ecrctl release` refuse it from the merge on; images that have it keep it.",
    "docs/images.md",
)
_KEYS = ("moving_tags", "fixed_tags", "image_tag_mutability")


@dataclass(frozen=True, slots=True)
class Moving:
    """The tags that may move: those of the patterns, or (`but`) all others."""

    patterns: Sequence[str]
    but: bool

    def within(self, other: Moving) -> bool:
        """Whether all of these are certainly among the others."""
        if not self.but and not other.but:
            return all(any(covers(wide, narrow) for wide in other.patterns) for narrow in self.patterns)
        if not self.but:
            return not any(meet(one, fixed) for one in self.patterns for fixed in other.patterns)
        if other.but:
            return all(any(covers(wide, narrow) for wide in self.patterns) for narrow in other.patterns)
        return _all(self.patterns) or _all(other.patterns)

    def __str__(self) -> str:
        words = ", ".join(self.patterns)
        return (f"all but {words} move" if words else "all move") if self.but else f"{words or 'none'} move"


def _all(patterns: Sequence[str]) -> bool:
    return any(not pattern.strip("*") for pattern in patterns)


def moving(of: Repository | CreationTemplate) -> Moving:
    """The tags that may move in a repository, or in those of a template."""
    return Moving(of.exclusion_filters, of.image_tag_mutability.startswith("MUTABLE"))


@comparison
def mutability(sides: Sides) -> Iterator[Change]:
    """Of every repository and creation template."""
    for it in sides.holders:
        if (it.old.image_tag_mutability, it.old.exclusion_filters) == (
            it.new.image_tag_mutability,
            it.new.exclusion_filters,
        ):
            continue
        before, after = moving(it.old), moving(it.new)
        where, gone = it.line(*_KEYS) or sides.entry(it.name)
        kinds = [
            *([] if after.within(before) else [(LOOSENED, "tags that were fixed may move")]),
            *([] if before.within(after) else [(TIGHTENED, "tags that could move are fixed")]),
        ]
        for of, message in kinds or [(REWRITTEN, "the same tags may move")]:
            yield Change(
                kind=of,
                subjects=(it.label,),
                message=message,
                before=str(before),
                after=str(after),
                where=where,
                gone=gone,
                concerns=it.people,
                explains=it.parts("ImageTagMutability", "ImageTagMutabilityExclusionFilters"),
            )


@comparison
def allowed_tags(sides: Sides) -> Iterator[Change]:
    """By effect, too: which tags an image may have at all."""
    for it in sides.holders:
        if not isinstance(it.old, Repository) or not isinstance(it.new, Repository):
            continue
        before, after = (Moving(each.tags_must_match or ("*",), but=False) for each in (it.old, it.new))
        where, gone = it.line("tags_must_match") or sides.entry(it.name)
        for of, message, differs in (
            (NAMES_FREED, "its images may have tags that were not allowed", not after.within(before)),
            (NAMES_BOUND, "tags that were allowed no longer are", not before.within(after)),
        ):
            if differs:
                yield Change(
                    kind=of,
                    subjects=(it.label,),
                    message=message,
                    before=", ".join(it.old.tags_must_match) or "every tag",
                    after=", ".join(it.new.tags_must_match) or "every tag",
                    where=where,
                    gone=gone,
                    concerns=it.people,
                )
