"""What `ecrctl signing` shows: images with each profile, as a table and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ops.images.signed import RUNNING, SIGNED, UNSIGNED, Status
from ops.output.images import moment, shortened
from ops.terminal import count


def rows(found: Sequence[Status]) -> list[dict[str, Any]]:
    """For programs; keys as ECR writes them, and ours like them."""
    return [
        {
            "repositoryName": it.image.repository,
            "imageDigest": it.image.digest,
            "imageTags": list(it.image.tags),
            "imagePushedAt": it.image.pushed,
            "signingProfileArn": it.profile or None,
            "status": it.state,
            "reason": it.reason or None,
        }
        for it in found
    ]


def table(found: Sequence[Status], *, short: bool = False) -> tuple[list[str], list[list[Any]]]:
    """The same as columns and rows; `short` cuts digests, for a terminal."""
    return ["repository", "image", "pushed", "profile", "status", "why"], [
        [
            it.image.repository,
            list(it.image.tags) or shortened(it.image.digest, short=short),
            moment(it.image.pushed),
            it.profile.rpartition("/")[2],
            it.state,
            it.reason,
        ]
        for it in found
    ]


def summary(repositories: Sequence[str], states: Mapping[str, int]) -> str:
    """One line below the table."""
    looked = count(len(repositories), "repository", "repositories")
    images = count(sum(states.values()), "image")
    words = ", ".join(f"{states[it]:,} {it}" for it in (SIGNED, RUNNING, UNSIGNED) if states[it] or it != RUNNING)
    return f"{images} in {looked}: {words}"
