"""What an import leaves out, and why: each with the way out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ops.adopt.outside import Found, Outside
from ops.drift.compare import State, differing
from ops.drift.named import REPOSITORY
from ops.drift.public import PUBLIC_REPOSITORY
from ops.drift.reading import Keys, ResourceKey
from registry.locations import Location
from registry.model import Registry


class Reason(StrEnum):
    """Why something is left out."""

    DIFFERS = "differs"
    OWNED = "in another stack"
    STACK = "its stack cannot import"
    NEEDS = "needs another resource"
    FAILED = "CloudFormation refused it"
    NOT_COMPARED = "not compared"  #: imported all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One thing, or one setting of it. `stack` is the one that the reason speaks of."""

    thing: ResourceKey
    reason: Reason
    setting: str = ""
    live: object = None
    declared: object = None
    stack: str = ""
    said: str = ""
    way_out: str = ""


#: The first deploy of such a stack failed; it holds nothing and can only be deleted.
FIRST_DEPLOY_FAILED: Final = "ROLLBACK_COMPLETE"
_WRITE: Final = "write it into the file as it is live, import it, then change it and deploy"
_WRITE_OR_REMOVE: Final = (
    "write it into the file as it is live, import it, then change it and deploy; or remove it in AWS and let the "
    "deploy create it (nothing replicates in between)"
)
_HAND_OVER: Final = (
    "in that stack give it DeletionPolicy: Retain and deploy, then remove it from the template and deploy again; "
    "it stays as it is, and can be imported (docs/adopting.md)"
)


def differences(registry: Registry, things: Sequence[Outside], keys: Keys) -> Iterator[Left]:
    """Each setting that is not as the file says, and each key that these credentials may not look up."""
    for it in things:
        for row in differing(it.thing, it.wanted, it.live, keys):
            differs = row.state is State.DIFFERS
            yield Left(
                thing=it.thing,
                reason=Reason.DIFFERS if differs else Reason.NOT_COMPARED,
                setting=row.setting,
                live=row.live,
                declared=row.expected,
                way_out=_way_out(registry, it) if differs else "",
            )


def _way_out(registry: Registry, it: Outside) -> str:
    if it.kind not in (REPOSITORY, PUBLIC_REPOSITORY):
        return _WRITE_OR_REMOVE
    at = it.thing.at
    if it.kind is PUBLIC_REPOSITORY:
        return _WRITE
    return _WRITE if at == registry.home else f"`ecrctl align {at.beside(registry.home)}`; or {_WRITE}"


def refused(found: Found) -> Iterator[Left]:
    """What another stack has, and what would go to a stack that cannot import now."""
    for it in found.things:
        if it.owner is not None:
            yield Left(thing=it.thing, reason=Reason.OWNED, stack=it.owner, way_out=_HAND_OVER)
        elif blocked := _blocked(it.stack, found.statuses.get(it.place, "")):
            said, way_out = blocked
            yield Left(thing=it.thing, reason=Reason.STACK, stack=it.stack, said=said, way_out=way_out)


def _blocked(stack: str, status: str) -> tuple[str, str] | None:
    """Why a stack of a status cannot import now, and the way out; None where it can."""
    if status == FIRST_DEPLOY_FAILED:
        return (
            f"the first deploy of {stack} failed, and CloudFormation cannot import into such a stack",
            "remove it with `ecrctl clear-failed` (it holds nothing), then import again",
        )
    if status.endswith("_IN_PROGRESS"):
        return f"{stack} is being changed ({status})", "wait until the change has ended, then import again"
    if status.endswith("_FAILED"):
        return (
            f"{stack} is in {status}, and CloudFormation cannot import into such a stack",
            "read the stack's events, end the failed operation (`aws cloudformation continue-update-rollback`), then "
            "import again",
        )
    return None


def incomplete(
    taken: Mapping[str, Outside], resources: Mapping[str, Mapping[str, Any]], held: Collection[str]
) -> Iterator[Left]:
    """What refers to a resource that a deploy has yet to make: no template with it alone is valid.

    :param taken: what one stack would import, by logical id; `resources` and `held` are its template's and its own.
    """
    for logical_id, it in taken.items():
        if missing := sorted(_references(resources[logical_id]) & resources.keys() - taken.keys() - set(held)):
            yield Left(
                thing=it.thing,
                reason=Reason.NEEDS,
                stack=it.stack,
                said=f"in the template it needs {', '.join(missing)}, which no deploy has made yet",
                way_out="leave out of the file what needs it, import, then write it back and deploy",
            )


def _references(value: Any) -> set[str]:
    """The logical ids that a part of a template names."""
    if isinstance(value, list):
        return {found for each in value for found in _references(each)}
    if not isinstance(value, Mapping):
        return set()
    found = {name for each in value.values() for name in _references(each)}
    for key, said in value.items():
        if key in ("Ref", "DependsOn"):
            found |= {said} if isinstance(said, str) else set(said)
        elif key == "Fn::GetAtt":
            found.add(said.partition(".")[0] if isinstance(said, str) else said[0])
    return found


def failed(things: Sequence[Outside], said: str) -> Iterator[Left]:
    """What was to be imported together, and was not."""
    for it in things:
        yield Left(
            thing=it.thing,
            reason=Reason.FAILED,
            stack=it.stack,
            said=said,
            way_out="solve what CloudFormation says, then run this again: it goes on where it stopped",
        )


def places(left: Sequence[Left]) -> set[tuple[Location, str]]:
    """The stacks that the reasons speak of, and where they are."""
    return {(each.thing.at, each.stack) for each in left}
