"""What the last deploy said: the templates of the registry's stacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ops.aws import cloud
from ops.aws.parallel import map_parallel
from ops.aws.stacks import Stack, resources_of, settled, stacks_of
from ops.drift.kind import Kind, StackKind
from ops.drift.reading import ResourceKey
from ops.drift.repository_settings import Settings
from ops.drift.template import resolved
from registry import naming
from registry.locations import Location
from registry.model import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """The settings in templates, and the locations that have a Registry stack, which speaks of everything there."""

    settings: Mapping[ResourceKey, Settings]
    registries: frozenset[Location]


def deployed(registry: Registry, locations: Sequence[Location], kinds: Sequence[Kind]) -> Deployed:
    """What the stacks of a registry hold, those that left the file included, whatever the file says today."""
    wide = naming.stack_name(registry.name, naming.REGISTRY_UNIT)
    clients = {at: cloud.cloudformation(at.region) for at in locations}

    def stacks_in(at: Location) -> list[Stack]:
        return stacks_of(clients[at], registry.name, at, names=registry.stack_names_in(at))

    found = map_parallel(locations, stacks_in, "looking for stacks")
    stacks = settled(stack for stacks in found for stack in stacks)
    templates = map_parallel(stacks, lambda it: resources_of(clients[it.at], it.name), "reading templates")
    of_type = {kind.type: (kind.noun, kind.deployed) for kind in kinds if isinstance(kind, StackKind)}
    settings = {}
    for stack, resources in zip(stacks, templates, strict=True):
        for resource in resources.values():
            if resource["Type"] in of_type:
                noun, read = of_type[resource["Type"]]
                name, said = read(resolved(resource.get("Properties", {}), resources, stack.at))
                settings[ResourceKey(stack.at, noun, name)] = said
    return Deployed(settings=settings, registries=frozenset(stack.at for stack in stacks if stack.name == wide))
