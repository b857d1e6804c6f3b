"""Access stacks of names: principals that move between them, and stacks that nobody is in any more."""

from __future__ import annotations

from collections.abc import Iterator

from registry.plan.change import Change, Risk, comparison, kinds_about
from registry.plan.sides import Sides

kind = kinds_about("Principals")
MOVED = kind(
    "principal-moved",
    Risk.BREAKS,
    "The role or the policies of a principal move to another stack",
    "The other stack cannot create them while the old one has their names: the deploy stops before it. The role is "
    "deleted and made anew, so its jobs fail meanwhile, and policies elsewhere that name it no longer match.",
    "docs/operations.md",
)
LEFT = kind(
    "access-stack-left",
    Risk.BREAKS,
    "No principal is left in an Access stack",
    "A deploy removes no stack, so its roles can still be taken, and `make deploy` ends with 1, until `ecrctl retire`.",
    "docs/access.md",
)


@comparison
def moved(sides: Sides) -> Iterator[Change]:
    """The principals that get something on both sides, in stacks of different names."""
    for name, new in sides.new.principals.items():
        before, after = (side.registry.access_unit_of(name) for side in sides.both)
        old = sides.old.principals.get(name)
        if before == after or old is None:
            continue
        left, taken = list(sides.old.parts_of_principal(old)), list(sides.new.parts_of_principal(new))
        if left and taken:
            where, gone = sides.at(("principals", name, "stack"))
            yield Change(
                kind=MOVED,
                subjects=(name,),
                message="moves to another stack: this deploy will fail",
                before=before,
                after=after,
                where=where,
                gone=gone,
                explains=frozenset((*left, *taken)),
            )


@comparison
def left_behind(sides: Sides) -> Iterator[Change]:
    """The stacks of names that the new side no longer has, in accounts that it still has."""
    old, new = (side.registry for side in sides.both)
    if (old.name, old.region) != (new.name, new.region):
        return  # all stacks are others then
    for account in new.accounts:
        kept = new.access_stacks_in(account)
        for unit in old.access_stacks_in(account):
            if unit not in kept:
                last = next(name for name, stack in old.access_stacks.items() if stack == unit.name)
                where, gone = sides.at(("principals", last, "stack"), ("principals", last))
                yield Change(
                    kind=LEFT,
                    subjects=(unit.construct_id,),
                    message=f"has no principal any more in {account}: its roles and policies stay until "
                    "`ecrctl retire`",
                    where=where,
                    gone=gone,
                    explains=frozenset({(sides.old.stack(unit.location, unit.construct_id), "", "")}),
                )
