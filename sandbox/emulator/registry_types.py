"""The CloudFormation types of what a registry has once, which ministack does not know.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecr-registryscanningconfiguration.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecr-replicationconfiguration.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecr-registrypolicy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-signingconfiguration.html
The handlers of replication and of the policy are public and followed here. Those of scanning and signing are not:
that they refuse a registry that has the setting, and that scanning is never missing, is our reading.
https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-ecr
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import get_account_id
from ministack.services.cloudformation import drift, provisioners

from sandbox.emulator.answers import Json
from sandbox.emulator.settings import POLICY, REPLICATION, SCANNING, SIGNING, Setting


def api_case(value: Any) -> Any:
    """A template's value as ECR's API writes it: `ScanType` is `scanType`."""
    return _renamed(value, str.lower)


def template_case(value: Any) -> Any:
    """An API value as a template writes it: `scanType` is `ScanType`."""
    return _renamed(value, str.upper)


def _renamed(value: Any, first: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {first(key[:1]) + key[1:]: _renamed(each, first) for key, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each, first) for each in value]
    return value


def as_text(document: Any) -> str:
    """A policy as ECR's API takes it; a template may have the object or its text."""
    return document if isinstance(document, str) else json.dumps(document)


@dataclass(frozen=True, kw_only=True)
class RegistryType:
    """A type of which a registry has one resource, named by the registry's id."""

    name: str
    setting: Setting
    to_api: Callable[[Json], Json]
    to_template: Callable[[Json], Json]
    properties: frozenset[str]
    there_when_default: bool
    """Whether a setting at AWS's default still is the resource, or counts as gone."""

    def create(self, logical_id: str, properties: Json, stack_name: str) -> tuple[str, Json]:
        """Refuse a registry that has the setting already, as the public CreateHandler does."""
        if self.setting.is_set():
            raise ValueError(self._message("already exists"))
        self.setting.put(self.to_api(properties))
        return get_account_id(), {"RegistryId": get_account_id()}

    def update(self, physical_id: str, old: Json, new: Json, stack_name: str) -> tuple[str, Json]:
        """Put the new value; a rollback comes the same way with the old one."""
        if not self.is_there():
            raise ValueError(self._message("was not found"))
        self.setting.put(self.to_api(new))
        return physical_id, {"RegistryId": physical_id}

    def delete(self, physical_id: str, properties: Json) -> None:
        """Back to AWS's default, or to nothing where that is the default."""
        self.setting.reset()

    def read(self, physical_id: str, properties: Json) -> Json | None:
        """What is live, for drift detection.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackResourceDrift.html
        """
        return self.to_template(self.setting.get()) if self.is_there() else None

    def is_there(self) -> bool:
        """Whether there is something to update, to compare or to import."""
        return self.there_when_default or self.setting.is_set()

    def _message(self, what: str) -> str:
        return f"Resource of type '{self.name}' with identifier '{get_account_id()}' {what}."


SCANNING_TYPE = RegistryType(
    name="AWS::ECR::RegistryScanningConfiguration",
    setting=SCANNING,
    to_api=api_case,
    to_template=template_case,
    properties=frozenset({"ScanType", "Rules"}),
    there_when_default=True,
)

# To its handlers a configuration without rules is none: the update of one is refused with NotFound.
REPLICATION_TYPE = RegistryType(
    name="AWS::ECR::ReplicationConfiguration",
    setting=REPLICATION,
    to_api=lambda properties: api_case(properties["ReplicationConfiguration"]),
    to_template=lambda live: {"ReplicationConfiguration": template_case(live)},
    properties=frozenset({"ReplicationConfiguration"}),
    there_when_default=False,
)

POLICY_TYPE = RegistryType(
    name="AWS::ECR::RegistryPolicy",
    setting=POLICY,
    to_api=lambda properties: {"policyText": as_text(properties["PolicyText"])},
    to_template=lambda live: {"PolicyText": json.loads(live["policyText"])},
    properties=frozenset({"PolicyText"}),
    there_when_default=False,
)

SIGNING_TYPE = RegistryType(
    name="AWS::ECR::SigningConfiguration",
    setting=SIGNING,
    to_api=api_case,
    to_template=template_case,
    properties=frozenset({"Rules"}),
    there_when_default=False,
)

ALL = (SCANNING_TYPE, REPLICATION_TYPE, POLICY_TYPE, SIGNING_TYPE)


def install() -> None:
    """Add the types to what ministack provisions, classifies and compares."""
    for each in ALL:
        provisioners._RESOURCE_HANDLERS[each.name] = {
            "create": each.create,
            "update": each.update,
            "delete": each.delete,
        }
        # Every property of these types says "Update requires: No interruption".
        provisioners._REPLACING_PROPERTIES[each.name] = ()
        drift._DRIFT_READERS[each.name] = (each.read, each.properties)
