"""DescribeStackResources by what a stack made: whose is a repository?

"If you do not provide a stack name, you must specify the physical resource ID": the answer is every resource of the
stack that has it. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers

_stock = handlers._describe_stack_resources


def describe_stack_resources(params: Mapping[str, Any]) -> Any:
    """With a stack's name as before; without one, of the stack that holds the physical id."""
    physical = handlers._p(params, "PhysicalResourceId")
    if not physical or handlers._p(params, "StackName"):
        return _stock(params)
    for name, stack in cloudformation._stacks.items():
        if stack.get("StackStatus") == "DELETE_COMPLETE":
            continue
        if any(each.get("PhysicalResourceId") == physical for each in stack.get("_resources", {}).values()):
            return _stock({**params, "StackName": [name]})
    return handlers._error("ValidationError", f"Stack for {physical} does not exist")


def install() -> None:
    """Put it where the router finds it."""
    handlers._ACTION_HANDLERS["DescribeStackResources"] = describe_stack_resources
