"""The CloudFormation type of OpenID Connect providers, which ministack does not know; its IAM API does.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-oidcprovider.html
"""

from typing import Any

from ministack.core.responses import get_account_id
from ministack.services import iam
from ministack.services.cloudformation import provisioners

from sandbox.emulator.answers import Json

NAME = "AWS::IAM::OIDCProvider"


def create(logical_id: str, properties: Json, stack_name: str) -> tuple[str, Json]:
    """An account has one provider for an issuer: a second one is refused, as CreateOpenIDConnectProvider does."""
    arn = f"arn:aws:iam::{get_account_id()}:oidc-provider/{properties['Url'].split('://')[-1].rstrip('/')}"
    if arn in iam._oidc_providers:
        raise ValueError(f"Resource of type '{NAME}' with identifier '{arn}' already exists.")
    return update(arn, {}, properties, stack_name)


def update(physical_id: str, old: Json, new: Json, stack_name: str) -> tuple[str, Json]:
    """Audiences, thumbprints and tags change without interruption; the Url replaces."""
    kept: dict[str, Any] = iam._oidc_providers.get(physical_id) or {"CreateDate": iam._now()}
    iam._oidc_providers[physical_id] = {
        **kept,
        "Arn": physical_id,
        "Url": new["Url"],
        "ClientIDList": list(new.get("ClientIdList", ())),
        "ThumbprintList": list(new.get("ThumbprintList", ())),
        "Tags": list(new.get("Tags", ())),
    }
    return physical_id, {"Arn": physical_id}


def delete(physical_id: str, properties: Json) -> None:
    """Gone; roles that trusted it trust nobody."""
    iam._oidc_providers.pop(physical_id, None)


def install() -> None:
    """Add the type to what ministack provisions."""
    provisioners._RESOURCE_HANDLERS[NAME] = {"create": create, "update": update, "delete": delete}
    provisioners._REPLACING_PROPERTIES[NAME] = ("Url",)
