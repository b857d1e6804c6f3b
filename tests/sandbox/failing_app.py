"""One more resource for an app, after all others of a stack, that cannot be created: a deploy that fails midway."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm

TAKEN = "/taken"


def cannot_be_created(stack_name: str, region: str, app: cdk.App) -> None:
    """Add it to one stack."""
    for stack in app.node.find_all():
        if isinstance(stack, cdk.Stack) and stack.stack_name == stack_name and stack.region == region:
            others = [
                child
                for child in stack.node.children
                if child.node.id not in ("BootstrapVersion", "CheckBootstrapVersion")
            ]
            ssm.CfnParameter(stack, "Failing", name=TAKEN, type="String", value="x").node.add_dependency(*others)
