"""The secret with which ECR logs in to an upstream registry."""

from __future__ import annotations

import json
from typing import Final

from aws_cdk import Acknowledgment, RemovalPolicy, Validations
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

#: The keys that ECR reads. CloudFormation writes a secret's text again whenever the template has another, and would
#: overwrite the credential that somebody stored: this text, and what stands beside it, never change.
PLACEHOLDER: Final = json.dumps({"username": "not-stored-yet", "accessToken": "not-stored-yet"})
_ROTATION: Final = "The credential is of another company's registry, which gives a new one to people only."
_KEY: Final = "ECR reads secrets under AWS's own key for Secrets Manager alone."
#: What the packs of cdk-nag say otherwise.
_ACCEPTED: Final = {
    "AwsSolutions-SMG4": _ROTATION,
    "HIPAA.Security-SecretsManagerRotationEnabled": _ROTATION,
    "NIST.800.53.R5-SecretsManagerRotationEnabled": _ROTATION,
    "HIPAA.Security-SecretsManagerUsingKMSKey": _KEY,
    "NIST.800.53.R5-SecretsManagerUsingKMSKey": _KEY,
    "PCI.DSS.321-SecretsManagerUsingKMSKey": _KEY,
}
DESCRIPTION: Final = "Credentials of an upstream registry, for a pull-through cache of Amazon ECR"


class CacheSecret(secretsmanager.CfnSecret):
    """A secret without a credential, under AWS's own key: ECR can read no other. It stays when it leaves the file.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str) -> None:
        """Declare the secret `name` for the account and region of the stack."""
        super().__init__(scope, construct_id, name=name, description=DESCRIPTION, secret_string=PLACEHOLDER)
        self.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        Validations.of(self).acknowledge(
            *(Acknowledgment(id=rule, reason=reason) for rule, reason in _ACCEPTED.items())
        )
