"""Take repositories that exist into their stacks: exactly the names listed, as they are.

CloudFormation's import keeps the live settings and records the template's, so a difference would stay
unseen by every later deploy. Therefore: compare first, import what is equal, compare again.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.adopt.change_sets import CHANGE_SET, execute
from ops.adopt.checks import refuse_differences, refuse_failed, refuse_owned
from ops.aws import cloud
from ops.aws.cdk_cli import Assembly, synthesized_assembly
from ops.aws.parallel import map_parallel
from ops.aws.stacks import held_by
from ops.drift.named import REPOSITORY
from ops.drift.reading import ResourceKey, declared
from ops.drift.repository_settings import Settings, live_settings
from ops.terminal import count, print_table, say
from registry import naming
from registry.errors import UnknownName
from registry.locations import Location
from registry.model import Registry, RepositoriesStackPlan, Repository
from registry.nearest import did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The repositories one stack takes in."""

    unit: RepositoriesStackPlan
    stack: str
    repositories: tuple[Repository, ...]

    @property
    def at(self) -> Location:
        """Where the stack is."""
        return self.unit.location

    @property
    def things(self) -> list[ResourceKey]:
        """The repositories as drift knows them."""
        return [ResourceKey(self.at, REPOSITORY.noun, repository.name) for repository in self.repositories]


def import_repositories(
    registry: Registry, names: Sequence[str], *, file: Path, confirm: Callable[[str], bool]
) -> bool:
    """Import `names` in every region of the credentials' account that holds them; whether all is as declared.

    :raises UnknownName: for a name the file does not declare.
    :raises ImportRefused: where a live repository is not as the file says, or another stack's, or more than the import
        would happen.
    """
    known = [repository.name for repository in registry.repositories]
    for name in names:
        if name not in known:
            raise UnknownName(
                f"the file declares no repository {name}\n    way out: "
                f"{did_you_mean(name, known) or 'declare it as it is live, then import it'}"
            )
    wanted = _wanted(registry, frozenset(names))
    live = _live(wanted)
    steps = [step for step in (_present(step, live) for step in wanted) if step.repositories]
    if not steps:
        say("nothing to import: each repository is in its stack, or does not exist and a deploy creates it")
        return True
    stacks = {(step.at, step.stack) for step in steps}
    refuse_failed(stacks)
    refuse_owned([thing for step in steps for thing in step.things])
    _refuse_differences(registry, steps, live)
    _show(steps)
    number = sum(len(step.repositories) for step in steps)
    if not confirm(f"Import {count(number, 'repository', 'repositories')}?"):
        return False
    with synthesized_assembly(file) as assembly:
        for step in steps:
            _import(step, assembly)
    _refuse_differences(registry, steps, _live(steps))
    say("imported, and the same as in the file; you can deploy changes now")
    return True


def outside_stacks(registry: Registry) -> list[str]:
    """The declared repositories that the account of the credentials holds and their stacks do not."""
    wanted = _wanted(registry, frozenset(repository.name for repository in registry.repositories))
    return sorted({thing.name for thing in _live(wanted)})


def _wanted(registry: Registry, names: frozenset[str]) -> list[Step]:
    """What the listed names are that their stacks do not hold, replicas first as in every deploy."""
    steps = [
        Step(
            unit=unit,
            stack=naming.stack_name(registry.name, unit.construct_id),
            repositories=tuple(repository for repository in unit.repositories if repository.name in names),
        )
        for at in cloud.own_locations(registry)
        for unit in registry.units_in(at)
    ]
    steps = [step for step in steps if step.repositories]
    clients = {step.at.region: cloud.cloudformation(step.at.region) for step in steps}
    held = map_parallel(
        steps, lambda step: held_by(clients[step.at.region], step.stack, "AWS::ECR::Repository"), "asking stacks"
    )
    return [
        Step(
            unit=step.unit,
            stack=step.stack,
            repositories=tuple(repository for repository in step.repositories if repository.name not in names_held),
        )
        for step, names_held in zip(steps, held, strict=True)
    ]


def _live(steps: Sequence[Step]) -> dict[ResourceKey, Settings]:
    """The settings of those that exist, many calls at a time."""
    things = [thing for step in steps for thing in step.things]
    clients = {thing.at.region: cloud.ecr(thing.at.region) for thing in things}
    found = map_parallel(
        things, lambda thing: live_settings(clients[thing.at.region], thing.name), "reading repositories"
    )
    return {thing: settings for thing, settings in zip(things, found, strict=True) if settings is not None}


def _present(step: Step, live: Mapping[ResourceKey, Settings]) -> Step:
    present = tuple(it for it, thing in zip(step.repositories, step.things, strict=True) if thing in live)
    return Step(unit=step.unit, stack=step.stack, repositories=present)


def _refuse_differences(registry: Registry, steps: Sequence[Step], live: Mapping[ResourceKey, Settings]) -> None:
    wanted = declared(registry, list(dict.fromkeys(step.at for step in steps)), [REPOSITORY])
    found = {thing: live[thing] for step in steps for thing in step.things if thing in live}
    refuse_differences(
        registry, wanted, found, "write them into the file as they are, import them, then change them and deploy"
    )


def _show(steps: Sequence[Step]) -> None:
    rows = [(step.at.region, step.stack, each.name) for step in steps for each in step.repositories]
    print_table(("region", "stack", "repository"), rows)


def _import(step: Step, assembly: Assembly) -> None:
    path = f"{step.at}/{step.unit.construct_id}"
    assembly.cdk(
        *("deploy", path, "--exclusively"),
        *("--import-existing-resources", "--method", "prepare-change-set", "--change-set-name", CHANGE_SET),
        doing=f"prepare the import into {step.stack}",
    )
    execute(step.at, step.stack, [repository.name for repository in step.repositories], "PhysicalResourceId")
