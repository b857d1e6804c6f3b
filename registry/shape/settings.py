"""What can be said of one repository, of a namespace, or of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import (
    Discriminator,
    Field,
    StrictBool,
    StrictStr,
    Tag,
)

from registry.findings import shown
from registry.limits import (
    ECR_API,
    EXCLUSION_FILTER,
    EXCLUSION_FILTER_WILDCARDS,
    EXCLUSION_FILTERS,
    IMAGE_TAG,
    KMS_KEY,
    TAG_CHARACTERS,
    TAG_KEY_LENGTH,
    TAG_VALUE_LENGTH,
    TAGS,
    TEMPLATE_TAG_KEY_LENGTH,
    TEMPLATE_TAG_VALUE_LENGTH,
    anchored,
)
from registry.naming import STACK_TAG
from registry.shape.base import EVERYWHERE, NotNull, Shape, TextOr, list_or_map, optional, required, unwritten
from registry.shape.forms import Form, Limit, Refusal, count, text
from registry.shape.policies import POLICY_EXAMPLE, RepositoryPolicyShape

Mutability = Literal["IMMUTABLE", "MUTABLE"]
EncryptionType = Literal["AES256", "KMS", "KMS_DSSE"]
EVERY_REGION: Final = EVERYWHERE
BUILT_IN_LIFECYCLE: Final = "untagged-14-days"


def _refuse_filter(value: str) -> Refusal | None:
    if EXCLUSION_FILTER.fullmatch(value) and value.count("*") <= EXCLUSION_FILTER_WILDCARDS:
        return None
    return Refusal(
        "ECR does not accept this exclusion filter",
        shown(value),
        f"1 to 128 letters, digits, . _ - and at most {EXCLUSION_FILTER_WILDCARDS} wildcards *; nothing else is "
        "special",
        "write the tag itself, or a shorter pattern such as v*.x",
    )


TagFilter = Annotated[
    StrictStr,
    Form(
        Limit(
            "exclusion-filter",
            f"{ECR_API}/API_ImageTagMutabilityExclusionFilter.html",
            "Write a moving or a fixed tag as a pattern with two `*` at most",
            "ECR takes letters, digits, dots, underscores, hyphens and `*` in an exclusion filter, and refuses the "
            "repository with any other.",
            subject="Tag mutability",
        ),
        _refuse_filter,
        {"pattern": anchored(EXCLUSION_FILTER)},
    ),
]
#: The rule of this id counts over layers.
FILTER_COUNT: Final = count(
    Limit("exclusion-filter-count", f"{ECR_API}/API_ImageTagMutabilityExclusionFilter.html"),
    (0, EXCLUSION_FILTERS),
    "patterns",
    too_many=("there are too many tag patterns", "join several with a wildcard, such as v*.x for v1.x and v1.2.x"),
)
TagFilters = Annotated[tuple[TagFilter, ...], FILTER_COUNT]


AllowedTag = Annotated[
    StrictStr,
    text(
        Limit(
            "allowed-tag",
            f"{ECR_API}/API_PutImage.html",
            "Write a pattern of allowed tags with the characters of tags and `*`",
            "A tag has letters, digits, dots, underscores and hyphens. A pattern with anything else allows "
            "nothing, and regular expressions are not known here.",
            subject="Which tags are allowed",
        ),
        IMAGE_TAG,
        "no tag can match this pattern",
        "letters, digits, . _ - and wildcards *, at most 300 characters",
        "write a pattern such as v* or prod-*; several are a list",
    ),
]


class AddedShape(Shape):
    """Items that a nearer layer adds to the list of an outer layer; a bare list replaces that list."""

    add: TagFilters = required("Items added to the lists of the outer layers.", examples=[["canary"]])


LayeredFilters = Annotated[
    Annotated[TagFilters, Tag("(list)")] | Annotated[AddedShape, Tag("(map)")], Discriminator(list_or_map)
]
KmsKeyName = Annotated[
    StrictStr,
    text(
        Limit(
            "kms-key",
            f"{ECR_API}/API_EncryptionConfiguration.html",
            "Name a KMS key by its alias, its id or its ARN",
            "ECR takes nothing else for kmsKey. An alias can exist in every region; an id and an ARN belong to one.",
            subject="Encryption at rest",
        ),
        KMS_KEY,
        "this is not a KMS key",
        "alias/NAME, a key id, or the ARN of either",
        "write the alias, such as alias/ecr, which can exist in every region",
    ),
]

_TAG: Final = Limit(
    "tag",
    f"{ECR_API}/API_Tag.html",
    "Write resource tags with the characters AWS takes",
    "CloudFormation refuses a stack with any other key or value, also an empty one, which ECR's API takes. Keys that "
    f"begin with aws: are AWS's own, and {STACK_TAG} is the tag of every stack here.",
    subject="Resource tags",
)
_CHARACTERS: Final = "letters, digits, spaces and . : / = + - @ _"


def _tag_key(longest: int) -> Form:
    return text(
        _TAG,
        TAG_CHARACTERS,
        "AWS does not accept this tag key",
        f"1 to {longest} {_CHARACTERS}",
        "shorten it, or replace the other characters",
        lengths=(1, longest),
        in_javascript=False,
    )


def _refuse_taken(key: str) -> Refusal | None:
    if not key.lower().startswith("aws:") and key != STACK_TAG:
        return None
    allowed = f"keys other than aws:… and {STACK_TAG}"
    return Refusal(f"the tag key {key} is taken", shown(key), allowed, "choose another key")


def _tag_value(
    limit: Limit, value: str, way_out: str | Callable[[str], str], lengths: tuple[int, int] = TAG_VALUE_LENGTH
) -> Form:
    shortest, longest = lengths
    return text(
        limit,
        TAG_CHARACTERS,
        lambda word: (
            f"AWS does not accept this {value}"
            if word
            else f"CloudFormation does not accept an empty {value}, though ECR's API does"
        ),
        f"{shortest} to {longest} {_CHARACTERS}",
        way_out,
        lengths=lengths,
        in_javascript=False,
    )


def _other_value(value: str) -> str:
    if value:
        return "shorten it, or replace the other characters"
    return "give the tag a value, or remove it here and from the repository (`aws ecr untag-resource`)"


_NOT_TAKEN: Final = Form(_TAG, _refuse_taken)
TagKey = Annotated[StrictStr, _tag_key(TAG_KEY_LENGTH), _NOT_TAKEN]
TagValue = Annotated[StrictStr, _tag_value(_TAG, "tag value", _other_value)]
#: In a creation template CloudFormation takes what ECR's API does.
TemplateTagKey = Annotated[StrictStr, _tag_key(TEMPLATE_TAG_KEY_LENGTH), _NOT_TAKEN]
TemplateTagValue = Annotated[StrictStr, _tag_value(_TAG, "tag value", _other_value, TEMPLATE_TAG_VALUE_LENGTH)]
#: The rule of this id says more: that tags has no owner.
Owner = Annotated[
    StrictStr, _tag_value(Limit("owner-tag", _TAG.link), "value of the tag owner", "write a team's name or address")
]


def tag_count(most: int) -> Form:
    """At most so many resource tags; the rule of this id counts over layers."""
    too_many = ("there are too many resource tags", "remove some")
    return count(
        Limit("tag-count", f"{ECR_API}/API_TagResource.html"), (0, most), "tags", too_many=too_many, of="Properties"
    )


Grants = Annotated[tuple[StrictStr, ...], NotNull]


def _granted(may: str) -> Any:
    return Field(
        default=(),
        description=f"Principals that may {may}. Grants of several layers add up; those of a namespace also hold for "
        "later repositories.",
        examples=[["web-main"]],
    )


class Settings(Shape):
    """What can be said of one repository, of a namespace, or of all: the nearest layer wins."""

    owner: Annotated[Owner | None, NotNull] = optional(
        "The team that is responsible: the resource tag `owner`.",
        examples=["team-web"],
    )
    image_tag_mutability: Annotated[Mutability | None, NotNull] = unwritten(
        "IMMUTABLE: a pushed tag never moves. MUTABLE: every tag may move.", "IMMUTABLE"
    )
    moving_tags: Annotated[LayeredFilters | None, NotNull] = unwritten(
        "Tags that may move although tags are IMMUTABLE (ECR's exclusion filters); `*` is a wildcard; at most "
        "5. `{add: [...]}` adds to the outer layer's list.",
        (),
        examples=[["latest", "v*.x"], {"add": ["canary"]}],
    )
    fixed_tags: Annotated[LayeredFilters | None, NotNull] = unwritten(
        "Tags that never move although tags are MUTABLE (ECR's exclusion filters); `*` is a wildcard; at most "
        "5. `{add: [...]}` adds to the outer layer's list.",
        (),
        examples=[["v*"]],
    )
    tags_must_match: Annotated[tuple[AllowedTag, ...] | None, NotNull] = unwritten(
        "Tags that images may have (default: every tag), as patterns; `*` is a wildcard. ECR knows no such rule and "
        "takes every push: `ecrctl images` tells other tags, `release` and `promote` do not write them.",
        (),
        examples=[["v*", "prod*", "latest"]],
    )
    encryption_type: Annotated[EncryptionType | None, NotNull] = unwritten(
        "Encryption at rest, fixed at creation. KMS_DSSE is for GovCloud only.", "AES256"
    )
    kms_key: Annotated[dict[StrictStr, KmsKeyName] | None, TextOr("region"), NotNull] = unwritten(
        "Key for KMS: alias, key id or ARN, or a map from region to one. Without the key, AWS's own KMS key.",
        {},
        examples=["alias/ecr"],
    )
    lifecycle: Annotated[StrictStr | None, NotNull] = unwritten(
        "Name of a lifecycle. The built-in one expires untagged images 14 days after their push and nothing else.",
        BUILT_IN_LIFECYCLE,
        examples=["releases"],
    )
    scan_on_push: Annotated[StrictBool | None, NotNull] = optional(
        "The repository's own flag, which AWS has deprecated: the registry's `scanning` decides. For a live flag "
        "that differs from it. Without the key, the flag is what `scanning` says.",
        examples=[False],
    )
    empty_on_delete: Annotated[StrictBool | None, NotNull] = unwritten(
        "false: a repository that leaves the file stays in AWS with its images. true: the deploy deletes it "
        "with all its images.",
        False,
    )
    tags: Annotated[dict[TagKey, TagValue] | None, tag_count(TAGS - 1), NotNull] = unwritten(
        "Resource tags; a nearer layer replaces the same key and keeps the others.",
        {},
        examples=[{"cost-center": "42"}],
    )
    repository_policy: Annotated[RepositoryPolicyShape | None, NotNull] = optional(
        "A repository policy in AWS's own form, in addition to IAM. The nearest layer's policy replaces the "
        "others. Without the key the repository has none: the deploy deletes a live one.",
        examples=[POLICY_EXAMPLE],
    )
    pull: Grants = _granted("pull images, in every region the repository is in")
    read: Grants = _granted("list images and tags and read manifests, but no layer, in every region of the repository")
    push: Grants = _granted("push and pull images, in the home region")
    promote: Grants = _granted("put tags on images that exist, in the home region")
    delete: Grants = _granted("list, archive and delete images, in the home region")
    failover_push: Grants = _granted(
        "push in the replica regions, too. ECR does not copy these images back, and they can block a replicated tag"
    )


#: What holds where no layer says otherwise. Every value is the safe one.
BUILT_IN: Final[Mapping[str, Any]] = {
    key: field.json_schema_extra.get("default") if isinstance(field.json_schema_extra, dict) else None
    for key, field in Settings.model_fields.items()
    if field.default is None
}
