"""Accounts that may sign with a profile of another one, by CloudFormation."""

from __future__ import annotations

from tests.emulator import stacks
from tests.emulator.cloud import Cloud


def test_an_account_may_be_let_sign_images(cloud: Cloud) -> None:
    profile = {"Type": "AWS::Signer::SigningProfile", "Properties": {"PlatformId": "Notation-OCI-SHA384-ECDSA"}}
    permission = {
        "Type": "AWS::Signer::ProfilePermission",
        "Properties": {
            "ProfileName": {"Fn::GetAtt": ["Profile", "ProfileName"]},
            "Action": "signer:SignPayload",
            "Principal": "210987654321",
            "StatementId": "a",
        },
    }
    resources = {"Profile": profile, "May": permission}
    assert stacks.deploy(cloud, "signing", resources) == "CREATE_COMPLETE", stacks.failures(cloud, "signing")
