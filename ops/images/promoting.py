"""A promotion is carried out: the records first, then the tag, and a look at what others did between and after."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from ops.images.kinds import Manifest
from ops.images.promotion import Overtaken, Plan, Promotion, tags_of
from ops.images.registry import ImageRegistry, TagTaken
from registry.delivery.steps.history import history


def carry_out(client: ImageRegistry, made: Plan) -> Promotion:
    """Do what was planned.

    :raises Overtaken: where the tags are no longer, or not to the end, as they were when it was planned.
    """
    manifests = _manifests(client, made)
    expected = dict(made.seen)
    for tag, digest in made.writes:
        _write(client, made, tag, manifests[digest])
        expected[tag] = digest
    if made.writes or made.moves:
        found = _looked(client, made)
        finished = expected | ({made.environment: made.after} if made.moves and made.after else {})
        if found not in (expected, finished):  # somebody may have finished what this run has begun
            raise _stop(client, made, manifests, found, expected)
    if made.moves and made.after is not None:
        client.put(made.repository, manifests[made.after], made.environment)
        found = _looked(client, made)
        if found != finished:
            raise _lost(made, found, finished)
    return Promotion(
        repository=made.repository,
        environment=made.environment,
        action=made.action,
        before=made.before,
        after=made.after,
        record=made.own.tag(made.environment) if made.own else None,
        notes=made.notes,
    )


def _looked(client: ImageRegistry, made: Plan) -> dict[str, str]:
    return history(tags_of(client.images(made.repository, tagged=True)), made.environment).seen


def _manifests(client: ImageRegistry, made: Plan) -> dict[str, Manifest]:
    digests = [digest for _, digest in made.writes] + ([made.after] if made.moves and made.after else [])
    return {digest: client.manifest(made.repository, digest) for digest in dict.fromkeys(digests)}


def _write(client: ImageRegistry, made: Plan, tag: str, manifest: Manifest) -> None:
    try:
        client.put(made.repository, manifest, tag)
    except TagTaken as problem:
        raise Overtaken(
            f"somebody else promoted in {made.repository} in the same second: {tag} is on another image; "
            f"{made.environment} was not moved\n"
            f"    way out: {_look(made)}, and run this again"
        ) from problem


def _stop(
    client: ImageRegistry, made: Plan, manifests: Mapping[str, Manifest], found: Mapping[str, str],
    expected: Mapping[str, str],
) -> Overtaken:  # fmt: skip
    """Give up, and cancel the own record: others read it as something that was to come."""
    if made.own is not None:
        with suppress(TagTaken):  # then it is cancelled, and that is all it is for
            client.put(made.repository, manifests[made.own.digest], made.own.void_tag(made.environment))
    return Overtaken(
        f"somebody else promoted in {made.repository} meanwhile: {_changed(made, found, expected)}; "
        f"{made.environment} was not moved by this run\n"
        f"    way out: {_look(made)}, and run this again"
    )


def _lost(made: Plan, found: Mapping[str, str], expected: Mapping[str, str]) -> Overtaken:
    return Overtaken(
        f"{made.environment} was moved to {made.called(made.after)}, and meanwhile somebody else promoted in "
        f"{made.repository}: {_changed(made, found, expected)}\n"
        f"    way out: {_look(made)}, and talk to them; the next promotion says what is unfinished"
    )


def _look(made: Plan) -> str:
    return f"see what it is on now with `ecrctl image {made.repository}:{made.environment}`"


def _changed(made: Plan, found: Mapping[str, str], expected: Mapping[str, str]) -> str:
    changed = [tag for tag in sorted({*found, *expected}) if found.get(tag) != expected.get(tag)]
    return "; ".join(f"{tag} is on {made.called(found.get(tag))}" for tag in changed)
