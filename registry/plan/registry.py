"""Whose registry it is, what the file manages, and in how many stacks a namespace is."""

from __future__ import annotations

from collections.abc import Iterator

from registry import naming
from registry.findings import listed
from registry.plan.change import Change, Kind, Risk, comparison, kinds_about
from registry.plan.sides import Sides

kind = kinds_about("The registry")
RENAMED = kind(
    "registry-renamed",
    Risk.BREAKS,
    "The registry gets another name, which is another registry",
    "Stacks, roles and policies begin with the name. The new ones would create repositories that exist: the deploy "
    "fails.",
    "docs/operations.md",
)
MOVED = kind(
    "registry-moved",
    Risk.BREAKS,
    "The home of the registry moves",
    "Roles and policies are in stacks of the old home and their names are taken: the deploy fails. Images are "
    "pushed to the new home, and nothing copies the old ones back.",
    "docs/operations.md",
)
UNMANAGED = kind(
    "registry-unmanaged",
    Risk.BREAKS,
    "The file no longer manages what the registry has once",
    "Scanning, replication, registry policy, templates, caches and signing leave with their stack.",
)
MANAGED = kind(
    "registry-managed",
    Risk.BREAKS,
    "The file manages what the registry has once",
    "Where another file or somebody by hand has set it already, the deploy fails with AlreadyExists, or replaces it: "
    "import it first.",
)
SHARDS = kind(
    "shards-changed",
    Risk.BREAKS,
    "Repositories move to another stack",
    "They stay in AWS when they leave a stack, and the other stack cannot create them again: the deploy fails.",
    "docs/operations.md",
)
EMPTIED = kind(
    "shards-emptied",
    Risk.DESTROYS,
    "Repositories with empty_on_delete move to another stack",
    "The stack that they leave deletes them with every image, as it was told to. Deploy empty_on_delete: false first.",
    "docs/operations.md",
)


@comparison
def identity(sides: Sides) -> Iterator[Change]:
    """Name, account, home and what is managed."""
    old, new = (side.registry for side in sides.both)
    every = frozenset((stack, "", "") for side in sides.both for stack in side.stacks)
    found = [
        (RENAMED, "gets another name: this deploy will fail", old.name, new.name, ("registry", "name")),
        (MOVED, "moves to another account: this deploy makes another registry", old.account, new.account,
         ("registry", "account")),
        (MOVED, "moves to another home region: this deploy will fail", old.region, new.region, ("registry", "region")),
    ]  # fmt: skip
    for of, message, was, becomes, place in found:
        if was != becomes:
            where, gone = sides.at(place)
            yield Change(
                kind=of,
                subjects=("the registry",),
                message=message,
                before=was,
                after=becomes,
                where=where,
                gone=gone,
                explains=every,
            )
    if old.manages_registry != new.manages_registry:
        where, gone = sides.at(("manage",))
        yield Change(
            kind=MANAGED if new.manages_registry else UNMANAGED,
            subjects=("the registry",),
            message="is managed here" if new.manages_registry else "is no longer managed here",
            where=where,
            gone=gone,
            explains=every,
        )


@comparison
def shards(sides: Sides) -> Iterator[Change]:
    """The repositories of both sides whose stack has another name."""
    moved: dict[str, list[str]] = {}
    for name in sides.kept:
        if sides.old.unit_of(name) != sides.new.unit_of(name):
            moved.setdefault(naming.namespace_of(name), []).append(name)
    for namespace, names in moved.items():
        yield _move(sides, SHARDS, namespace, names, "move to another stack: this deploy will fail")
        # CloudFormation asks the template that is deployed.
        if emptied := [name for name in names if sides.old.repositories[name].empty_on_delete]:
            yield _move(sides, EMPTIED, namespace, emptied, "leave a stack that deletes them with all their images")


def _move(sides: Sides, of: Kind, namespace: str, names: list[str], message: str) -> Change:
    shared = sides.old.registry.shared_stacks.get(namespace) != sides.new.registry.shared_stacks.get(namespace)
    where, gone = sides.at(("namespaces", namespace, "stack" if shared else "shards"))
    return Change(
        kind=of,
        subjects=tuple(names),
        message=message,
        before=listed(sorted({sides.old.unit_of(name) for name in names})),
        after=listed(sorted({sides.new.unit_of(name) for name in names})),
        where=where,
        gone=gone,
        concerns=tuple(dict.fromkeys(who for name in names for who in sides.people(name))),
        explains=frozenset(part for name in names for part in sides.parts_of(name)),
    )
