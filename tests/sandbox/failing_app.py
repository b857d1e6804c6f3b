"""The app with one more resource, after all others of a stack, that cannot be created: a deploy that fails midway."""

from __future__ import annotations

import sys
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm

from registry.load import load
from stacks import build as project
from stacks.checked_app import checked_app

TAKEN = "/taken"


def main(stack_name: str, region: str) -> None:
    """Add the failing resource to one stack."""
    app = checked_app()
    registry, _ = load(Path(app.node.get_context("registry")))
    project.build(app, registry)
    for stack in app.node.find_all():
        if isinstance(stack, cdk.Stack) and stack.stack_name == stack_name and stack.region == region:
            others = [
                child
                for child in stack.node.children
                if child.node.id not in ("BootstrapVersion", "CheckBootstrapVersion")
            ]
            ssm.CfnParameter(stack, "Failing", name=TAKEN, type="String", value="x").node.add_dependency(*others)
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
