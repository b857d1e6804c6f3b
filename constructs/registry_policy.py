"""The registry's policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_ecr as ecr
from constructs import Construct

from registry.access.openings import why_open


class RegistryPolicy(ecr.CfnRegistryPolicy):
    """Whom a registry lets in besides IAM and repository policies: who replicates into it from another account, or has
    upstream images fetched.

    AWS keeps one per account and region.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, document: Mapping[str, Any], opened_because: str | None
    ) -> None:
        """Declare `document` for the account and region of the stack.

        :param opened_because: why it may let in everybody; None where nobody accepted that.
        """
        super().__init__(scope, construct_id, policy_text=document)
        if reason := why_open(document, opened_because):
            Validations.of(self).acknowledge(Acknowledgment(id="AwsSolutions-ECR1", reason=reason))
