"""A CDK app that has nothing to do with a registry: one parameter, deployed by the CDK's default bootstrap.

It may have a repository, too.
"""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ssm as ssm


def main(account: str, region: str, value: str, repository: str = "", *, folder: str) -> None:
    """One stack, synthesized into a folder."""
    app = cdk.App(outdir=folder)
    stack = cdk.Stack(app, "Plain", env=cdk.Environment(account=account, region=region))
    ssm.CfnParameter(stack, "Parameter", name="/plain", type="String", value=value)
    if repository:
        ecr.Repository(
            stack,
            "Repository",
            repository_name=repository,
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
        )
    app.synth()
