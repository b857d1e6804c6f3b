"""The CDK app: read the file, make the stacks, attach the checks. Needs no credentials and no network."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, NagPack
from constructs import Construct

from registry import naming
from registry.access.creation_role import needs_creation_role
from registry.errors import RegistryError
from registry.load import load
from registry.locations import Location
from registry.model import AccessStackPlan, Network, Registry, RegistryStackPlan, StackPlan
from stacks.access import AccessStack
from stacks.checked_app import checked_app
from stacks.network import NetworkStack
from stacks.registry import RegistryStack
from stacks.repositories import RepositoriesStack

DEFAULT_FILE = "registry.yaml"
CDK_JSON = Path(__file__).resolve().with_name("cdk.json")


def build(app: cdk.App, registry: Registry, packs: Sequence[type[NagPack]] = (AwsSolutionsChecks,)) -> None:
    """Add the stacks of a registry to an app, in their order, and check them with cdk-nag's `packs`.

    Replicas come first: were a replica's repository missing when an image is replicated, ECR would create it
    itself, mutable and unscanned, and its stack would then fail with AlreadyExists.
    https://github.com/aws/containers-roadmap/issues/140
    The registry of a replica comes before the replication, too: there another account is let in. Keys come before
    what they encrypt, and the role of creation templates before them.
    """
    stacks = {
        at: {unit.construct_id: _stack(scope, registry, unit) for unit in registry.stacks_in(at)}
        for at, scope in _scopes(app, registry).items()
    }
    home = stacks[registry.home]
    for at in registry.locations:
        registry_stack = stacks[at][naming.REGISTRY_UNIT]
        repositories = {unit: stack for unit, stack in stacks[at].items() if isinstance(stack, RepositoriesStack)}
        if needs_creation_role(registry, at.account):
            access_stack = stacks[Location(at.account, registry.region)][naming.ACCESS_UNIT]
            registry_stack.add_stack_dependency(access_stack)
        if registry.keys_in(at):
            for stack in repositories.values():
                stack.add_stack_dependency(registry_stack)
        if at != registry.home:
            home[naming.REGISTRY_UNIT].add_stack_dependency(registry_stack)
            for unit, stack in repositories.items():
                home[naming.REGISTRY_UNIT].add_stack_dependency(stack)
                if unit in home:
                    home[unit].add_stack_dependency(stack)
    if packs:
        cdk.Validations.of(app).add_plugins(*(pack(app) for pack in packs))


def _scopes(app: cdk.App, registry: Registry) -> dict[Location, Construct]:
    """A construct for each account and region: stack paths begin with both."""
    accounts = {account: Construct(app, account) for account in registry.deployed_accounts}
    return {at: Construct(accounts[at.account], at.region) for at in registry.stack_locations}


def _stack(scope: Construct, registry: Registry, unit: StackPlan) -> cdk.Stack:
    match unit:
        case AccessStackPlan():
            return AccessStack(scope, registry=registry, account=unit.location.account)
        case RegistryStackPlan():
            return RegistryStack(scope, registry=registry, at=unit.location)
        case Network():
            return NetworkStack(scope, registry=registry, network=unit)
        case _:
            return RepositoriesStack(scope, registry=registry, unit=unit)


def flags() -> dict[str, Any]:
    """The CDK's feature flags, of this checkout's cdk.json wherever the CLI is started.

    A company's own repository has a cdk.json without them: they belong to the version that it uses.
    """
    context: dict[str, Any] = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    return context


def main() -> int:
    """Synthesize the registry that the context key `registry` names; the exit code."""
    app = checked_app(context=flags())
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
