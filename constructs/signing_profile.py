"""A signing profile of AWS Signer, and who of another account may sign with it."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_signer as signer
from constructs import Construct
from constructs.signing_permissions import permit

from registry import naming
from registry.model.signing_profiles import PLATFORM, validity
from registry.shape import SigningProfileShape


class SigningProfile(Construct):
    """A profile that signs container images, and the other accounts that push what it signs.

    It stays when it leaves the template: AWS would cancel it, and its name could not be used again for years. What it
    signed stays valid either way. Only a creation that failed leaves nothing.
    https://docs.aws.amazon.com/signer/latest/developerguide/signing-profiles.html
    https://docs.aws.amazon.com/signer/latest/api/API_CancelSigningProfile.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, profile: SigningProfileShape, accounts: Sequence[str]
    ) -> None:
        """Declare the profile `name`; `accounts` may sign with it besides its own."""
        super().__init__(scope, construct_id)
        period = validity(profile)
        self.profile = signer.CfnSigningProfile(
            self,
            "Profile",
            platform_id=PLATFORM,
            profile_name=name,
            signature_validity_period=signer.CfnSigningProfile.SignatureValidityPeriodProperty(
                type=period["type"], value=period["value"]
            ),
        )
        self.profile.apply_removal_policy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
        self.profile.override_logical_id(naming.logical_id(name, "SigningProfile"))
        for permission in permit(self, name, accounts):
            permission.add_dependency(self.profile)
