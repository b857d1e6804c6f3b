"""The whole app: every stack of a registry, in their order, under the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, NagPack
from constructs import Construct

from registry import naming
from registry.access.cache_role import needs_cache_role
from registry.access.creation_role import needs_creation_role
from registry.access.trust import made_providers
from registry.locations import Location
from registry.model import (
    AccessStackPlan,
    DeliveryStackPlan,
    MonitoringStackPlan,
    Network,
    PublicStackPlan,
    Registry,
    RegistryStackPlan,
    StackPlan,
)
from registry.monitoring.chat import chat_configurations_in
from stacks.access import AccessStack
from stacks.public import PublicRepositoriesStack
from stacks.registry import RegistryStack
from stacks.repositories import RepositoriesStack


def build(app: cdk.App, registry: Registry, packs: Sequence[type[NagPack]] = (AwsSolutionsChecks,)) -> None:
    """Add the stacks of a registry to an app, in their order, and check them with cdk-nag's `packs`.

    Replicas come first: were a replica's repository missing when an image is replicated, ECR would create it
    itself, mutable and unscanned, and its stack would then fail with AlreadyExists.
    https://github.com/aws/containers-roadmap/issues/140
    The registry of a replica comes before the replication, too: there another account is let in. Keys come before
    what they encrypt, and the roles of creation templates and caches before them.
    """
    stacks = {
        at: {unit.construct_id: _stack(scope, registry, unit) for unit in registry.stacks_in(at)}
        for at, scope in _scopes(app, registry).items()
    }
    home = stacks[registry.home]
    _put_providers_before_roles(registry, home)
    for at in registry.locations:
        here = stacks[at]
        repositories = {unit: stack for unit, stack in here.items() if isinstance(stack, RepositoriesStack)}
        if registry.has_registry_stack(at) and any(
            needs(registry, at.account) for needs in (needs_creation_role, needs_cache_role)
        ):
            access_stack = stacks[Location(at.account, registry.region)][naming.ACCESS_UNIT]
            here[naming.REGISTRY_UNIT].add_stack_dependency(access_stack)
        if registry.keys_in(at):
            for stack in repositories.values():
                stack.add_stack_dependency(here[naming.REGISTRY_UNIT])
        if at == registry.home:
            continue
        if registry.manages_registry:
            for before in (here[naming.REGISTRY_UNIT], *repositories.values()):
                home[naming.REGISTRY_UNIT].add_stack_dependency(before)
        for unit, stack in repositories.items():
            if unit in home:
                home[unit].add_stack_dependency(stack)
    _put_topics_before_chats(registry, stacks)
    for each in registry.deliveries:  # a pipeline starts when it is made, and pushes
        home[each.construct_id].add_stack_dependency(home[registry.unit_of(each.repository)])
    if packs:
        cdk.Validations.of(app).add_plugins(*(pack(app) for pack in packs))


def _put_providers_before_roles(registry: Registry, home: Mapping[str, cdk.Stack]) -> None:
    """Roles of every Access stack trust OpenID Connect providers by their ARNs, and one of the stacks makes them."""
    if made_providers(registry):
        for unit in registry.access_stacks_in(registry.account):
            if unit.name:
                home[unit.construct_id].add_stack_dependency(home[naming.ACCESS_UNIT])


def _put_topics_before_chats(registry: Registry, stacks: Mapping[Location, Mapping[str, cdk.Stack]]) -> None:
    """A chat configuration subscribes to topics of all regions of its account, which must be there."""
    for at in registry.locations:
        if chat_configurations_in(registry, at):
            for other in registry.locations:
                if other.account == at.account and other != at:
                    stacks[at][naming.MONITORING_UNIT].add_stack_dependency(stacks[other][naming.MONITORING_UNIT])


def _scopes(app: cdk.App, registry: Registry) -> dict[Location, Construct]:
    """A construct for each account and region: stack paths begin with both."""
    accounts = {account: Construct(app, account) for account in registry.deployed_accounts}
    return {at: Construct(accounts[at.account], at.region) for at in registry.stack_locations}


def _stack(scope: Construct, registry: Registry, unit: StackPlan) -> cdk.Stack:
    match unit:
        case AccessStackPlan():
            return AccessStack(scope, registry=registry, unit=unit)
        case RegistryStackPlan():
            return RegistryStack(scope, registry=registry, at=unit.location)
        case PublicStackPlan():
            return PublicRepositoriesStack(scope, registry=registry, unit=unit)
        case MonitoringStackPlan():
            from stacks.monitoring import MonitoringStack  # its services' classes take time to import, too

            return MonitoringStack(scope, registry=registry, at=unit.location)
        case Network():
            from stacks.network import NetworkStack  # EC2's classes take a tenth of a second to import

            return NetworkStack(scope, registry=registry, network=unit)
        case DeliveryStackPlan():
            from stacks.delivery import DeliveryStack  # and those of CodePipeline another

            return DeliveryStack(scope, registry=registry, unit=unit)
        case _:
            return RepositoriesStack(scope, registry=registry, unit=unit)
