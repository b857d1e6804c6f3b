"""The registry's policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_ecr as ecr
from constructs import Construct


class RegistryPolicy(ecr.CfnRegistryPolicy):
    """Whom a registry lets in besides IAM and repository policies: who replicates into it from another account, or has
    upstream images fetched.

    AWS keeps one per account and region.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, document: Mapping[str, Any]) -> None:
        """Declare `document` for the account and region of the stack."""
        super().__init__(scope, construct_id, policy_text=document)
        everyone = [each for each in document["Statement"] if each["Principal"] == "*"]
        if everyone and all("aws:PrincipalOrg" in str(each.get("Condition")) for each in everyone):
            Validations.of(self).acknowledge(
                Acknowledgment(
                    id="AwsSolutions-ECR1",
                    reason="Principal * stands with a condition that says of which organization.",
                )
            )
