"""Secrets that are made for pull-through caches: whether ECR can read them, and who else may. Never what is in them.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ops.drift.kind import Found, Named, Properties, StackKind, read_json, unless_gone
from ops.drift.repository_settings import Settings
from ops.drift.writer import Change, Writer, never
from registry.locations import Location
from registry.model import Registry


def _has_secrets(registry: Registry, at: Location) -> bool:
    return at in registry.locations and bool(registry.secrets_in(at))


def _secret(key: Any, *, goes: bool, policy: Any) -> Settings:
    """The key of a secret is omitted where it is AWS's own. `resourcePolicy` opens the credential to others."""
    return {"kmsKeyId": key, "scheduledForDeletion": goes, "resourcePolicy": policy}


def _declared(registry: Registry, at: Location) -> Named:
    return {name: _secret(None, goes=False, policy=None) for name in registry.secrets_in(at)}


def _found(client: Any, registry: Registry, at: Location) -> Found:
    """Those of the file: an account has secrets of everybody."""

    def reader(name: str) -> Callable[[], Settings | None]:
        return lambda: unless_gone(lambda: _live(client, name))

    return {name: reader(name) for name in registry.secrets_in(at)}


def _live(client: Any, name: str) -> Settings:
    """Of one that is scheduled for deletion nothing else can be asked."""
    said = client.describe_secret(SecretId=name)
    goes = said.get("DeletedDate") is not None
    policy = None if goes else read_json(client.get_resource_policy(SecretId=name).get("ResourcePolicy"))
    return _secret(said.get("KmsKeyId"), goes=goes, policy=policy)


def _deployed(properties: Properties) -> tuple[str, Settings]:
    """No template speaks of the policy, so a deploy takes none away and does not stop for one."""
    return properties["Name"], {"kmsKeyId": properties.get("KmsKeyId"), "scheduledForDeletion": False}


CACHE_SECRET: Final = StackKind(
    noun="cache secret",
    service="secretsmanager",
    where=_has_secrets,
    optional=True,
    type="AWS::SecretsManager::Secret",
    identifier="Id",
    declared=_declared,
    deployed=_deployed,
    find=_found,
)


def _update(client: Any, change: Change) -> None:
    if "scheduledForDeletion" in change.settings:
        client.restore_secret(SecretId=change.name)
    if "resourcePolicy" in change.settings:
        client.delete_resource_policy(SecretId=change.name)


CACHE_SECRET_WRITER: Final = Writer(
    create=never,
    update=_update,
    unchangeable={
        "": "CloudFormation knows a secret by an ARN that no other has, so no deploy makes it again: write another "
        "name of the secret into the file, deploy, and store the credential in it",
        "kmsKeyId": "ECR reads a secret under AWS's own key alone: `aws secretsmanager update-secret --kms-key-id "
        "alias/aws/secretsmanager`, by somebody who may use the other key",
    },
    outside="a secret of this name exists: name it by its ARN (credential_arn), or write another name",
)
