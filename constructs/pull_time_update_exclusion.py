"""A principal whose pulls ECR does not record."""

from __future__ import annotations

from aws_cdk import aws_ecr as ecr
from constructs import Construct


class PullTimeUpdateExclusion(ecr.CfnPullTimeUpdateExclusion):
    """A role or a user, such as that of a scanner, whose pulls keep no image alive.

    A lifecycle that counts days since the last pull does not see them.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-time-update-exclusions.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, arn: str) -> None:
        """Declare the principal of that ARN, of any account, for the account and region of the stack."""
        super().__init__(scope, construct_id, principal_arn=arn)
