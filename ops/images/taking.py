"""What takes images away from a registry, for scripts: nothing is asked here, and nothing is looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, Literal, cast

from ops.images.asking import Asking
from ops.images.kinds import Failure, Status
from ops.images.reference import ImageReference
from ops.images.rows import failure_of
from registry.errors import RegistryError

_BATCH: Final = 100  # image ids in one BatchDeleteImage (API)
StorageClass = Literal["STANDARD", "ARCHIVE"]


class ClassRefused(RegistryError):
    """ECR does not move an image to another storage class."""


class Taking(Asking):
    """Deletes and archives. `ecrctl delete` and `ecrctl archive` list first, and keep what runs."""

    def reference(self, text: str) -> ImageReference:
        """A reference to an image of this registry.

        :raises WrongReference: for a text that is none, or names another registry.
        """
        return self._here(text)

    def delete(self, repository: str, image_ids: Iterable[Mapping[str, str]]) -> list[Failure]:
        """Take away tags, and images by their digest or with their last tag; what ECR did not take.

        :param image_ids: as ECR's API has them; where one has a tag and a digest, both must hold.
        https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html
        """
        failures: list[Failure] = []
        with self._asking(repository):
            for batch in _batches(image_ids):
                ids = cast("Any", batch)
                answer = self._ecr.batch_delete_image(**self._of(repository), imageIds=ids)
                failures += [failure_of(row) for row in answer.get("failures", ())]
        return failures

    def set_storage_class(self, repository: str, digest: str, to: StorageClass) -> Status:
        """Archive an image, or restore it; what it is after that: ACTIVATING for up to 20 minutes, then ACTIVE.

        :raises ClassRefused: where ECR does not do it; NoSuchImage where there is no such image.
        https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html
        """
        asked = ImageReference(repository=repository, tag=None, digest=digest, at=None)
        with self._asking(repository, asked):
            try:
                return self._ecr.update_image_storage_class(
                    **self._of(repository), imageId=cast("Any", asked.image_id), targetStorageClass=to
                )["imageStatus"]
            except self._ecr.exceptions.ImageStorageClassUpdateNotSupportedException as problem:
                said = problem.response["Error"].get("Message", "")
                raise ClassRefused(
                    f"ECR does not move {asked} to the storage class {to}: {said}\n"
                    "    way out: see docs/images.md; an image that ECR cannot archive can be deleted"
                ) from problem


def _batches(image_ids: Iterable[Mapping[str, str]]) -> Iterator[list[Mapping[str, str]]]:
    left = iter(image_ids)
    while batch := list(islice(left, _BATCH)):
        yield batch
