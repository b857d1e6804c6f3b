"""Take what a registry has once, and its creation templates and cache rules, into the Registry stack.

An account that has a replication configuration or a registry policy cannot get them from a deploy: CloudFormation does
not create what exists. As with repositories, an import keeps what is live and records what the template says, so:
compare first, import what is equal, compare again.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html
https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-ecr
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.table import Table

from ops import cloud
from ops.cdk_cli import Assembly, assembled
from ops.change_sets import CHANGE_SET, ImportRefused, console, execute
from ops.drift.compare import Drift, State, differing
from ops.drift.kinds import REGISTRY_WIDE
from ops.drift.reading import Keys, Thing, declared, live
from ops.drift.run import drift_before_deploy
from registry import naming
from registry.locations import Location
from registry.model import Registry


def adopt(registry: Registry, *, file: Path, confirm: Callable[[str], bool]) -> bool:
    """Import what exists, is declared and is in no stack, at every location of the credentials' account.

    :returns: whether all of it is in its stack now.
    :raises ImportRefused: where something is not as the file says, or more than the import would happen.
    """
    taken = [each.thing for each in drift_before_deploy(registry, REGISTRY_WIDE) if each.state is State.TAKEN]
    if not taken:
        console.print("nothing to import: what the file declares is in its stack, or a deploy creates it")
        return True
    with cloud.speaking_for_aws():
        _refuse_differences(registry, taken)
        _show(registry, taken)
        if not confirm(f"Import {len(taken)} {'setting' if len(taken) == 1 else 'settings'}?"):
            return False
        with assembled(file) as assembly:
            for at in dict.fromkeys(thing.at for thing in taken):
                _import(registry, at, [thing for thing in taken if thing.at == at], assembly)
        _refuse_differences(registry, taken)
    console.print("imported, and as the file says; changes can be deployed now")
    return True


def _refuse_differences(registry: Registry, things: Sequence[Thing]) -> None:
    locations = list(dict.fromkeys(thing.at for thing in things))
    wanted = declared(registry, locations, REGISTRY_WIDE)
    found = live(locations, REGISTRY_WIDE, things).settings
    keys = Keys()
    unequal = [
        each
        for thing in things
        for each in (differing(thing, wanted[thing], found[thing], keys) if thing in found else [])
        if each.state is State.DIFFERS
    ]
    if unequal:
        raise ImportRefused(
            "these are not as the file says, and an import would not change them:\n"
            + "\n".join(_line(registry, each) for each in unequal)
            + "\n    way out: write them into the file as they are, import them, then change them and deploy; or take "
            "them away in AWS and let the deploy create them (nothing replicates in between)"
        )


def _line(registry: Registry, drift: Drift) -> str:
    live_, wanted = (json.dumps(value, ensure_ascii=False) for value in (drift.live, drift.expected))
    return f"    {_called(registry, drift.thing)}: {drift.setting}\n        live: {live_}\n        file: {wanted}"


def _called(registry: Registry, thing: Thing) -> str:
    return " ".join(filter(None, (thing.noun, thing.name))) + f" in {thing.at.beside(registry.home)}"


def _show(registry: Registry, things: Sequence[Thing]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for column in ("Location", "Stack", "Setting"):
        table.add_column(column)
    for thing in things:
        setting = " ".join(filter(None, (thing.noun, thing.name)))
        table.add_row(thing.at.beside(registry.home), naming.stack_name(registry.name, naming.REGISTRY_UNIT), setting)
    console.print(table)


def _import(registry: Registry, at: Location, things: Sequence[Thing], assembly: Assembly) -> None:
    stack = naming.stack_name(registry.name, naming.REGISTRY_UNIT)
    ids = _logical_ids(assembly, at, stack, things)
    assembly.cdk(
        *("import", f"{at}/Registry", "--force", "--no-execute", "--change-set-name", CHANGE_SET),
        *("--resource-mapping-inline", json.dumps(ids)),
        doing=f"prepare the import into {stack}",
    )
    execute(at, stack, ids, "LogicalResourceId")


def _logical_ids(assembly: Assembly, at: Location, stack: str, things: Sequence[Thing]) -> dict[str, dict[str, str]]:
    """What CloudFormation is to import: by logical id, the property and the value that name what exists."""
    by_type = {kind.type: kind for kind in REGISTRY_WIDE}
    found = {}
    for logical_id, resource in assembly.resources(at, stack).items():
        if kind := by_type.get(resource["Type"]):
            name, _ = kind.deployed(resource["Properties"])
            if Thing(at, kind.noun, name) in things:
                found[logical_id] = {kind.identifier: name or at.account}
    return found
