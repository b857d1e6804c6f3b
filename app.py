"""The CDK app: read the file, make the stacks, attach the checks. Needs no credentials and no network."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, NagPack
from constructs import Construct

from registry.creation_role import needs_creation_role
from registry.errors import RegistryError
from registry.load import load
from registry.locations import Location
from registry.model import Registry
from stacks.access import AccessStack
from stacks.network import NetworkStack
from stacks.registry import RegistryStack
from stacks.repositories import RepositoriesStack

DEFAULT_FILE = "registry.yaml"


def build(app: cdk.App, registry: Registry, packs: Sequence[type[NagPack]] = (AwsSolutionsChecks,)) -> None:
    """Add the stacks of a registry to an app, in their order, and check them with cdk-nag's `packs`.

    Replicas come first: were a replica's repository missing when an image is replicated, ECR would create it
    itself, mutable and unscanned, and its stack would then fail with AlreadyExists.
    https://github.com/aws/containers-roadmap/issues/140
    The registry of a replica comes before the replication, too: there another account is let in. Keys come before
    what they encrypt, and the role of creation templates before them.
    """
    scopes = _scopes(app, registry)
    access = {
        account: AccessStack(scopes[Location(account, registry.region)], registry=registry, account=account)
        for account in registry.accounts
    }
    registries = {at: RegistryStack(scopes[at], registry=registry, at=at) for at in registry.locations}
    repositories = {
        at: [RepositoriesStack(scopes[at], registry=registry, unit=unit) for unit in registry.units_in(at)]
        for at in registry.locations
    }
    for at, registry_stack in registries.items():
        if needs_creation_role(registry, at.account):
            registry_stack.add_stack_dependency(access[at.account])
        if registry.keys_in(at):
            for stack in repositories[at]:
                stack.add_stack_dependency(registry_stack)
    for replica in registry.replicas:
        registries[registry.home].add_stack_dependency(registries[replica.location])
        for replica_stack in repositories[replica.location]:
            registries[registry.home].add_stack_dependency(replica_stack)
            for home_stack in repositories[registry.home]:
                if home_stack.node.id == replica_stack.node.id:
                    home_stack.add_stack_dependency(replica_stack)
    for network in registry.networks:
        if network.makes_something:
            at = Location(network.account, network.region)
            NetworkStack(scopes[at], registry=registry, network=network)
    if packs:
        cdk.Validations.of(app).add_plugins(*(pack(app) for pack in packs))


def _scopes(app: cdk.App, registry: Registry) -> dict[Location, Construct]:
    """A construct for each account and region: stack paths begin with both."""
    accounts = {account: Construct(app, account) for account in registry.deployed_accounts}
    return {at: Construct(accounts[at.account], at.region) for at in registry.places}


def main() -> int:
    """Synthesize the registry that the context key `registry` names; the exit code."""
    app = cdk.App()
    name = app.node.try_get_context("registry") or DEFAULT_FILE
    try:
        registry, warnings = load(Path(name), name)
    except RegistryError as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    for warning in warnings:
        print(warning, file=sys.stderr)
    build(app, registry)
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
