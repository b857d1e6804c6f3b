"""What can be said of one repository, of a namespace, or of all."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import (
    Discriminator,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    Tag,
)

from registry.limits import (
    EXCLUSION_FILTER,
    EXCLUSION_FILTERS,
    KMS_KEY,
    TAG_KEY_LENGTH,
    TAG_VALUE_LENGTH,
    TAGS,
    anchored,
)
from registry.shape.base import EVERYWHERE, NotNull, Shape, TextOr, list_or_map, optional, required
from registry.shape.policies import POLICY_EXAMPLE, RepositoryPolicyShape

Mutability = Literal["IMMUTABLE", "MUTABLE"]
EncryptionType = Literal["AES256", "KMS", "KMS_DSSE"]
EVERY_REGION: Final = EVERYWHERE
BUILT_IN_LIFECYCLE: Final = "untagged-14-days"


_FILTERS: Final[Any] = {
    "items": {"type": "string", "pattern": anchored(EXCLUSION_FILTER)},
    "maxItems": EXCLUSION_FILTERS,
}
_TAG_VALUE: Final[Any] = {"type": "string", "minLength": TAG_VALUE_LENGTH[0], "maxLength": TAG_VALUE_LENGTH[1]}


class AddedShape(Shape):
    """What a nearer layer adds to the list of a farther one; a bare list replaces it."""

    add: tuple[StrictStr, ...] = required("Added to what the farther layers say.", examples=[["canary"]], **_FILTERS)


TagPatterns = Annotated[
    Annotated[tuple[StrictStr, ...], Tag("(list)")] | Annotated[AddedShape, Tag("(map)")], Discriminator(list_or_map)
]


Grants = Annotated[tuple[StrictStr, ...], NotNull]


def _granted(may: str) -> Any:
    return Field(
        default=(),
        description=f"Principals that may {may}. Layers add to each other; those of a namespace hold for "
        "repositories to come.",
        examples=[["web-main"]],
    )


class Settings(Shape):
    """What can be said of one repository, of a namespace, or of all: the nearest layer wins."""

    owner: Annotated[StrictStr | None, NotNull] = optional(
        "Who answers for it: the resource tag `owner`.",
        examples=["team-web"],
        minLength=TAG_VALUE_LENGTH[0],
        maxLength=TAG_VALUE_LENGTH[1],
    )
    image_tag_mutability: Annotated[Mutability | None, NotNull] = optional(
        "IMMUTABLE: a pushed tag never moves. MUTABLE: every tag may move.", otherwise="IMMUTABLE"
    )
    moving_tags: Annotated[TagPatterns | None, NotNull] = optional(
        "Tags that may move although tags are IMMUTABLE (ECR's exclusion filters); `*` is a wildcard; at most 5. "
        "`{add: [...]}` adds to the farther layer's list.",
        otherwise=(),
        examples=[["latest", "v*.x"], {"add": ["canary"]}],
        **_FILTERS,
    )
    fixed_tags: Annotated[TagPatterns | None, NotNull] = optional(
        "Tags that never move although tags are MUTABLE (ECR's exclusion filters); `*` is a wildcard; at most 5. "
        "`{add: [...]}` adds to the farther layer's list.",
        otherwise=(),
        examples=[["v*"]],
        **_FILTERS,
    )
    encryption_type: Annotated[EncryptionType | None, NotNull] = optional(
        "Encryption at rest, fixed at creation. KMS_DSSE is for GovCloud only.", otherwise="AES256"
    )
    kms_key: Annotated[dict[StrictStr, StrictStr] | None, TextOr("region", KMS_KEY), NotNull] = optional(
        "Key for KMS: alias, key id or ARN, or a map from region to one. Without it AWS's own key.",
        otherwise={},
        examples=["alias/ecr"],
    )
    lifecycle: Annotated[StrictStr | None, NotNull] = optional(
        "Name of a lifecycle. The built-in one expires untagged images 14 days after their push and nothing else.",
        otherwise=BUILT_IN_LIFECYCLE,
        examples=["releases"],
    )
    empty_on_delete: Annotated[StrictBool | None, NotNull] = optional(
        "false: a repository that leaves the file is kept with its images. true: it is deleted with all its images.",
        otherwise=False,
    )
    tags: Annotated[dict[StrictStr, StrictStr] | None, NotNull] = optional(
        "Resource tags; a nearer layer replaces the same key and keeps the others.",
        otherwise={},
        examples=[{"cost-center": "42"}],
        additionalProperties=_TAG_VALUE,
        propertyNames={"minLength": 1, "maxLength": TAG_KEY_LENGTH},
        maxProperties=TAGS - 1,
    )
    repository_policy: Annotated[RepositoryPolicyShape | None, NotNull] = optional(
        "Who may do what with the images, besides what IAM allows: an IAM policy document in AWS's own form. "
        "The nearest layer's replaces the others. Without it the repository has none: a live one is deleted.",
        examples=[POLICY_EXAMPLE],
    )
    pull: Grants = _granted("pull images, in every region the repository is in")
    push: Grants = _granted("push and pull images, in the home region")
    promote: Grants = _granted("put tags on images that are there, in the home region")
    delete: Grants = _granted("delete images, in the home region")
    failover_push: Grants = _granted(
        "push in the replica regions too. What is pushed there is not copied back, and blocks the replicated tag"
    )


class NamespaceShape(Settings):
    """The repositories whose name begins with this word and `/`."""

    shards: Annotated[StrictInt | None, NotNull] = optional(
        "Stacks that share this namespace, for more repositories than one stack holds (480). "
        "Decide it when the namespace is born: changing it moves repositories between stacks.",
        otherwise=1,
        minimum=1,
        maximum=100,
    )
