"""What `ecrctl release` and `ecrctl promote` say before and after."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ops.images.promotion import Plan, Promotion
from ops.images.reference import WrongReference
from ops.images.release import Release
from ops.terminal import waiting, warn
from registry.limits import REPOSITORY_NAME
from registry.model import Registry

if TYPE_CHECKING:
    from ops.images import ImageRegistry

_DONE: Final = {
    "promote": "is now on",
    "roll back": "is back on",
    "finish": "is now on",
    "abandon": "stays on",
    "none": "stays on",
}


def repository_named(text: str) -> str:
    """The repository that a rollback is in.

    :raises WrongReference: where an image is named: what it goes back to is remembered.
    """
    if not REPOSITORY_NAME.fullmatch(text):
        raise WrongReference(
            f"{text} is no repository, and --rollback takes one\n"
            f"    way out: write {text.partition('@')[0].partition(':')[0]} alone; to go to one image, promote it"
        )
    return text


def plan_lines(made: Plan) -> Iterator[str]:
    """What an environment is on, what it will be on, and what is strange about it."""
    yield f"{made.repository}:{made.environment} is on {made.called(made.before)}"
    if made.after != made.before:
        yield f"it will be on {made.called(made.after)}"
    for note in made.notes:
        yield f"note: {note}"


def promotion_line(done: Promotion) -> str:
    """What was done, in a line."""
    remembered = f", remembered as {done.record}" if done.record else ""
    return f"{done.repository}:{done.environment} {_DONE[done.action]} {done.after or 'nothing'}{remembered}"


def promoted(done: Promotion) -> dict[str, Any]:
    """The same for programs; keys like ECR's."""
    return {
        "repositoryName": done.repository,
        "imageTag": done.environment,
        "action": done.action,
        "previousImageDigest": done.before,
        "imageDigest": done.after,
        "recordTag": done.record,
        "notes": list(done.notes),
    }


def release_lines(done: Release) -> Iterator[str]:
    """What was tagged, moved and left, one line each."""
    for tag in done.fixed:
        yield f"{done.repository}:{tag} is {done.digest}"
    for tag, before in done.moved.items():
        yield f"{done.repository}:{tag} was moved to it, from {before}" if before else f"{done.repository}:{tag} is new"
    for tag, newer in done.kept.items():
        yield f"{done.repository}:{tag} stays where it is: {newer} is newer"


def released(done: Release) -> dict[str, Any]:
    """The same for programs; keys like ECR's."""
    return {
        "repositoryName": done.repository,
        "version": done.version,
        "imageDigest": done.digest,
        "fixedTags": list(done.fixed),
        "movedTags": [{"imageTag": tag, "previousImageDigest": before} for tag, before in done.moved.items()],
        "keptTags": [{"imageTag": tag, "newerVersion": newer} for tag, newer in done.kept.items()],
        "notes": list(done.notes),
    }


def waited(registry: Registry, client: ImageRegistry, done: Promotion) -> bool:
    """Wait for the replicas of the account, and say which have it; whether all that were asked do."""
    from ops.images.listing import replicas_of
    from ops.images.waiting import arrived

    if (client.account, client.region) != (registry.home.account, registry.home.region) or done.after is None:
        warn("no replicas of this file are waited for: the image is in another registry")
        return True
    receiving = replicas_of(registry, done.repository)
    asked = [at for at in receiving if at.account == registry.home.account]
    if others := [str(at) for at in receiving if at not in asked]:
        warn(f"not asked, because they are in other accounts: {', '.join(others)}")
    with waiting("waiting for the replicas"):
        left = arrived(asked, done.repository, done.environment, done.after)
    for at in asked:
        if at not in left:
            warn(f"{done.environment} has arrived in {at.beside(registry.home)}")
    for at, on in left.items():
        warn(
            f"{done.environment} has not arrived in {at.beside(registry.home)}: there it is on {on or 'nothing'}\n"
            f"    way out: `ecrctl images {done.repository}` says later whether it has; a replica where "
            f"{done.environment} may not move never takes it, which `ecrctl drift` shows"
        )
    return not left
