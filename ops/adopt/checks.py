"""What an import is refused for before anything is prepared: differences, failed stacks, other stacks' resources."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence

from ops.adopt.change_sets import ImportRefused
from ops.aws import cloud
from ops.aws.parallel import map_parallel
from ops.aws.stacks import owner_of, status_of
from ops.drift.compare import Drift, State, differing
from ops.drift.reading import Keys, ResourceKey
from ops.drift.repository_settings import Settings
from ops.terminal import warn
from registry.locations import Location
from registry.model import Registry

#: The very first deploy of a stack failed; it holds nothing and can only be deleted.
FAILED = "ROLLBACK_COMPLETE"


def refuse_differences(
    registry: Registry, wanted: Mapping[ResourceKey, Settings], found: Mapping[ResourceKey, Settings], way_out: str
) -> None:
    """Stop where something live is not as the file says; a key that nobody may ask for is named.

    :raises ImportRefused: with every difference, and the `way_out`.
    """
    keys = Keys()
    rows = [row for thing, live in found.items() for row in differing(thing, wanted[thing], live, keys)]
    if unequal := [row for row in rows if row.state is State.DIFFERS]:
        raise ImportRefused(
            "these are not as the file says, and an import would not change them:\n"
            + "\n".join(_line(registry, row) for row in unequal)
            + f"\n    way out: {way_out}"
        )
    for row in rows:
        warn(f"note: {_called(registry, row.thing)}: its KMS key is not compared: these credentials may not call KMS")


def _line(registry: Registry, row: Drift) -> str:
    live, wanted = (json.dumps(value, ensure_ascii=False) for value in (row.live, row.expected))
    return f"    {_called(registry, row.thing)}: {row.setting}\n        live: {live}\n        file: {wanted}"


def _called(registry: Registry, thing: ResourceKey) -> str:
    return " ".join(filter(None, (thing.noun, thing.name))) + f" in {thing.at.beside(registry.home)}"


def refuse_failed(stacks: Collection[tuple[Location, str]]) -> None:
    """Stop where a stack that would take something in is one whose first deploy failed.

    :raises ImportRefused: with the command that removes it.
    """
    failed = [
        f"{stack} in {at.region}"
        for at, stack in sorted(stacks)
        if status_of(cloud.cloudformation(at.region), stack) == FAILED
    ]
    if failed:
        raise ImportRefused(
            f"the first deploy of {', '.join(failed)} failed, and CloudFormation cannot import into such a stack\n"
            "    way out: remove it with `ecrctl clear-failed` (it holds nothing), then import again"
        )


def refuse_owned(things: Sequence[ResourceKey]) -> None:
    """Stop where a repository belongs to another stack already: CloudFormation takes in what is in none.

    :raises ImportRefused: with each stack, and how it hands its repositories over.
    """
    clients = {thing.at.region: cloud.cloudformation(thing.at.region) for thing in things}
    owners = map_parallel(
        things, lambda thing: owner_of(clients[thing.at.region], thing.name, "AWS::ECR::Repository"), "asking whose"
    )
    owned = [
        f"    {thing.name} in {thing.at.region} is in the stack {owner}"
        for thing, owner in zip(things, owners, strict=True)
        if owner is not None
    ]
    if owned:
        raise ImportRefused(
            "these repositories belong to other CloudFormation stacks, and a resource is in one stack only:\n"
            + "\n".join(owned)
            + "\n    way out: in that stack give each of them DeletionPolicy: Retain and deploy, then remove it from "
            "the template and deploy again; it stays with its images, and can be imported"
        )
