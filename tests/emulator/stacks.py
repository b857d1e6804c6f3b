"""Stacks of the emulator, deployed with change sets as the cdk CLI does."""

import itertools
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError
from mypy_boto3_cloudformation.literals import ChangeSetTypeType

from tests.emulator.cloud import Cloud

DONE_WITHIN = 20.0
_change_sets = itertools.count(1)

Resources = Mapping[str, Mapping[str, Any]]


def repository(name: str | None = None, **properties: Any) -> dict[str, Any]:
    """A repository that is retained, as this project's are."""
    return {
        "Type": "AWS::ECR::Repository",
        "DeletionPolicy": "RetainExceptOnCreate",
        "UpdateReplacePolicy": "Retain",
        "Properties": ({"RepositoryName": name} if name else {}) | properties,
    }


def deploy(
    cloud: Cloud,
    stack: str,
    resources: Resources,
    *,
    import_existing: bool = False,
    tags: Mapping[str, str] | None = None,
) -> str:
    """Create or update the stack; the status it ends in, or why there was no change set to execute."""
    kind: ChangeSetTypeType = "UPDATE" if status(cloud, stack) else "CREATE"
    return _execute(
        cloud,
        stack,
        resources,
        ChangeSetType=kind,
        ImportExistingResources=import_existing,
        Tags=[{"Key": key, "Value": value} for key, value in (tags or {}).items()],
    )


def import_repositories(cloud: Cloud, stack: str, resources: Resources, names: Mapping[str, str]) -> str:
    """Import with a change set of type IMPORT; `names` are the repositories by logical id."""
    identifiers = {logical_id: {"RepositoryName": name} for logical_id, name in names.items()}
    return import_resources(cloud, stack, resources, identifiers)


def import_resources(
    cloud: Cloud, stack: str, resources: Resources, identifiers: Mapping[str, Mapping[str, str]]
) -> str:
    """The same for resources of any type, by logical id."""
    to_import: Any = [
        {
            "ResourceType": resources[logical_id]["Type"],
            "LogicalResourceId": logical_id,
            "ResourceIdentifier": identifier,
        }
        for logical_id, identifier in identifiers.items()
    ]
    return _execute(cloud, stack, resources, ChangeSetType="IMPORT", ResourcesToImport=to_import)


def _execute(cloud: Cloud, stack: str, resources: Resources, **request: Any) -> str:
    name = f"change-{next(_change_sets)}"
    cloud.cloudformation.create_change_set(
        StackName=stack, ChangeSetName=name, TemplateBody=json.dumps({"Resources": resources}), **request
    )
    described = cloud.cloudformation.describe_change_set(StackName=stack, ChangeSetName=name)
    if described["Status"] == "FAILED":
        return described["StatusReason"]
    cloud.cloudformation.execute_change_set(StackName=stack, ChangeSetName=name)
    return _settled(cloud, stack)


def delete(cloud: Cloud, stack: str) -> str:
    """Delete the stack; the status it ends in."""
    stack_id = cloud.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    cloud.cloudformation.delete_stack(StackName=stack)
    return _settled(cloud, stack_id)


def status(cloud: Cloud, stack: str) -> str | None:
    """The stack's status, or None where there is none."""
    try:
        return cloud.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    except ClientError:
        return None


def _settled(cloud: Cloud, stack: str) -> str:
    deadline = time.monotonic() + DONE_WITHIN
    while time.monotonic() < deadline:
        now = status(cloud, stack)
        if now is not None and not now.endswith("_IN_PROGRESS"):
            return now
    raise RuntimeError(f"{stack} is still under way")


def failures(cloud: Cloud, stack: str) -> list[str]:
    """Why resources of the stack failed, the last first."""
    events = cloud.cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    return [
        each["ResourceStatusReason"]
        for each in events
        if each["ResourceStatus"].endswith("_FAILED") and each["ResourceType"] != "AWS::CloudFormation::Stack"
    ]


def drift(cloud: Cloud, stack: str) -> dict[str, tuple[str, set[str]]]:
    """The drift status of every resource, and the properties that differ, by logical id."""
    cloud.cloudformation.detect_stack_drift(StackName=stack)
    found = cloud.cloudformation.describe_stack_resource_drifts(StackName=stack)["StackResourceDrifts"]
    return {
        each["LogicalResourceId"]: (
            each["StackResourceDriftStatus"],
            {difference["PropertyPath"] for difference in each.get("PropertyDifferences", [])},
        )
        for each in found
    }


def in_sync(logical_ids: Sequence[str] = ("Resource",)) -> dict[str, tuple[str, set[str]]]:
    """What `drift` gives where nothing drifted."""
    return {each: ("IN_SYNC", set()) for each in logical_ids}


def planned(cloud: Cloud, stack: str, resources: Resources, *, import_existing: bool = False) -> list[Any]:
    """What a deploy would change, from a change set that is not executed."""
    kind: ChangeSetTypeType = "UPDATE" if status(cloud, stack) else "CREATE"
    change_set = cloud.cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName=f"plan-{next(_change_sets)}",
        TemplateBody=json.dumps({"Resources": resources}),
        ChangeSetType=kind,
        ImportExistingResources=import_existing,
    )
    described = cloud.cloudformation.describe_change_set(ChangeSetName=change_set["Id"])
    return [change["ResourceChange"] for change in described["Changes"]]
