"""Remove the stacks whose very first deploy failed, so that the next one can create them.

Such a stack is in ROLLBACK_COMPLETE: everything it made is undone, and it can only be deleted. The CDK would do
so, but termination protection, which ours have from the start, refuses it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events-by-operation.html,
https://github.com/aws-samples/aws-secure-environment-accelerator/pull/253
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ops.aws import cloud
from ops.aws.stacks import Stack, settled
from registry.locations import Location
from registry.model import Registry

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.literals import StackStatusType
    from mypy_boto3_cloudformation.type_defs import StackSummaryTypeDef

#: Of both the CDK says that termination protection is on, and not what had failed. The second may still hold something.
_CREATION_FAILED: Final[tuple[StackStatusType, ...]] = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED")
#: What may come to that: a first deploy that was killed goes on in CloudFormation.
_CREATING: Final[tuple[StackStatusType, ...]] = ("CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS")


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedStack:
    """A stack that holds nothing and cannot be updated."""

    region: str
    name: str


def clear_failed(registry: Registry, confirm: Callable[[str], bool]) -> tuple[FailedStack, ...]:
    """Delete every stack of a registry whose creation failed and was undone; the stacks deleted.

    A creation that goes on is waited for.

    :raises CloudError: where a stack still holds a resource although its creation was undone.
    """
    failed = tuple(_failed(registry))
    if not failed or not confirm(f"Remove {', '.join(f'{s.name} in {s.region}' for s in failed)}?"):
        return ()
    for stack in failed:
        _delete(stack)
    return failed


def _failed(registry: Registry) -> Iterator[FailedStack]:
    for at in registry.stack_locations_in(cloud.own_account(registry)):
        pages = (
            cloud.cloudformation(at.region)
            .get_paginator("list_stacks")
            .paginate(StackStatusFilter=[*_CREATION_FAILED, *_CREATING])
        )
        rows = {row["StackName"]: row for page in pages for row in page["StackSummaries"]}
        ours = [_stack(at, rows[name]) for name in sorted(registry.stack_names_in(at) & rows.keys())]
        yield from (
            FailedStack(region=at.region, name=it.name) for it in settled(ours) if it.status in _CREATION_FAILED
        )


def _stack(at: Location, row: StackSummaryTypeDef) -> Stack:
    return Stack(at=at, name=row["StackName"], status=row["StackStatus"], created=row["CreationTime"])


def _delete(stack: FailedStack) -> None:
    cloudformation = cloud.cloudformation(stack.region)
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack.name)
    rows = [row for page in pages for row in page["StackResourceSummaries"]]
    left = [row["LogicalResourceId"] for row in rows if row["ResourceStatus"] != "DELETE_COMPLETE"]
    if left:
        raise cloud.CloudError(
            f"{stack.name} in {stack.region} could not be created, and still contains {', '.join(left)}\n"
            "    way out: look at them in the CloudFormation console, "
            "switch termination protection off and delete the stack there"
        )
    cloudformation.update_termination_protection(StackName=stack.name, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=stack.name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack.name, WaiterConfig={"Delay": 2})
