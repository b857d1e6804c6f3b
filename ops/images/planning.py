"""What is read before images are deleted or archived: manifests, as far as that may be, and what runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.aws.parallel import map_parallel
from ops.images.asked import Asked, Found
from ops.images.in_use import Uses, uses
from ops.images.listing import children, counts_pulls
from ops.images.registry import ImageRegistry
from registry.locations import Location
from registry.model import Registry

Manifests = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The manifests of the manifest lists of each repository, and by repository why some are not read."""

    manifests: dict[str, Manifests]
    unread: dict[str, str]


def manifest_lists(registry: Registry, client: ImageRegistry, found: Sequence[Found], *, needed: bool) -> Read:
    """The manifests of the manifest lists of repositories from which images are to go.

    Reading one is a pull. Where the declared lifecycle counts days since the last pull, only those are read that are to
    go, and these where they are `needed`.
    """
    read = map_parallel(found, lambda it: _lists(registry, client, it, needed=needed), "reading manifests")
    return Read(
        manifests={it.repository: manifests for it, (manifests, _) in zip(found, read, strict=True)},
        unread={it.repository: why for it, (_, why) in zip(found, read, strict=True) if why},
    )


def _lists(registry: Registry, client: ImageRegistry, found: Found, *, needed: bool) -> tuple[Manifests, str]:
    noted = {digest: note.manifest for digest, note in found.begun.items()}
    going = {asked.image.digest for asked in found.asked if goes(asked)}
    lists = [image for image in found.images if image.is_index and image.digest not in noted]
    if not going or not lists:
        return noted, ""
    lifecycle = counts_pulls(registry, found.repository)
    read = [image for image in lists if not lifecycle or (needed and image.digest in going)]
    active = [image.digest for image in read if image.status == "ACTIVE"]
    manifests = noted | client.manifests(found.repository, active)
    if lifecycle:
        return manifests, f"reading one is a pull, and {lifecycle} counts days since the last one"
    archived = len(lists) - len(active)
    return manifests, f"{archived:,} of them cannot be read, because they are in the archive" if archived else ""


def goes(asked: Asked) -> bool:
    """Whether the image itself is meant, and not only some of its tags."""
    return asked.whole or set(asked.tags) == set(asked.image.tags)


def in_use(
    registry: Registry,
    at: Location,
    found: Sequence[Found],
    read: Read,
    *,
    sources: Sequence[str],
    files: Sequence[Path],
) -> Uses:
    """What uses the images that are meant, or an image that their manifest lists name; asks nothing where none is.

    :raises CloudError: where a service cannot be asked.
    """
    digests = {
        it.repository: frozenset(
            digest
            for asked in it.asked
            for digest in (
                asked.image.digest,
                *children(read.manifests.get(it.repository, {}).get(asked.image.digest, {})),
            )
        )
        for it in found
        if it.asked
    }
    return uses(registry, at, digests, sources=sources, files=files) if digests else Uses(at=at)
