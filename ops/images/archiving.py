"""Images that are archived, and restored: one call for each image, many at a time."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ops.aws.cloud import CloudError
from ops.aws.parallel import map_parallel
from ops.images.asked import Asked, Found
from ops.images.deleting import Call
from ops.images.kinds import Failure, StoredImage
from ops.images.listing import children
from ops.images.registry import ImageRegistry
from registry.errors import RegistryError

_POLL_SECONDS: Final = 15.0
#: Times that are asked before a restore is given up: half an hour, where ECR says 20 minutes.
_POLLS: Final = 120


def archived(client: ImageRegistry) -> Call:
    """How steps of a plan are done by archiving."""

    def make(repository: str, image_ids: Sequence[Mapping[str, str]]) -> list[Failure]:
        failures = []
        for image_id in image_ids:
            try:
                client.set_storage_class(repository, image_id["imageDigest"], "ARCHIVE")
            except CloudError:
                raise
            except RegistryError as problem:
                failures.append(Failure(image_id=image_id, code=type(problem).__name__, reason=_first_line(problem)))
        return failures

    return Call(ids=1, make=make, doing="archiving")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """An image that was to be restored: its status now, and why it is not restored, or empty."""

    image: StoredImage
    failure: str = ""

    @property
    def usable(self) -> bool:
        """Whether it can be pulled now."""
        return self.image.status == "ACTIVE"


def restore(client: ImageRegistry, found: Sequence[Found]) -> list[Restored]:
    """Begin to restore every image that is asked for; one that is not in the archive is left as it is.

    :raises CloudError: where AWS refuses a call; running it again goes on.
    """
    images = [asked.image for each in found for asked in each.asked]
    return map_parallel(images, lambda image: _restore(client, image), "restoring")


def _restore(client: ImageRegistry, image: StoredImage) -> Restored:
    if image.status != "ARCHIVED":
        return Restored(image=image)
    try:
        status = client.set_storage_class(image.repository, image.digest, "STANDARD")
    except CloudError:
        raise
    except RegistryError as problem:
        return Restored(image=image, failure=_first_line(problem))
    return Restored(image=replace(image, status=status))


def followed(client: ImageRegistry, restored: Sequence[Restored]) -> list[Restored]:
    """The same when ECR has restored them: it takes up to 20 minutes; as it is where that has no end."""
    now = list(restored)
    for _ in range(_POLLS):
        if not any(it.image.status == "ACTIVATING" for it in now):
            break
        time.sleep(_POLL_SECONDS)
        now = map_parallel(now, lambda it: _again(client, it), "waiting for ECR")
    return now


def _again(client: ImageRegistry, it: Restored) -> Restored:
    if it.image.status != "ACTIVATING":
        return it
    return replace(it, image=client.find(f"{it.image.repository}@{it.image.digest}"))


def parts(client: ImageRegistry, found: Sequence[Found], restored: Sequence[Restored]) -> list[Found]:
    """The images of the manifest lists that can be read now; to ECR reading one is a pull."""
    lists = {it.image.digest for it in restored if it.usable and it.image.is_index}
    named: list[Found] = []
    for each in found:
        manifests = client.manifests(each.repository, [image.digest for image in each.images if image.digest in lists])
        digests = {child for manifest in manifests.values() for child in children(manifest)}
        asked = tuple(Asked(image=image, tags=(), whole=True) for image in each.images if image.digest in digests)
        named.append(Found(repository=each.repository, images=each.images, asked=asked))
    return [each for each in named if each.asked]


def _first_line(problem: RegistryError) -> str:
    return str(problem).partition("\n")[0]
