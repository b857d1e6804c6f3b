"""Promote: the tag of an environment is moved to an image, and remembered as `ecrctl promote` does, which can go back.

What is remembered where, and why in this order: docs/decisions/0057-promotion-memory.md.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from registry.delivery.steps.ecr import CallFailed, Repository, Stopped, run, variable
from registry.delivery.steps.history import History, Record, history


def promote(repository: Repository, environment: str, digest: str, now: datetime) -> str:
    """Move the tag; what was done, in a sentence.

    :raises Stopped: where somebody else's promotion is not finished, or came between.
    """
    found = history(repository.tags(), environment)
    left = found.unfinished
    if left is not None and left.digest != digest:
        raise _unfinished(repository, environment, found, left)
    image = repository.manifest(digest)
    expected = found.seen
    if left is None:
        if digest == found.current and not found.by_hand:
            return f"{environment} is on {digest} already"
        writes, own = found.writes("promotion", digest, now)
        for tag, of in writes:
            repository.put(image if of == digest else repository.manifest(of), tag)
            expected[tag] = of
    else:
        own = left
    if _looked(repository, environment) != expected:
        if left is None:
            with suppress(CallFailed):
                repository.put(image, own.void_tag(environment))
        raise _overtaken(repository, environment, "was not moved")
    repository.put(image, environment)
    if _looked(repository, environment) != {**expected, environment: digest}:
        raise _overtaken(repository, environment, f"was moved to {digest}")
    return f"{environment} is on {digest}, remembered as {own.tag(environment)}"


def _looked(repository: Repository, environment: str) -> dict[str, str]:
    return history(repository.tags(), environment).seen


def _unfinished(repository: Repository, environment: str, found: History, left: Record) -> Stopped:
    return Stopped(
        f"a {left.kind} to {left.digest} is not finished, or under way: {left.tag(environment)} is there, and "
        f"{environment} still on {found.current}\n"
        f"    way out: wait, and start the stage again; where nobody is at it, `ecrctl promote "
        f"{repository.name}@{left.digest} {environment}` finishes it, and --rollback gives it up"
    )


def _overtaken(repository: Repository, environment: str, what: str) -> Stopped:
    return Stopped(
        f"somebody else promoted in {repository.name} meanwhile; {environment} {what}\n"
        f"    way out: see what it is on with `ecrctl image {repository.name}:{environment}`, and start the stage again"
    )


def main() -> None:
    """What the build's variables say; for ECS a file with the image and the container that gets it."""
    repository, digest = Repository(variable("REPOSITORY")), variable("DIGEST")
    print(promote(repository, variable("ENVIRONMENT"), digest, datetime.now(UTC)))
    definitions = [{"name": variable("CONTAINER"), "imageUri": f"{variable('IMAGE')}@{digest}"}]
    Path("imagedefinitions.json").write_text(json.dumps(definitions), encoding="utf-8")


if __name__ == "__main__":
    run(main)
