"""The stacks of a registry as CloudFormation has them, found by their tag."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import yaml
from botocore.exceptions import ClientError

from ops.aws import cloud
from ops.aws.parallel import map_parallel
from ops.terminal import warn
from registry import naming
from registry.locations import Location

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef

_POLL_SECONDS: Final = 5.0
#: Of a stack that somebody may make one day, or never.
_ONLY_A_CHANGE_SET: Final = "REVIEW_IN_PROGRESS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack that exists."""

    at: Location
    name: str
    status: str
    created: datetime
    registry: str | None = None


def stacks_of(
    client: CloudFormationClient, registry: str | None, at: Location, *, names: Collection[str] = ()
) -> list[Stack]:
    """The stacks at a location that have the tag of the registry of this name (None: of any), or one of the `names`.

    One that an import made has no tag before its first deploy; one that only has a change set is none.
    """
    pages = client.get_paginator("describe_stacks").paginate()
    rows = [row for page in pages for row in page["Stacks"] if row["StackStatus"] != _ONLY_A_CHANGE_SET]
    tags = [{tag["Key"]: tag["Value"] for tag in row.get("Tags", [])} for row in rows]
    return [
        Stack(at=at, name=row["StackName"], status=row["StackStatus"], created=row["CreationTime"], registry=tagged)
        for row, tagged in zip(rows, (each.get(naming.STACK_TAG) for each in tags), strict=True)
        if row["StackName"] in names or (tagged is not None and registry in (None, tagged))
    ]


def in_every_region(
    home: str, account: str, registry: str | None, *, names: Mapping[Location, Collection[str]] | None = None
) -> tuple[list[Stack], list[str]]:
    """The same in every region that is switched on for an account, and the regions these credentials may not look into.

    :param home: the region to ask which there are, and looked into always.
    :param names: those of `stacks_of`, by location.
    """
    regions = [row["RegionName"] for row in cloud.client("ec2", home).describe_regions()["Regions"]]
    places = [Location(account, region) for region in sorted({*regions, home})]
    clients = {at: cloud.cloudformation(at.region) for at in places}
    wanted = names or {}

    def look(at: Location) -> list[Stack] | None:
        """None where an organization keeps people out of the region, and so has nothing there."""
        try:
            return stacks_of(clients[at], registry, at, names=wanted.get(at, ()))
        except ClientError as problem:
            if problem.response.get("Error", {}).get("Code") in cloud.NOT_ALLOWED:
                return None
            raise

    found = map_parallel(places, look, "looking for stacks")
    closed = [at.region for at, stacks in zip(places, found, strict=True) if stacks is None]
    return [stack for stacks in found for stack in stacks or ()], closed


def resources_of(client: CloudFormationClient, stack: str) -> Mapping[str, Mapping[str, Any]]:
    """The resources in the template of a stack, by logical id.

    botocore reads JSON itself; `cdk import` sends YAML, which arrives as text.
    """
    body: Any = client.get_template(StackName=stack)["TemplateBody"]
    source = f"GetTemplate of {stack}"
    try:
        if isinstance(body, str):
            body = json.loads(body) if body.lstrip().startswith("{") else yaml.safe_load(body)
    except (ValueError, yaml.YAMLError) as problem:
        raise cloud.OddAnswer(source, f"the template cannot be read ({problem})") from problem
    if not isinstance(body, Mapping):
        raise cloud.OddAnswer(source, "the template is not a map")
    resources: Mapping[str, Mapping[str, Any]] = cloud.answer(body, source).get("Resources") or {}
    return resources


def holdings(client: CloudFormationClient, stack: str) -> list[StackResourceSummaryTypeDef]:
    """The resources that a stack holds; none where there is no such stack."""
    try:
        pages = client.get_paginator("list_stack_resources").paginate(StackName=stack)
        return [
            row
            for page in pages
            for row in page["StackResourceSummaries"]
            if not row["ResourceStatus"].startswith("DELETE_")
            and "PhysicalResourceId" in row  # none yet where a creation did not come that far
        ]
    except client.exceptions.ClientError as problem:
        if "does not exist" in str(problem):
            return []
        raise


def status_of(client: CloudFormationClient, stack: str) -> str | None:
    """The status of a stack; None where there is none of the name."""
    try:
        rows = [
            row for page in client.get_paginator("describe_stacks").paginate(StackName=stack) for row in page["Stacks"]
        ]
    except client.exceptions.ClientError as problem:
        if "does not exist" in str(problem):
            return None
        raise
    return cloud.first(rows, "DescribeStacks")["StackStatus"]


def ended(client: CloudFormationClient, stack: str, *, seconds: float, unless: str = "") -> str | None:
    """The status of a stack when CloudFormation has ended what it does with it; None where there is none then.

    :param stack: its name, or its id, by which it is found after its end.
    :param seconds: between two looks.
    :param unless: a status that nobody waits for the end of.
    """
    while (status := status_of(client, stack)) is not None and status.endswith("_IN_PROGRESS") and status != unless:
        time.sleep(seconds)
    return status


def settled(stacks: Iterable[Stack]) -> list[Stack]:
    """The stacks as they are when CloudFormation has ended what it does with them; without those that are gone then.

    One of the same name that only has a change set, which somebody may never execute, is not waited for.

    A deploy that was killed goes on in CloudFormation. Until its end the template is the new one and the resources are
    in part the old ones, which is no change by hand; and whether it will be rolled back is not known.
    """
    found = []
    for stack in stacks:
        status: str | None = stack.status
        if stack.status.endswith("_IN_PROGRESS"):
            warn(
                f"{stack.name} in {stack.at.region} is being changed ({stack.status}), by a deploy that was stopped or "
                "by another one: waiting for its end"
            )
            client = cloud.cloudformation(stack.at.region)
            status = ended(client, stack.name, seconds=_POLL_SECONDS, unless=_ONLY_A_CHANGE_SET)
        if status is not None and status != _ONLY_A_CHANGE_SET:
            found.append(replace(stack, status=status))
    return found


def owner_of(client: CloudFormationClient, physical_id: str, resource_type: str) -> str | None:
    """The stack that holds a resource of a type; None where it is in none.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
    """
    try:
        rows = client.describe_stack_resources(PhysicalResourceId=physical_id)["StackResources"]
    except client.exceptions.ClientError as problem:
        if "does not exist" in str(problem):
            return None
        raise
    return next(
        (
            row["StackName"]
            for row in rows
            if (row.get("PhysicalResourceId"), row["ResourceType"]) == (physical_id, resource_type)
            and not row["ResourceStatus"].startswith("DELETE_")
        ),
        None,
    )
