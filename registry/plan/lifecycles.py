"""Lifecycles: which images go that would have stayed."""

from __future__ import annotations

from collections.abc import Iterator

from registry.cost.charges import Charge, price
from registry.cost.prices import Item
from registry.limits import ECR_GUIDE
from registry.plan.change import Change, Risk, comparison, kinds_about
from registry.plan.lifecycle_effect import takes_more
from registry.plan.sides import Holder, Line, Sides
from registry.resolve.lifecycles import rules_of

_LINK = f"{ECR_GUIDE}/LifecyclePolicies.html"
kind = kinds_about("Lifecycles")
MORE = kind(
    "lifecycle-takes-more",
    Risk.DESTROYS,
    "A lifecycle takes, or may take, images that would have stayed",
    "ECR deletes them within a day, and nothing brings them back. Compared by rules: only where no list of images can "
    "make a difference is it left out. `--images` shows which images of a repository go.",
    _LINK,
)
LESS = kind(
    "lifecycle-takes-less",
    Risk.COSTS,
    "A lifecycle leaves images that would have gone",
    "They stay and are billed each month.",
    _LINK,
)
REWRITTEN = kind(
    "lifecycle-rewritten", Risk.SAFE, "A lifecycle says the same in other words", "The same images go as before."
)

_ARCHIVES = '"targetStorageClass"'  # of a rule that moves images there; an old policy may be broken JSON


@comparison
def lifecycles(sides: Sides) -> Iterator[Change]:
    """Of every repository and creation template whose policy text is not the same."""
    for it in sides.holders:
        old, new = it.old.lifecycle, it.new.lifecycle
        before, after = (each.text if each else None for each in (old, new))
        if before == after:
            continue
        where, gone = _line(sides, it)
        more, less = takes_more(after, before), takes_more(before, after)
        kinds = [
            *([(MORE, f"its lifecycle now {more}, which may take images that stayed before")] if more else []),
            *([(LESS, "its lifecycle leaves images that would have gone")] if less and not more else []),
        ]
        for of, message in kinds or [(REWRITTEN, "its lifecycle is written in other words")]:
            yield Change(
                kind=of,
                subjects=(it.label,),
                message=message,
                before=f"{old.name if old else 'nothing expires'}" + (f": {less}" if less else ""),
                after=f"{new.name if new else 'nothing expires'}" + (f": {more}" if more else ""),
                where=where,
                gone=gone,
                concerns=it.people,
                explains=it.parts("LifecyclePolicy"),
                bill=_bill(sides, before, after) if of is MORE else (),
            )


def _bill(sides: Sides, before: str | None, after: str | None) -> tuple[Charge, ...]:
    """What the archive costs, where a lifecycle begins to use it; each image of it is billed for 90 days at least."""
    if not after or _ARCHIVES not in after or (before and _ARCHIVES in before):
        return ()
    home = sides.new.registry.home
    return tuple(price(sides.prices, item, home) for item in (Item.ARCHIVE, Item.RESTORE))


def _line(sides: Sides, it: Holder) -> Line:
    """Where another lifecycle is chosen, or the first of its sentences that is not the same."""
    if line := it.line("lifecycle"):
        return line
    place = sides.new.written.lifecycle_of(it.name) if it.name in sides.new.written.entries else None
    if place is None and it.new.lifecycle:
        place = sides.new.written.lifecycle_place(it.new.lifecycle.name, None)
    if place is None:
        return sides.entry(it.name)
    declared = ({at: found for at, _, found in side.written.lifecycles()} for side in sides.both)
    old, new = (each.get(place) for each in declared)
    if old is None or new is None:
        return sides.at(place)
    was, becomes = list(rules_of(old)), list(rules_of(new))
    for index, (at, rule) in enumerate(becomes):
        if index >= len(was) or was[index][1] != rule:
            return sides.at((*place, *at))
    return sides.old.position((*place, *was[len(becomes)][0])), True
