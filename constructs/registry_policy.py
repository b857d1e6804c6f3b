"""The registry's policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_ecr as ecr
from constructs import Construct


class RegistryPolicy(ecr.CfnRegistryPolicy):
    """Whom a registry lets in besides IAM and repository policies: another account that replicates into it.

    AWS keeps one per account and region.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, document: Mapping[str, Any]) -> None:
        """Declare `document` for the account and region of the stack."""
        super().__init__(scope, construct_id, policy_text=document)
