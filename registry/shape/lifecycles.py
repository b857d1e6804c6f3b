"""Lifecycles: sentences of ours, or ECR's own lifecycle policy as it is."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, StrictInt, StrictStr, Tag

from registry.limits import ARCHIVED_DAYS, IMAGE_TAG, LIFECYCLE_COUNT, LIFECYCLE_RULES, anchored
from registry.shape.base import NotNull, Shape, TrueOnly, optional, required, text_or_map

_PATTERN: Any = {"type": "string", "pattern": anchored(IMAGE_TAG)}
_ONE_KEY = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})
_COUNT: Any = {"minimum": 1, "maximum": LIFECYCLE_COUNT}


class PatternsShape(Shape):
    """Several tag patterns: exactly one of the two keys says how they belong together."""

    model_config = _ONE_KEY

    all_of: Annotated[tuple[StrictStr, ...] | None, NotNull] = optional(
        "Images whose tags match every one of these patterns (what a list in ECR's own rules means).",
        examples=[["v*", "*-release"]],
        minItems=1,
        items=_PATTERN,
    )
    any_of: Annotated[tuple[StrictStr, ...] | None, NotNull] = optional(
        "Images with a tag that matches one of these patterns: a rule for each of them. Not with `last`, "
        "where every pattern would keep as many.",
        examples=[["prod*", "staging*"]],
        minItems=1,
        items=_PATTERN,
    )


Tagged = Annotated[
    Annotated[StrictStr, Field(json_schema_extra=_PATTERN), Tag("(text)")] | Annotated[PatternsShape, Tag("(map)")],
    Discriminator(text_or_map),
]
TAGGED = "Images with a tag that matches this pattern; `*` is a wildcard. Or `{all_of: [...]}`, `{any_of: [...]}`."


def _one_of(*keys: str) -> dict[str, Any]:
    return {"oneOf": [{"required": [key]} for key in keys]}


_ONE_SELECTION = _one_of("tagged", "untagged", "any")


class SelectionShape(Shape):
    """Which images a sentence speaks of: exactly one of the three."""

    model_config = ConfigDict(json_schema_extra=_ONE_SELECTION)

    tagged: Annotated[Tagged | None, NotNull] = optional(TAGGED, examples=["v*"])
    untagged: Annotated[TrueOnly | None, NotNull] = optional("Images without a tag.")
    any: Annotated[TrueOnly | None, NotNull] = optional("All images that no sentence before this one speaks of.")


class ProtectShape(Shape):
    """No later sentence touches these images."""

    tagged: Tagged = required(TAGGED, examples=["prod*"])


class KeepShape(SelectionShape):
    """Keep the newest images of a selection and expire the others of it."""

    last: StrictInt = required("How many images to keep, newest push first.", examples=[5], **_COUNT)


class ExpireShape(SelectionShape):
    """Expire the images of a selection by age."""

    after_days: StrictInt = required("Days after the push.", examples=[14], **_COUNT)


class ArchiveShape(SelectionShape):
    """Move the images of a selection to ECR's archive storage class: exactly one of the three counts.

    An archived image cannot be pulled until it is restored, and is billed for at least 90 days.
    """

    model_config = ConfigDict(
        json_schema_extra={"allOf": [_ONE_SELECTION, _one_of("after_days", "unpulled_days", "last")]}
    )

    after_days: Annotated[StrictInt | None, NotNull] = optional("Days after the push.", examples=[180], **_COUNT)
    unpulled_days: Annotated[StrictInt | None, NotNull] = optional(
        "Days after the last pull; after the push where nobody ever pulled.", examples=[90], **_COUNT
    )
    last: Annotated[StrictInt | None, NotNull] = optional(
        "How many images stay, newest push first; the others are archived.", examples=[20], **_COUNT
    )


class ExpireArchivedShape(SelectionShape):
    """Expire archived images. Without such a sentence they stay for ever."""

    after_days: StrictInt = required(
        "Days after the image was archived; at least 90.",
        examples=[365],
        minimum=ARCHIVED_DAYS,
        maximum=LIFECYCLE_COUNT,
    )


class SentenceShape(Shape):
    """One sentence of a lifecycle: exactly one of its keys. Earlier sentences win."""

    model_config = _ONE_KEY

    protect: Annotated[ProtectShape | None, NotNull] = optional("No later sentence touches these images.")
    keep: Annotated[KeepShape | None, NotNull] = optional("Keep the newest of these images, expire the others of them.")
    expire: Annotated[ExpireShape | None, NotNull] = optional("Expire these images by age.")
    archive: Annotated[ArchiveShape | None, NotNull] = optional("Move these images to the archive storage class.")
    expire_archived: Annotated[ExpireArchivedShape | None, NotNull] = optional(
        "Expire these images some time after they were archived."
    )


class RuleSelectionShape(Shape):
    """`selection` of a rule, in ECR's words."""

    tagStatus: Literal["tagged", "untagged", "any"] = required("Which images.")  # noqa: N815
    tagPatternList: Annotated[tuple[StrictStr, ...] | None, NotNull] = optional(  # noqa: N815
        "Patterns, all of which an image's tags must match; with `tagged` only.", examples=[["v*"]]
    )
    tagPrefixList: Annotated[tuple[StrictStr, ...] | None, NotNull] = optional(  # noqa: N815
        "Prefixes, all of which an image's tags must have; with `tagged` only.", examples=[["v"]]
    )
    storageClass: Annotated[Literal["standard", "archive"] | None, NotNull] = optional(  # noqa: N815
        "The storage class of the images.", otherwise="standard"
    )
    countType: Literal[  # noqa: N815
        "imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"
    ] = required("What is counted.")
    countUnit: Annotated[Literal["days"] | None, NotNull] = optional("Of ages; not with `imageCountMoreThan`.")  # noqa: N815
    countNumber: StrictInt = required("How many images, or days.", **_COUNT)  # noqa: N815


class RuleActionShape(Shape):
    """`action` of a rule, in ECR's words."""

    type: Literal["expire", "transition"] = required("What happens to the images.")
    targetStorageClass: Annotated[Literal["archive"] | None, NotNull] = optional(  # noqa: N815
        "Where they go; with `transition` only."
    )


class RuleShape(Shape):
    """A rule of ECR's own lifecycle policy."""

    rulePriority: StrictInt = required("The order: lower numbers first.", minimum=1, maximum=LIFECYCLE_COUNT)  # noqa: N815
    description: Annotated[StrictStr | None, NotNull] = optional("For people.")
    selection: RuleSelectionShape = required("Which images.")
    action: RuleActionShape = required("What happens to them.")


class PolicyShape(Shape):
    """ECR's own lifecycle policy; its JSON can be pasted as it is.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    """

    rules: tuple[RuleShape, ...] = required("ECR's own rules.", minItems=1, maxItems=LIFECYCLE_RULES)


def _sentences_or_policy(value: Any) -> str:
    """A map is ECR's own policy where it has rules; any other is a list that lacks its dashes."""
    return "(map)" if isinstance(value, dict) and "rules" in value else "(list)"


Sentences = tuple[SentenceShape, ...]
Lifecycle = Annotated[
    Annotated[Sentences, Tag("(list)")] | Annotated[PolicyShape, Tag("(map)")], Discriminator(_sentences_or_policy)
]
