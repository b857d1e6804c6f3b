"""OpenID Connect providers by CloudFormation: an account has one for an issuer."""

from __future__ import annotations

from typing import Any

from tests.emulator import stacks
from tests.emulator.cloud import Cloud

ISSUER = "token.actions.githubusercontent.com"


def provider(audience: str = "sts.amazonaws.com", host: str = ISSUER) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::OIDCProvider",
        "Properties": {"Url": f"https://{host}", "ClientIdList": [audience]},
    }


def providers(cloud: Cloud) -> list[str]:
    return [each["Arn"] for each in cloud.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]


def audiences(cloud: Cloud) -> list[str]:
    (arn,) = providers(cloud)
    return list(cloud.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"])


def test_a_provider_comes_changes_and_goes_with_its_stack(cloud: Cloud) -> None:
    assert stacks.deploy(cloud, "access", {"Provider": provider()}) == "CREATE_COMPLETE"
    assert providers(cloud) == [f"arn:aws:iam::{cloud.account}:oidc-provider/{ISSUER}"]
    assert stacks.deploy(cloud, "access", {"Provider": provider("other")}) == "UPDATE_COMPLETE"
    assert audiences(cloud) == ["other"]
    assert stacks.delete(cloud, "access") == "DELETE_COMPLETE"
    assert providers(cloud) == []


def test_a_second_provider_of_an_issuer_is_refused_and_the_first_stays(cloud: Cloud) -> None:
    stacks.deploy(cloud, "first", {"Provider": provider()})
    assert stacks.deploy(cloud, "second", {"Provider": provider("other")}) == "ROLLBACK_COMPLETE"
    assert any("already exists" in failure for failure in stacks.failures(cloud, "second"))
    assert audiences(cloud) == ["sts.amazonaws.com"]
