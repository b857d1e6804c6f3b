"""One image as it is counted."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

Fate = Literal["stays", "expires", "is archived"]


class Layer(NamedTuple):
    """A layer or a configuration: its digest, and its bytes as stored."""

    digest: str
    size: int


class UsedImage(NamedTuple):
    """An image, a manifest list or an artifact.

    `reference` is what people call it; `tagged` is whether that is a tag. `used` is the last of its push, restoring and
    pull. `size` is what ECR says, in bytes; that of a manifest list is of its largest image, which is listed as well.
    `layers` stand from the bottom up; None where they are not known. Those of a manifest list are those of its images.
    """

    reference: str
    tagged: bool
    pushed: datetime
    pulled: datetime | None
    used: datetime
    size: int
    is_index: bool
    archived: bool
    layers: tuple[Layer, ...] | None
    config: Layer | None = None
    fate: Fate = "stays"
