"""Our side of the race: the project's own app, and stand-ins for what registry.yaml cannot say yet.

`app.build` makes the stacks. Then one role for each entry of the plan joins the Access stack, and every
repository gets its policy. The construct will pass that policy when it makes the CfnRepository; setting it
afterwards costs a call more, so the stand-in is slower than the real thing, never faster.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from constructs import Construct

from app import build
from benchmarks.push_role import push_role
from registry.load import load
from registry.model import Registry
from stacks.access import AccessStack
from stacks.repositories import RepositoriesStack


def main() -> None:
    """Synthesize the registry and the plan that the context names."""
    app = cdk.App()
    registry, _ = load(Path(app.node.try_get_context("registry")))
    plan = json.loads(Path(app.node.try_get_context("plan")).read_text(encoding="utf-8"))
    build(app, registry)
    add_stand_ins(app, registry, plan)
    app.synth()


def add_stand_ins(app: cdk.App, registry: Registry, plan: dict[str, Any]) -> None:
    """Add the roles and the repository policies of the plan to the stacks of the registry."""
    account = app.node.find_child(registry.account)
    assert isinstance(account, Construct)
    for stack in account.node.find_child(registry.region).node.children:
        if isinstance(stack, AccessStack):
            for role in plan["roles"]:
                push_role(stack, plan, role)
        elif isinstance(stack, RepositoriesStack):
            for name, repository in stack.repositories.items():
                repository._resource.repository_policy_text = pull_policy(plan, name)


def pull_policy(plan: dict[str, Any], name: str) -> dict[str, Any]:
    """The policy that lets one role of another account pull from a repository."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Pull",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{plan['pulling_account']}:root"},
                "Action": [
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:GetDownloadUrlForLayer",
                ],
                "Condition": {"ArnEquals": {"aws:PrincipalArn": plan["pulling_roles"][name]}},
            }
        ],
    }


if __name__ == "__main__":
    main()
