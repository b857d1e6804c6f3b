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

from ops.adopt.change_sets import CHANGE_SET, execute
from ops.adopt.checks import refuse_differences, refuse_failed
from ops.aws.cdk_cli import Assembly, synthesized_assembly
from ops.drift.compare import State
from ops.drift.kinds import REGISTRY_WIDE
from ops.drift.reading import ResourceKey, declared, live
from ops.drift.run import drift_before_deploy
from ops.terminal import count, print_table, say
from registry import naming
from registry.locations import Location
from registry.model import Registry


def adopt(registry: Registry, *, file: Path, confirm: Callable[[str], bool]) -> bool:
    """Import what exists, is declared and is in no stack, at every location of the credentials' account.

    :returns: whether all of it is in its stack now.
    :raises ImportRefused: where something is not as the file says, or more than the import would happen.
    """
    taken = [
        each.thing for each in drift_before_deploy(registry, REGISTRY_WIDE) if each.state is State.EXISTS_OUTSIDE_STACK
    ]
    if not taken:
        say("nothing to import: every declared setting is in its stack, or a deploy creates it")
        return True
    stack = naming.stack_name(registry.name, naming.REGISTRY_UNIT)
    refuse_failed({(thing.at, stack) for thing in taken})
    _refuse_differences(registry, taken)
    _show(registry, taken)
    if not confirm(f"Import {count(len(taken), 'setting')}?"):
        return False
    with synthesized_assembly(file) as assembly:
        for at in dict.fromkeys(thing.at for thing in taken):
            _import(registry, at, [thing for thing in taken if thing.at == at], assembly)
    _refuse_differences(registry, taken)
    say("imported, and the same as in the file; you can deploy changes now")
    return True


def _refuse_differences(registry: Registry, things: Sequence[ResourceKey]) -> None:
    locations = list(dict.fromkeys(thing.at for thing in things))
    wanted = declared(registry, locations, REGISTRY_WIDE)
    found = live(registry, locations, REGISTRY_WIDE, things).settings
    refuse_differences(
        registry,
        wanted,
        {thing: found[thing] for thing in things if thing in found},
        "write them into the file as they are, import them, then change them and deploy; or take them away in AWS and "
        "let the deploy create them (nothing replicates in between)",
    )


def _show(registry: Registry, things: Sequence[ResourceKey]) -> None:
    stack = naming.stack_name(registry.name, naming.REGISTRY_UNIT)
    rows = [(it.at.beside(registry.home), stack, " ".join(filter(None, (it.noun, it.name)))) for it in things]
    print_table(("location", "stack", "setting"), rows)


def _import(registry: Registry, at: Location, things: Sequence[ResourceKey], assembly: Assembly) -> None:
    stack = naming.stack_name(registry.name, naming.REGISTRY_UNIT)
    ids = _logical_ids(assembly, at, stack, things)
    assembly.cdk(
        *("import", f"{at}/Registry", "--force", "--no-execute", "--change-set-name", CHANGE_SET),
        *("--resource-mapping-inline", json.dumps(ids)),
        doing=f"prepare the import into {stack}",
    )
    execute(at, stack, ids, "LogicalResourceId")


def _logical_ids(
    assembly: Assembly, at: Location, stack: str, things: Sequence[ResourceKey]
) -> dict[str, dict[str, str]]:
    """What CloudFormation is to import: by logical id, the property and the value that name what exists."""
    by_type = {kind.type: kind for kind in REGISTRY_WIDE}
    found = {}
    for logical_id, resource in assembly.resources(at, stack).items():
        if kind := by_type.get(resource["Type"]):
            name, _ = kind.deployed(resource["Properties"])
            if ResourceKey(at, kind.noun, name) in things:
                found[logical_id] = {kind.identifier: name or at.account}
    return found
