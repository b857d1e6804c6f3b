"""The CDK app: read the file, make the stacks, attach the checks. Needs no credentials and no network."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, NagPack
from constructs import Construct

from registry.errors import RegistryError
from registry.load import load
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
    """
    account = Construct(app, registry.account)
    regions = {region: Construct(account, region) for region in registry.regions}
    AccessStack(regions[registry.region], registry=registry)
    registry_stacks = {
        region: RegistryStack(scope, registry=registry, region=region) for region, scope in regions.items()
    }
    repositories = {
        region: [RepositoriesStack(scope, registry=registry, unit=unit) for unit in registry.units_in(region)]
        for region, scope in regions.items()
    }
    for replica in registry.replicas:
        for replica_stack in repositories[replica.region]:
            registry_stacks[registry.region].add_stack_dependency(replica_stack)
            for home_stack in repositories[registry.region]:
                if home_stack.node.id == replica_stack.node.id:
                    home_stack.add_stack_dependency(replica_stack)
    for network in registry.networks:
        if network.makes_something:
            place = _scope(_scope(app, network.account), network.region)
            NetworkStack(place, registry=registry, network=network)
    if packs:
        cdk.Validations.of(app).add_plugins(*(pack(app) for pack in packs))


def _scope(parent: Construct, name: str) -> Construct:
    """The scope of an account or a region, which stacks may have made already."""
    found = parent.node.try_find_child(name)
    return found if isinstance(found, Construct) else Construct(parent, name)


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
