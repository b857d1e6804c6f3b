"""The registry's signing configuration."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_ecr as ecr
from constructs import Construct

from registry.model import SigningRule
from registry.model.ecr_documents import signing_rules


class SigningConfiguration(ecr.CfnSigningConfiguration):
    """Which images AWS Signer signs when they are pushed; the pusher needs `signer:SignPayload` on the profile.

    AWS keeps one per account and region.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, rules: Sequence[SigningRule]) -> None:
        """Declare `rules` for the account and region of the stack; a rule without filters signs every image."""
        super().__init__(scope, construct_id, rules=signing_rules(rules))
