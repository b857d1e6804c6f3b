"""What every stack of a registry has in common."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from registry import naming
from registry.locations import Location
from registry.model import Registry


class BaseStack(cdk.Stack):
    """A stack with a name computed from the file, termination protection, and the registry's tag.

    Its id is what it holds, and its scope is the region within the account, so that
    `cdk deploy '123456789012/**'` speaks of one account.
    """

    def __init__(self, scope: Construct, construct_id: str, *, registry: Registry, at: Location, holds: str) -> None:
        """Make the stack `construct_id` of `registry` at a location; `holds` ends its description."""
        super().__init__(
            scope,
            construct_id,
            env=cdk.Environment(account=at.account, region=at.region),
            stack_name=naming.stack_name(registry.name, construct_id),
            description=f"Amazon ECR registry {registry.name}: {holds}",
            termination_protection=True,
            synthesizer=cdk.DefaultStackSynthesizer(qualifier=naming.bootstrap_qualifier(registry.name)),
            tags={naming.STACK_TAG: registry.name},
        )
