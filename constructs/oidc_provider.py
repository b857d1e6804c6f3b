"""The OpenID Connect provider that makes the tokens of a CI system known to IAM."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from constructs import Construct


class OidcProvider(Construct):
    """An account has one provider for an issuer; where another owns it, name it in `access.oidc_providers`.

    It stays when it leaves the template, as roles of others trust it too. Only a first deploy that fails takes it back.
    IAM trusts the issuer's certificate by its authority, so there are no thumbprints.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, issuer: str, audiences: list[str]) -> None:
        """Declare the provider of `issuer`, a host, for tokens with one of the `audiences`."""
        super().__init__(scope, construct_id)
        self.provider = iam.CfnOIDCProvider(self, "Default", url=f"https://{issuer}", client_id_list=audiences)
        self.provider.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
