"""Take what exists into the stacks of a registry: what is as the file says, and nothing else.

CloudFormation's import keeps the live settings and records the template's, so a difference would stay unseen by every
later deploy. Therefore: compare first, import what is equal, compare again.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ops.adopt import left as reasons
from ops.adopt.change_sets import CHANGE_SET, execute
from ops.adopt.left import Left, Reason
from ops.adopt.outside import IMPORTABLE, Found, Outside
from ops.aws import cloud
from ops.aws.cdk_cli import Assembly, synthesized_assembly
from ops.aws.parallel import map_parallel
from ops.drift.reading import Keys, ResourceKey, live
from registry import naming
from registry.errors import ExitCode, RegistryError
from registry.locations import Location
from registry.model import Registry

#: CreateChangeSet takes so many ResourcesToImport (botocore's model of CloudFormation).
BATCH: Final = 200
_STACKS: Final = 4  # at a time: each is a process of Node, and CloudFormation throttles those who ask often


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be imported, by stack and logical id, and what is left out."""

    registry: Registry
    taken: Mapping[tuple[Location, str], Mapping[str, Outside]]
    left: tuple[Left, ...]
    assembly: Assembly

    @property
    def things(self) -> list[Outside]:
        """What is to be imported."""
        return [it for taken in self.taken.values() for it in taken.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is in its stack now, and what is not, or not as the file says; `exit_code` is of the gravest failure."""

    imported: tuple[Outside, ...]
    left: tuple[Left, ...]
    exit_code: ExitCode


@contextmanager
def planned(registry: Registry, found: Found, file: Path, folder: Path | None = None) -> Iterator[Plan]:
    """What would be imported of what was found, for as long as the templates are needed.

    :param file: the registry's, which the cdk CLI synthesizes where there is something to import.
    :param folder: as of `synthesized_assembly`.
    """
    left = list(reasons.refused(found))
    out = {each.thing for each in left}
    unequal = list(reasons.differences(registry, [it for it in found.things if it.thing not in out], Keys()))
    left += unequal
    out |= {each.thing for each in unequal if each.reason is Reason.DIFFERS}
    things = [it for it in found.things if it.thing not in out]
    if not things:
        yield Plan(registry=registry, taken={}, left=tuple(left), assembly=Assembly(Path(), {}))
        return
    with synthesized_assembly(file, folder=folder) as assembly:
        taken = {}
        for place in dict.fromkeys(it.place for it in things):
            resources = assembly.resources(*place)
            chosen = _logical_ids(place[0], [it for it in things if it.place == place], resources)
            incomplete = list(reasons.incomplete(chosen, resources, found.held.get(place, frozenset())))
            left += incomplete
            out = {each.thing for each in incomplete}
            if rest := {logical_id: it for logical_id, it in chosen.items() if it.thing not in out}:
                taken[place] = rest
        yield Plan(registry=registry, taken=taken, left=tuple(left), assembly=assembly)


def _logical_ids(
    at: Location, things: Sequence[Outside], resources: Mapping[str, Mapping[str, object]]
) -> dict[str, Outside]:
    """The things by what the template of their stack calls them."""
    kinds = {kind.type: kind for kind in IMPORTABLE}
    wanted = {it.thing: it for it in things}
    found = {}
    for logical_id, resource in resources.items():
        if kind := kinds.get(str(resource["Type"])):
            name, _ = kind.deployed(resource["Properties"])  # type: ignore[arg-type]
            if it := wanted.get(ResourceKey(at, kind.noun, name)):
                found[logical_id] = it
    return found


def carry_out(plan: Plan) -> Outcome:
    """Import, some stacks at a time, and compare again. What fails in one stack stops no other.

    Killed anywhere, it goes on when it is run again: what a stack holds by then is no longer outside.
    """
    places = list(plan.taken)
    results = map_parallel(places, lambda place: _import(plan, place), "importing into stacks", at_once=_STACKS)
    imported = [it for done, _, _ in results for it in done]
    left = [each for _, rest, problem in results if problem for each in reasons.failed(rest, str(problem))]
    again = list(reasons.differences(plan.registry, _read_again(plan.registry, imported), Keys()))
    left += [each for each in again if each.reason is Reason.DIFFERS]
    codes = [problem.exit_code for _, _, problem in results if problem]
    return Outcome(
        imported=tuple(imported),
        left=tuple(left),
        exit_code=max([*codes, ExitCode.NO if left else ExitCode.FINE]),
    )


def _import(plan: Plan, place: tuple[Location, str]) -> tuple[list[Outside], list[Outside], RegistryError | None]:
    """What was imported into one stack, what was not, and why not.

    The cdk CLI adds what is to be imported to the template that is deployed, and nothing else of the file; the next
    batch finds the template with the last one in it.
    """
    (at, stack), taken = place, plan.taken[place]
    ids, done = list(taken), 0
    try:
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            _import_batch(plan, at, stack, {logical_id: taken[logical_id] for logical_id in batch})
            done += len(batch)
    except RegistryError as problem:
        return [taken[each] for each in ids[:done]], [taken[each] for each in ids[done:]], problem
    return list(taken.values()), [], None


def _import_batch(plan: Plan, at: Location, stack: str, taken: Mapping[str, Outside]) -> None:
    unit = next(iter(taken.values())).unit
    identifiers = {logical_id: it.identifier for logical_id, it in taken.items()}
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as mapping, cloud.aws_errors():
        mapping.write(json.dumps(identifiers))  # in a file: a word of a command line is at most 128 KiB long
        mapping.flush()
        plan.assembly.cdk(
            *("import", f"{at}/{unit}", "--force", "--no-execute", "--change-set-name", CHANGE_SET),
            # An import sends a template of its own, and looks for the bucket of a large one in the bootstrap's stack.
            *("--toolkit-stack-name", naming.bootstrap_stack(plan.registry.name)),
            *("--resource-mapping", mapping.name),
            doing=f"prepare the import into {stack} in {at.region}",
        )
        execute(at, stack, taken)


def _read_again(registry: Registry, imported: Sequence[Outside]) -> list[Outside]:
    """What was imported, as it is now; what is gone differs from nothing."""
    if not imported:
        return []
    things = {it.thing: it for it in imported}
    found = live(
        registry,
        list(dict.fromkeys(thing.at for thing in things)),
        [kind for kind in IMPORTABLE if any(it.kind is kind for it in imported)],
        things,
    ).settings
    return [replace(things[thing], live=settings) for thing, settings in found.items()]
