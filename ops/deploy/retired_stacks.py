"""Remove the stacks of a registry that the app no longer has: `cdk deploy` never does.

Found by their tag, in every region that the account has switched on: a replica that left the file left its region
with it. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ops.aws import cloud
from ops.aws.parallel import map_parallel
from ops.aws.stacks import Stack, ended, in_every_region, resources_of
from ops.terminal import count, progress
from registry import naming
from registry.errors import ExitCode, RegistryError
from registry.findings import listed
from registry.locations import Location
from registry.model import Registry

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_ecr import ECRClient

REPOSITORY: Final = "AWS::ECR::Repository"
_POLL_SECONDS: Final = 2.0
#: What is deployed last goes first; kinds of stacks that are not listed come before all of these.
_ORDER: Final = (naming.REGISTRY_UNIT, "Repositories")


class RetireRefused(RegistryError):
    """Nothing was removed."""


class WrongAccount(RetireRefused):
    """Whether a stack has left the app is not known here."""

    exit_code = ExitCode.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class RetiredStack:
    """A stack that left the app, and what becomes of its resources; counts are of images.

    `inspector`: with its scanning configuration Amazon Inspector's scans of ECR end in that region, for all images.
    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2516
    """

    stack: Stack
    deleted: tuple[str, ...]
    kept: tuple[tuple[str, int | None], ...]
    emptied: tuple[tuple[str, int | None], ...]
    inspector: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "account": self.stack.at.account,
            "region": self.stack.at.region,
            "stackName": self.stack.name,
            "stackStatus": self.stack.status,
            "deleted": list(self.deleted),
            "kept": [{"resource": name, "images": images} for name, images in self.kept],
            "emptied": [{"resource": name, "images": images} for name, images in self.emptied],
            "disablesInspector": self.inspector,
        }


def account_of(registry: Registry, left: str | None) -> str:
    """The account whose stacks are meant: that of the credentials.

    :param left: an account that left the file; it has to be said, because everything in it goes.
    :raises WrongAccount: where the credentials belong to an account that is neither in the file nor said.
    """
    caller = cloud.caller(registry.region)
    if left is None and caller not in registry.deployed_accounts:
        raise WrongAccount(
            f"the credentials belong to the account {caller}, "
            f"but the file declares {listed(registry.deployed_accounts)}\n"
            f"    way out: choose another profile; or, if {caller} left the file and you want to remove every stack "
            f"of {registry.name} there, add --account {caller}"
        )
    if left not in (None, caller):
        raise WrongAccount(
            f"the credentials belong to the account {caller}, not to {left}\n    way out: choose a profile of {left}"
        )
    return caller


def retired(
    registry: Registry, account: str, in_app: Collection[tuple[Location, str]], *, name: str | None = None
) -> tuple[list[Stack], list[str]]:
    """The tagged stacks of an account that the app does not have, in the order in which they go.

    And the regions that these credentials may not look into.

    :param name: what the registry was called, where it is called otherwise today.
    """
    called = registry.name if name is None else name
    found, closed = in_every_region(registry.region, account, called)
    left = [stack for stack in found if (stack.at, stack.name) not in in_app]
    return sorted(left, key=lambda stack: _removal_order(called, registry.home, stack)), closed


def blind(registry: Registry, account: str, closed: Collection[str]) -> list[str]:
    """Those of the `closed` regions in which the file itself has something: there it is not known what has left."""
    return sorted({at.region for at in registry.stack_locations_in(account)} & set(closed))


def _removal_order(registry: str, home: Location, stack: Stack) -> tuple[Any, ...]:
    """The reverse of a deploy: replication at home ends before a replica goes, and access goes last."""
    unit = stack.name.removeprefix(naming.stack_name(registry, ""))
    kind = next((rank for rank, word in enumerate(_ORDER, start=1) if unit.startswith(word)), 0)
    access = unit.startswith(naming.ACCESS_UNIT) + (unit == naming.ACCESS_UNIT)  # it has what trust in the others names
    return access, stack.at != home, str(stack.at), kind, stack.name


def inspect(stacks: Sequence[Stack]) -> list[RetiredStack]:
    """What becomes of everything in these stacks."""
    regions = {stack.at.region for stack in stacks}
    ecr = {region: cloud.ecr(region) for region in regions}
    formation = {region: cloud.cloudformation(region) for region in regions}
    return map_parallel(
        stacks, lambda it: _looked_at(it, formation[it.at.region], ecr[it.at.region]), "looking into stacks"
    )


def _looked_at(stack: Stack, client: CloudFormationClient, ecr: ECRClient) -> RetiredStack:
    template = resources_of(client, stack.name)
    pages = client.get_paginator("list_stack_resources").paginate(StackName=stack.name)
    rows = [row for page in pages for row in page["StackResourceSummaries"]]
    deleted, kept, emptied = [], [], []
    inspector = False
    for row in rows:
        if row["ResourceStatus"] == "DELETE_COMPLETE" or "PhysicalResourceId" not in row:
            continue
        declared: Mapping[str, Any] = template.get(row["LogicalResourceId"], {})
        name, is_repository = row["PhysicalResourceId"], row["ResourceType"] == REPOSITORY
        inspector = inspector or declared.get("Properties", {}).get("ScanType") == "ENHANCED"
        called = name if is_repository else f"{row['ResourceType']} {name}"
        if declared.get("DeletionPolicy", "Delete").startswith("Retain"):
            kept.append((called, _images(ecr, name) if is_repository else None))
        elif is_repository and declared.get("Properties", {}).get("EmptyOnDelete"):
            emptied.append((called, _images(ecr, name)))
        else:
            deleted.append(called)
    return RetiredStack(
        stack=stack, deleted=tuple(deleted), kept=tuple(kept), emptied=tuple(emptied), inspector=inspector
    )


def _images(client: ECRClient, repository: str) -> int | None:
    """How many images a repository holds, archived ones too; None where it is gone."""
    pages = client.get_paginator("describe_images").paginate(
        repositoryName=repository, filter={"imageStatus": "ANY"}, PaginationConfig={"PageSize": 1000}
    )
    try:
        return sum(len(page["imageDetails"]) for page in pages)
    except client.exceptions.RepositoryNotFoundException:
        return None


def remove(going: Sequence[RetiredStack]) -> None:
    """Delete the stacks, one after the other; termination protection is taken off just before.

    :raises RetireRefused: where one is being changed; nothing is removed then.
    :raises CloudError: where CloudFormation could not delete one; those after it stay.
    """
    busy = [it.stack for it in going if it.stack.status.endswith("_IN_PROGRESS")]
    if busy:
        raise RetireRefused(
            f"{listed([f'{stack.name} in {stack.at.region}' for stack in busy])} is being changed\n"
            "    way out: wait until the change has ended, then run this again"
        )
    with progress() as bar:
        task = bar.add_task("", total=len(going))
        for it in going:
            bar.update(task, description=f"deleting {it.stack.name} in {it.stack.at.region}")
            _delete(it.stack)
            bar.advance(task)


def _delete(stack: Stack) -> None:
    client = cloud.cloudformation(stack.at.region)
    described = cloud.first(client.describe_stacks(StackName=stack.name)["Stacks"], "DescribeStacks")
    stack_id = described["StackId"]  # a deleted one has no name
    client.update_termination_protection(StackName=stack.name, EnableTerminationProtection=False)
    client.delete_stack(StackName=stack.name)
    status = ended(client, stack_id, seconds=_POLL_SECONDS) or "DELETE_COMPLETE"
    if status != "DELETE_COMPLETE":
        raise cloud.CloudError(
            f"{stack.name} in {stack.at.region} ended in {status}:\n{_reasons(client, stack_id)}"
            "    way out: solve the reason above, then run this again"
        )


def _reasons(client: CloudFormationClient, stack_id: str) -> str:
    events = client.describe_stack_events(StackName=stack_id)["StackEvents"]
    return "".join(
        f"    {event.get('LogicalResourceId', '')}: {event.get('ResourceStatusReason', '')}\n"
        for event in events
        if event.get("ResourceStatus") == "DELETE_FAILED"
    )


def retire(going: Sequence[RetiredStack], confirm: Callable[[str], bool]) -> bool:
    """Remove what a person agrees to; whether it was removed."""
    emptied = sum(images or 0 for it in going for _, images in it.emptied)
    loses = f", and {count(emptied, 'image')} with them" if emptied else ""
    if not confirm(f"Remove {count(len(going), 'stack')}{loses}?"):
        return False
    remove(going)
    return True


def shown(going: Sequence[RetiredStack]) -> str:
    """What goes, stack by stack."""
    return "\n".join(line for it in going for line in _lines(it))


def _lines(going: RetiredStack) -> list[str]:
    stack = going.stack
    lines = [f"{stack.name} in {stack.at} ({stack.status}) is no longer in the app"]
    lines += [f"    deleted: {name}" for name in going.deleted]
    lines += [f"    kept:    {name}{_counted(images, 'stays in it', 'stay in it')}" for name, images in going.kept]
    lines += [
        f"    emptied: {name}{_counted(images, 'is deleted with it', 'are deleted with it')}"
        for name, images in going.emptied
    ]
    if any(name.startswith("AWS::IAM::") for name in going.deleted):
        lines.append("    access:  as long as it is there, its roles can be taken, and its policies are attached")
    if going.inspector:
        lines.append(
            f"    scanning: CloudFormation switches off Amazon Inspector's scanning of ECR in {stack.at.region}, "
            "also for repositories that stay\n"
            "    way out:  keep scanning declared there, or enable it again: "
            f"aws inspector2 enable --resource-types ECR --region {stack.at.region}"
        )
    return lines


def _counted(images: int | None, one: str, many: str) -> str:
    if images is None:
        return ""
    return f"; {count(images, f'image {one}', f'images {many}')}" if images else "; it holds no image"
