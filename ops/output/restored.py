"""What `ecrctl restore` shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ops.images.archiving import Restored
from ops.images.kinds import StoredImage

_SAID: Final = {
    "ACTIVE": "can be pulled",
    "ACTIVATING": "is being restored, which takes up to 20 minutes",
    "ARCHIVED": "is in the archive",
}


def lines(results: Sequence[Restored]) -> list[str]:
    """A line for each image."""
    return [f"{_called(it.image)} {_said(it)}" for it in results]


def _said(it: Restored) -> str:
    return f"is not restored: {it.failure}" if it.failure else _SAID.get(it.image.status, it.image.status)


def _called(image: StoredImage) -> str:
    return f"{image.repository}@{image.digest}" + (f" ({', '.join(image.tags)})" if image.tags else "")


def rows(results: Sequence[Restored]) -> list[dict[str, Any]]:
    """The same for programs; keys as ECR writes them."""
    return [
        {
            "repositoryName": it.image.repository,
            "imageDigest": it.image.digest,
            "imageTags": list(it.image.tags),
            "imageStatus": it.image.status,
            "failure": it.failure or None,
        }
        for it in results
    ]
