"""Take repositories that exist into their stacks: exactly the names listed, as they are.

CloudFormation's import keeps the live settings and records the template's, so a difference would stay
unseen by every later deploy. Therefore: compare first, import what is equal, compare again.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from ops import cloud
from ops.cdk_cli import Assembly, assembled
from ops.change_sets import CHANGE_SET, ImportRefused, console, execute
from ops.live import Difference, declared_settings, differences, live_settings
from registry import naming
from registry.errors import UnknownPlace
from registry.locations import Location
from registry.model import Registry, RepositoriesUnit, Repository
from registry.shape_findings import did_you_mean

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The repositories one stack takes in."""

    unit: RepositoriesUnit
    stack: str
    path: str
    repositories: tuple[Repository, ...]


def import_repositories(
    registry: Registry, names: Sequence[str], *, file: Path, confirm: Callable[[str], bool]
) -> bool:
    """Import `names` in every region of the credentials' account that holds them; whether all is as declared.

    :raises UnknownPlace: for a name the file does not declare.
    :raises ImportRefused: where a live repository is not as the file says, or more than the import would happen.
    """
    declared = [repository.name for repository in registry.repositories]
    for name in names:
        if name not in declared:
            raise UnknownPlace(
                f"the file declares no repository {name}\n    way out: "
                f"{did_you_mean(name, declared) or 'declare it as it is live, then import it'}"
            )
    with cloud.speaking_for_aws():
        steps = _steps(registry, frozenset(names))
        if not steps:
            console.print("nothing to import: each of them is in its stack, or does not exist and a deploy creates it")
            return True
        _refuse_differences(steps)
        _show(steps)
        count = sum(len(step.repositories) for step in steps)
        if not confirm(f"Import {count} {'repository' if count == 1 else 'repositories'}?"):
            return False
        with assembled(file) as assembly:
            for step in steps:
                _import(step, assembly)
        _refuse_differences(steps)
    console.print("imported, and as the file says; changes can be deployed now")
    return True


def _steps(registry: Registry, names: frozenset[str]) -> list[Step]:
    """What is live and not in its stack, replicas first as in every deploy."""
    steps = []
    for location in cloud.own_locations(registry):
        ecr, cloudformation = cloud.ecr(location.region), cloud.cloudformation(location.region)
        for unit in registry.units_in(location):
            stack = naming.stack_name(registry.name, unit.construct_id)
            wanted = [repository for repository in unit.repositories if repository.name in names]
            held = _held(cloudformation, stack) if wanted else frozenset()
            missing = tuple(r for r in wanted if r.name not in held and live_settings(ecr, r.name) is not None)
            if missing:
                path = f"{location}/{unit.construct_id}"
                steps.append(Step(unit=unit, stack=stack, path=path, repositories=missing))
    return steps


def _held(cloudformation: CloudFormationClient, stack: str) -> frozenset[str]:
    """The names of the repositories a stack holds; none where there is no stack."""
    try:
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        return frozenset(
            row["PhysicalResourceId"]
            for page in pages
            for row in page["StackResourceSummaries"]
            if row["ResourceType"] == "AWS::ECR::Repository"
            and not row["ResourceStatus"].startswith("DELETE_")
            and "PhysicalResourceId" in row  # none yet where a creation did not come that far
        )
    except cloudformation.exceptions.ClientError as problem:
        if "does not exist" in str(problem):
            return frozenset()
        raise


def _refuse_differences(steps: Sequence[Step]) -> None:
    found = [
        (step.unit.location.region, repository.name, difference)
        for step in steps
        for repository in step.repositories
        for difference in _differences(step.unit.location, repository)
    ]
    if found:
        raise ImportRefused(
            "these repositories are not as the file says, and an import would not change them:\n"
            + "\n".join(_line(*row) for row in found)
            + "\n    way out: write them into the file as they are, import them, then change them and deploy"
        )


def _differences(at: Location, repository: Repository) -> Sequence[Difference]:
    live = live_settings(cloud.ecr(at.region), repository.name)
    return differences(declared_settings(repository, at), live) if live is not None else ()


def _line(region: str, name: str, difference: Difference) -> str:
    live, declared = (json.dumps(value, ensure_ascii=False) for value in (difference.live, difference.declared))
    return f"    {name} in {region}: {difference.setting}\n        live: {live}\n        file: {declared}"


def _show(steps: Sequence[Step]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for column in ("Region", "Stack", "Repository"):
        table.add_column(column)
    for step in steps:
        for repository in step.repositories:
            table.add_row(step.unit.location.region, step.stack, repository.name)
    console.print(table)


def _import(step: Step, assembly: Assembly) -> None:
    assembly.cdk(
        *("deploy", step.path, "--exclusively", "--require-approval", "never"),
        *("--import-existing-resources", "--method", "prepare-change-set", "--change-set-name", CHANGE_SET),
        doing=f"prepare the import into {step.stack}",
    )
    names = [repository.name for repository in step.repositories]
    execute(step.unit.location, step.stack, names, "PhysicalResourceId")
