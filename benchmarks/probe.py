"""A policy whose wildcard nobody acknowledged: the checks of a side that is given it must refuse it."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam


def add_probe(app: cdk.App, registry: dict[str, str]) -> None:
    """Add a stack with the policy to an app."""
    stack = cdk.Stack(app, "Probe", env=cdk.Environment(account=registry["account"], region=registry["region"]))
    statement = iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"])
    iam.ManagedPolicy(stack, "Policy", statements=[statement])
