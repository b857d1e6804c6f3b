"""A CDK app that has nothing to do with a registry: one parameter, deployed by the CDK's default bootstrap."""

from __future__ import annotations

import sys

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm


def main(account: str, region: str, value: str) -> None:
    """One stack."""
    app = cdk.App()
    stack = cdk.Stack(app, "Plain", env=cdk.Environment(account=account, region=region))
    ssm.CfnParameter(stack, "Parameter", name="/plain", type="String", value=value)
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
