"""A change set that imports: looked at before it is executed, so that nothing else happens; and one left behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from ops.aws import cloud
from ops.aws.stacks import ended
from ops.terminal import waiting
from registry.errors import RegistryError
from registry.locations import Location

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ResourceChangeTypeDef

#: The cdk CLI deletes one of this name before it makes another, so what an import that was killed left is no obstacle.
CHANGE_SET: Final = "ecrctl-import"
_POLL_SECONDS: Final = 1.0


class ImportRefused(RegistryError):
    """What would happen is not what was listed; nothing was changed."""


def execute(at: Location, stack: str, wanted: Collection[str]) -> None:
    """Execute the change set that the cdk CLI prepared, where it imports what is wanted and nothing happens besides.

    :param wanted: the logical ids.
    :raises ImportRefused: where more or less would happen; the change set is deleted then.
    :raises CloudError: where CloudFormation could not do it.
    """
    client = cloud.cloudformation(at.region)
    pages = client.get_paginator("describe_change_set").paginate(StackName=stack, ChangeSetName=CHANGE_SET)
    changes = [entry["ResourceChange"] for page in pages for entry in page.get("Changes", [])]
    imported = {change["LogicalResourceId"] for change in changes if change["Action"] == "Import"}
    others = [_said(change) for change in changes if change["Action"] != "Import"]
    if imported != set(wanted) or others:
        listed = sorted(_called(change) for change in changes if change["Action"] == "Import")
        client.delete_change_set(StackName=stack, ChangeSetName=CHANGE_SET)
        raise ImportRefused(
            f"{stack} in {at.region} would change by more than the import, so nothing was imported there:\n"
            f"    import {', '.join(listed) or 'nothing'}; {', '.join(others) or 'no other change'}\n"
            "    way out: remove the other changes from the file, import, then deploy them"
        )
    client.execute_change_set(StackName=stack, ChangeSetName=CHANGE_SET)
    status = _settled(client, stack)
    if "ROLLBACK" in status or not status.endswith("_COMPLETE"):
        raise cloud.CloudError(
            f"{stack} in {at.region} ended in {status}\n"
            "    way out: read the stack's events; the existing resources were not changed"
        )


def wait_for_imports(
    statuses: Mapping[tuple[Location, str], str], clients: Mapping[Location, Any]
) -> dict[tuple[Location, str], str]:
    """The statuses of stacks, of those in which an import goes on when it has ended: a killed `ecrctl` left it."""
    found = dict(statuses)
    for (at, stack), status in statuses.items():
        if status.startswith("IMPORT_") and status.endswith("_IN_PROGRESS"):
            with waiting(f"an import into {stack} in {at.region} goes on: waiting for its end"):
                found[at, stack] = _settled(clients[at], stack)
    return found


def _said(change: ResourceChangeTypeDef) -> str:
    return f"{change['Action'].lower()} {_called(change)}"


def _called(change: ResourceChangeTypeDef) -> str:
    """What people call a resource: its name in AWS, else the name in its template; and what it is."""
    name = change.get("PhysicalResourceId") or change["LogicalResourceId"]
    return f"{change.get('ResourceType', '').rpartition('::')[2]} {name}".strip()


def _settled(client: CloudFormationClient, stack: str) -> str:
    return ended(client, stack, seconds=_POLL_SECONDS) or "gone"
