"""Which other accounts may sign with a profile of AWS Signer."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_signer as signer
from constructs import Construct

from registry import naming
from registry.access.purposes import PUSH
from registry.model.signing_profiles import permission_id


class SigningPermission(signer.CfnProfilePermission):
    """One account that may sign with a profile, made here or not: a profile knows accounts, and its owner adds them.

    https://docs.aws.amazon.com/signer/latest/developerguide/signing-profile-cross-account.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, profile: str, account: str) -> None:
        """Let `account` sign with the profile of that name, of the account and region of the stack."""
        (action,) = PUSH.on_profiles
        super().__init__(
            scope,
            construct_id,
            profile_name=profile,
            action=action,
            principal=account,
            statement_id=permission_id(account),
        )
        self.override_logical_id(naming.logical_id(f"{account}-{profile}", "SigningPermission"))


def permit(scope: Construct, profile: str, accounts: Sequence[str]) -> list[SigningPermission]:
    """Let accounts sign with a profile; one resource for each."""
    return [SigningPermission(scope, f"Permission{it}", profile=profile, account=it) for it in accounts]
