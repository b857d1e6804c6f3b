"""Promotion: a tag such as prod is moved to an image that is there, and back. docs/decisions/0057-promotion-memory.md

ECR cannot write under a condition, so each run writes what it wants (a fixed tag), then looks who else did, and only
then moves the tag. Two runs that want different things cannot both come to their end: each one writes before it looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from ops.images.kinds import StoredImage, StoredRepository
from ops.images.reference import ImageReference, WrongReference, parsed
from registry.delivery.steps.history import History, Kind, Record, history
from registry.errors import RegistryError
from registry.limits import IMAGE_TAG

if TYPE_CHECKING:
    from ops.images.registry import ImageRegistry

Action = Literal["promote", "roll back", "finish", "abandon", "none"]
#: What is behind the name of an environment in the longest of its tags.
_LONGEST: Final = "-20261126T081500Z-rollback-void"


class TagIsFixed(RegistryError):
    """A tag has to move, and the repository does not let it."""


class Unfinished(RegistryError):
    """A promotion that somebody else began has to be finished or given up first; it may be under way."""


class NothingBefore(RegistryError):
    """There is nothing to go back to."""


class Overtaken(RegistryError):
    """Somebody else promoted at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a promotion will do. `before` and `after` are digests, `tags` the other tags of both.

    `writes` are fixed tags with their digests, in their order; `own` is the one by which others see this run. Then
    the tag of the environment is moved to `after`, where it `moves`. `seen` is what must not change meanwhile.
    """

    repository: str
    environment: str
    action: Action
    before: str | None
    after: str | None
    tags: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()
    writes: tuple[tuple[str, str], ...] = ()
    own: Record | None = None
    moves: bool = False
    seen: Mapping[str, str] = field(default_factory=dict)

    def called(self, digest: str | None) -> str:
        """An image as people call it: its other tags, and its digest."""
        if digest is None:
            return "nothing"
        names = ", ".join(self.tags.get(digest, ()))
        return f"{names} ({digest})" if names else digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What was done: `action` is `none` where there was nothing to do. `record` is the fixed tag that remembers it."""

    repository: str
    environment: str
    action: Action
    before: str | None
    after: str | None
    record: str | None
    notes: tuple[str, ...]


def plan(
    client: ImageRegistry, reference: str | ImageReference, environment: str, *, now: datetime | None = None
) -> Plan:
    """What moving a tag to an image of the same repository takes. Asks AWS, and writes nothing.

    :raises NoSuchImage: where there is no such image; what else `ImageRegistry.promote` raises.
    """
    asked = parsed(reference) if isinstance(reference, str) else reference
    _check(environment)
    image = client.find_active(asked)
    return plan_for(client, asked.repository, image.digest, environment, now=now)


def plan_for(
    client: ImageRegistry, repository: str, digest: str, environment: str, *, now: datetime | None = None
) -> Plan:
    """The same for an image that may still be on its way to the repository.

    :raises TagIsFixed: where the tag may not move; Unfinished where another promotion has to end first.
    """
    _check(environment)
    stored, found, tags = _read(client, repository, environment)
    made = Plan(
        repository=repository,
        environment=environment,
        action="promote",
        before=found.current,
        after=digest,
        tags=tags,
        seen=found.seen,
    )
    left = found.unfinished
    if left is not None:
        if left.digest == digest:
            return _checked(stored, _finishing(made, left))
        if digest == found.current:
            return _checked(stored, _abandoning(made, left))
        raise _unfinished(made, left)
    if digest == found.current and not found.by_hand:
        return replace(made, action="none", notes=(f"{environment} is on it already",))
    return _checked(stored, _recording(made, found, "promotion", digest, now))


def plan_back(client: ImageRegistry, repository: str, environment: str, *, now: datetime | None = None) -> Plan:
    """What going back takes: one promotion, or an unfinished one. Asks AWS, and writes nothing.

    :raises NothingBefore: where no promotion is known before the present one.
    """
    _check(environment)
    stored, found, tags = _read(client, repository, environment)
    made = Plan(
        repository=repository,
        environment=environment,
        action="roll back",
        before=found.current,
        after=None,
        tags=tags,
        seen=found.seen,
    )
    left = found.unfinished
    if left is not None:
        finishes = left.kind == "rollback"
        return _checked(stored, _finishing(made, left) if finishes else _abandoning(made, left))
    earlier = found.stack if found.by_hand else found.stack[:-1]
    if not earlier:
        known = f"{environment} is on {made.called(found.current)}" if found.current else f"there is no {environment}"
        raise NothingBefore(
            f"{repository} remembers nothing that {environment} was on before: {known}\n"
            f"    way out: promote what it should be on; `ecrctl images {repository}` lists what is there"
        )
    return _checked(stored, _recording(made, found, "rollback", earlier[-1], now))


def _read(
    client: ImageRegistry, repository: str, environment: str
) -> tuple[StoredRepository, History, Mapping[str, tuple[str, ...]]]:
    stored = client.repository(repository)
    images = client.images(repository, tagged=True)
    found = history(tags_of(images), environment)
    own = {environment, *found.tags}
    return stored, found, {image.digest: tuple(tag for tag in image.tags if tag not in own) for image in images}


def tags_of(images: list[StoredImage]) -> dict[str, str]:
    """The digest of every tag."""
    return {tag: image.digest for image in images for tag in image.tags}


def _recording(made: Plan, found: History, kind: Kind, digest: str, now: datetime | None) -> Plan:
    """A record of what is wanted; before it, of what the tag is on, where no record says that."""
    writes, own = found.writes(kind, digest, now or datetime.now(UTC))
    notes = made.notes
    if found.by_hand and (found.records or found.current):
        notes += (_by_hand(made, found),)
    return replace(
        made,
        after=digest,
        own=own,
        writes=writes,
        moves=digest != found.current,
        notes=notes,
    )


def _by_hand(made: Plan, found: History) -> str:
    if found.current is None:
        return f"{made.environment} was taken away by hand"
    how = "was moved by hand" if found.records else "has no memory yet"
    return f"{made.environment} {how}; that it is on {made.called(found.current)} is remembered first"


def _finishing(made: Plan, left: Record) -> Plan:
    note = f"{_told(made, left)} was not finished, and is now"
    return replace(made, action="finish", after=left.digest, moves=True, notes=(*made.notes, note))


def _abandoning(made: Plan, left: Record) -> Plan:
    note = f"{_told(made, left)} was not finished, and is given up"
    tag = left.void_tag(made.environment)
    return replace(made, action="abandon", after=made.before, writes=((tag, left.digest),), notes=(*made.notes, note))


def _told(made: Plan, left: Record) -> str:
    return f"the {left.kind} to {made.called(left.digest)} of {left.time:%Y-%m-%d %H:%M:%S} UTC"


def _unfinished(made: Plan, left: Record) -> Unfinished:
    here = f"{made.repository}@{left.digest} {made.environment}"
    back = f"`ecrctl promote {made.repository} {made.environment} --rollback`"
    finish, give_up = (
        (f"`ecrctl promote {here}`", back)
        if left.kind == "promotion"
        else (back, f"`ecrctl promote {made.repository}@{made.before} {made.environment}`")
    )
    return Unfinished(
        f"a {left.kind} of {left.time:%Y-%m-%d %H:%M:%S} UTC is not finished, or under way: "
        f"{left.tag(made.environment)} is on {made.called(left.digest)}, and {made.environment} still on "
        f"{made.called(made.before)}\n"
        f"    way out: wait; where nobody is at it, {finish} finishes it, and {give_up} gives it up"
    )


def _check(environment: str) -> None:
    if not IMAGE_TAG.fullmatch(environment + _LONGEST) or "*" in environment:
        raise WrongReference(
            f"{environment} is no name of an environment\n"
            "    allowed: what a tag may be, such as prod; letters, digits, `.`, `_` and `-`\n"
            "    way out: name the tag that is to move"
        )


def _checked(stored: StoredRepository, made: Plan) -> Plan:
    """A plan whose tags the repository lets be put so, with a note where records could move.

    :raises TagIsFixed: before anything is written.
    """
    if made.moves and not stored.may_move(made.environment):
        raise TagIsFixed(
            f"{made.environment} may not move in {made.repository}: it is {stored.mutability}"
            f"{_excluded(stored)}\n"
            f"    way out: add {made.environment} to `moving_tags` of {made.repository} in registry.yaml, and deploy"
        )
    movable = [tag for tag, _ in made.writes if stored.may_move(tag)]
    if movable:
        note = (
            f"{movable[0]} is a memory that somebody could move: {made.repository} is {stored.mutability}"
            f"{_excluded(stored)}; fix such tags with `image_tag_mutability: IMMUTABLE` and "
            f"`moving_tags: [{made.environment}]`"
        )
        return replace(made, notes=(*made.notes, note))
    return made


def _excluded(stored: StoredRepository) -> str:
    return f", but for {', '.join(stored.exclusion_filters)}" if stored.exclusion_filters else ""
