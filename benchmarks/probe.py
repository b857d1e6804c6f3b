"""What the checks of a side that is given it must refuse: a wildcard nobody acknowledged, a name ECR does not take."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam


def add_probe(app: cdk.App, registry: dict[str, str]) -> None:
    """Add a stack with both to an app."""
    stack = cdk.Stack(app, "Probe", env=cdk.Environment(account=registry["account"], region=registry["region"]))
    statement = iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"])
    iam.ManagedPolicy(stack, "Policy", statements=[statement])
    ecr.CfnRepository(stack, "Repository", repository_name="Not/Legal")
