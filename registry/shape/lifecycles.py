"""Lifecycles: sentences of ours, or ECR's own lifecycle policy as it is."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Discriminator, StrictInt, StrictStr, Tag

from registry.findings import shown
from registry.limits import (
    ARCHIVED_DAYS,
    ECR_API,
    ECR_GUIDE,
    IMAGE_TAG,
    LIFECYCLE_COUNT,
    LIFECYCLE_PATTERN_WILDCARDS,
    LIFECYCLE_RULES,
    anchored,
)
from registry.shape.base import NotNull, Shape, TrueOnly, optional, required, text_or_map, unwritten
from registry.shape.forms import Form, Limit, Refusal, count, exactly_one, number

_PAGE: Final = f"{ECR_GUIDE}/lifecycle_policy_parameters.html"
_PATTERN: Final = Limit(
    "lifecycle-pattern",
    _PAGE,
    f"Write a tag pattern with the characters of tags and at most {LIFECYCLE_PATTERN_WILDCARDS} `*`",
    "ECR knows no regular expressions here. It refuses more wildcards, and a pattern with other characters matches no "
    "tag.",
    subject="Lifecycles",
)
_TOO_MANY: Final = "ECR does not accept this tag pattern"


def _refuse_pattern(value: str) -> Refusal | None:
    wild = value.count("*") > LIFECYCLE_PATTERN_WILDCARDS
    if not wild and IMAGE_TAG.fullmatch(value):
        return None
    return Refusal(
        _TOO_MANY if wild else "no tag can match this pattern",
        shown(value),
        f"letters, digits, . _ - and at most {LIFECYCLE_PATTERN_WILDCARDS} wildcards *; no regular expression, "
        "no comma",
        "write a pattern such as v* or prod-*; several are any_of or all_of",
    )


def _refuse_own_pattern(value: str) -> Refusal | None:
    """Of ECR's own policies, where a pattern that matches nothing is legal: a warning, lifecycle-pattern-unmatched."""
    if value.count("*") <= LIFECYCLE_PATTERN_WILDCARDS:
        return None
    allowed = f"at most {LIFECYCLE_PATTERN_WILDCARDS} wildcards * in a pattern"
    return Refusal(_TOO_MANY, shown(value), allowed, "write a shorter pattern, such as v*")


TagPattern = Annotated[StrictStr, Form(_PATTERN, _refuse_pattern, {"pattern": anchored(IMAGE_TAG)})]
OwnTagPattern = Annotated[StrictStr, Form(_PATTERN, _refuse_own_pattern)]

_COUNT: Final = Limit(
    "lifecycle-count",
    _PAGE,
    f"Count from 1, and archived images from {ARCHIVED_DAYS} days",
    "A lifecycle cannot expire images at once, and ECR keeps archived images for 90 days in any case. It refuses other "
    "numbers.",
    subject="Lifecycles",
)


def _bounded(limit: Limit, least: int, too_small: str = "") -> Form:
    bounds = (least, LIFECYCLE_COUNT)
    return number(limit, bounds, "ECR refuses this count", f"{least} to {LIFECYCLE_COUNT:,}", too_small=too_small)


Number = Annotated[StrictInt, _bounded(_COUNT, 1, "a lifecycle cannot expire images at once")]
ArchivedDays = Annotated[StrictInt, _bounded(_COUNT, ARCHIVED_DAYS, "ECR keeps archived images that long")]
#: The rules of these ids say more: which number goes with a type, and that no two rules have one priority.
OwnCount = Annotated[StrictInt, _bounded(Limit("lifecycle-rule-count", _PAGE), 1)]
Priority = Annotated[
    StrictInt,
    number(
        Limit("lifecycle-rule-priority", _PAGE),
        (1, LIFECYCLE_COUNT),
        "ECR refuses this priority",
        f"1 to {LIFECYCLE_COUNT:,}, each once; gaps are fine",
        "choose a number from 1 that no other rule has",
    ),
]

#: Its rule says more: what any_of goes with.
_PATTERNS: Final = Limit("lifecycle-patterns", _PAGE)
_JOIN: Final = "write any_of for images that match one of them, all_of for images that match each of them"
_SOME_PATTERNS: Final = count(
    _PATTERNS,
    (1, None),
    "patterns",
    too_few=("there is no pattern here", "write one pattern or more"),
    allowed="one pattern or more",
)
TagPatterns = Annotated[tuple[TagPattern, ...], _SOME_PATTERNS]


class PatternsShape(Shape):
    """Several tag patterns: exactly one of the two keys says how they belong together."""

    forms: ClassVar[tuple[Form, ...]] = (
        exactly_one(
            _PATTERNS,
            ("all_of", "any_of"),
            "several patterns need exactly one word that joins them",
            "all_of: [...] or any_of: [...], with a pattern at least",
            (_JOIN, _JOIN),
        ),
    )

    all_of: Annotated[TagPatterns | None, NotNull] = optional(
        "Images whose tags match every one of these patterns (as a list in ECR's own rules does).",
        examples=[["v*", "*-release"]],
    )
    any_of: Annotated[TagPatterns | None, NotNull] = optional(
        "Images with a tag that matches one of these patterns: one rule for each pattern. Not with `last`, "
        "because ECR would count each pattern for itself.",
        examples=[["prod*", "staging*"]],
    )


Tagged = Annotated[
    Annotated[TagPattern, Tag("(text)")] | Annotated[PatternsShape, Tag("(map)")],
    Discriminator(text_or_map),
]
TAGGED = "Images with a tag that matches this pattern; `*` is a wildcard. Or `{all_of: [...]}`, `{any_of: [...]}`."


_ONE_SELECTION: Final = exactly_one(
    Limit(
        "lifecycle-selection",
        _PAGE,
        "Select tagged, untagged or any images, one of the three",
        "A rule of ECR's has one tagStatus, so a sentence cannot speak of two kinds of images.",
        subject="Lifecycles",
    ),
    ("tagged", "untagged", "any"),
    "a sentence selects images in exactly one way",
    'tagged: "pattern", untagged: true, or any: true',
    ('add tagged: "v*", untagged: true or any: true', "write one sentence for each"),
)
_ONE_COUNT: Final = exactly_one(
    Limit(
        "lifecycle-archive-count",
        _PAGE,
        "Archive by one count: after_days, unpulled_days or last",
        "A rule of ECR's has one countType, so a sentence cannot count in two ways.",
        subject="Lifecycles",
    ),
    ("after_days", "unpulled_days", "last"),
    "a sentence archives images by exactly one count",
    "after_days (since the push), unpulled_days (since the last pull), or last (how many stay)",
    ("add unpulled_days: 90, for example", "write one sentence for each"),
)


class SelectionShape(Shape):
    """Which images a sentence speaks of: exactly one of the three."""

    forms: ClassVar[tuple[Form, ...]] = (_ONE_SELECTION,)

    tagged: Annotated[Tagged | None, NotNull] = optional(TAGGED, examples=["v*"])
    untagged: Annotated[TrueOnly | None, NotNull] = optional("Images without a tag.")
    any: Annotated[TrueOnly | None, NotNull] = optional("All images that no earlier sentence selects.")


class ProtectShape(Shape):
    """No later sentence touches these images."""

    tagged: Tagged = required(TAGGED, examples=["prod*"])


class KeepShape(SelectionShape):
    """Keep the newest images of a selection and expire the others of it."""

    last: Number = required("Number of images to keep, newest push first.", examples=[5])


class ExpireShape(SelectionShape):
    """Expire the images of a selection by age."""

    after_days: Number = required("Days after the push.", examples=[14])


class ArchiveShape(SelectionShape):
    """Move the images of a selection to ECR's archive storage class: exactly one of the three counts.

    An archived image cannot be pulled until it is restored, and is billed for at least 90 days.
    """

    forms: ClassVar[tuple[Form, ...]] = (_ONE_SELECTION, _ONE_COUNT)

    after_days: Annotated[Number | None, NotNull] = optional("Days after the push.", examples=[180])
    unpulled_days: Annotated[Number | None, NotNull] = optional(
        "Days after the last pull; if nobody ever pulled, after the push.", examples=[90]
    )
    last: Annotated[Number | None, NotNull] = optional(
        "Number of images that stay, newest push first; the others are archived.", examples=[20]
    )


class ExpireArchivedShape(SelectionShape):
    """Expire archived images. Without such a sentence they stay for ever."""

    after_days: ArchivedDays = required("Days after the image was archived; at least 90.", examples=[365])


VERBS: Final = ("protect", "keep", "expire", "archive", "expire_archived")
_DASHES: Final = "write each as an item of its own, with its own dash, in the order they apply"


class SentenceShape(Shape):
    """One sentence of a lifecycle: exactly one of its keys. Earlier sentences win."""

    forms: ClassVar[tuple[Form, ...]] = (
        exactly_one(
            Limit(
                "lifecycle-sentence",
                _PAGE,
                "Write one verb in a sentence",
                "Sentences apply in their order, and that order decides which images stay. Two verbs in one item have "
                "none.",
                subject="Lifecycles",
            ),
            VERBS,
            "a sentence has exactly one verb",
            f"{', '.join(VERBS[:-1])} or {VERBS[-1]}",
            (_DASHES, _DASHES),
        ),
    )

    protect: Annotated[ProtectShape | None, NotNull] = optional("No later sentence touches these images.")
    keep: Annotated[KeepShape | None, NotNull] = optional("Keep the newest of these images, expire the others.")
    expire: Annotated[ExpireShape | None, NotNull] = optional("Expire these images by age.")
    archive: Annotated[ArchiveShape | None, NotNull] = optional("Move these images to the archive storage class.")
    expire_archived: Annotated[ExpireArchivedShape | None, NotNull] = optional(
        "Expire these images some time after they were archived."
    )


class RuleSelectionShape(Shape):
    """`selection` of a rule, in ECR's words."""

    tagStatus: Literal["tagged", "untagged", "any"] = required("Which images.")  # noqa: N815
    tagPatternList: Annotated[tuple[OwnTagPattern, ...] | None, NotNull] = optional(  # noqa: N815
        "Patterns, all of which an image's tags must match; with `tagged` only.", examples=[["v*"]]
    )
    tagPrefixList: Annotated[tuple[StrictStr, ...] | None, NotNull] = optional(  # noqa: N815
        "Prefixes, all of which an image's tags must have; with `tagged` only.", examples=[["v"]]
    )
    storageClass: Annotated[Literal["standard", "archive"] | None, NotNull] = unwritten(  # noqa: N815
        "The storage class of the images.", "standard"
    )
    countType: Literal[  # noqa: N815
        "imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"
    ] = required("What is counted.")
    countUnit: Annotated[Literal["days"] | None, NotNull] = optional("Of ages; not with `imageCountMoreThan`.")  # noqa: N815
    countNumber: OwnCount = required("How many images, or days.")  # noqa: N815


class RuleActionShape(Shape):
    """`action` of a rule, in ECR's words."""

    type: Literal["expire", "transition"] = required("What happens to the images.")
    targetStorageClass: Annotated[Literal["archive"] | None, NotNull] = optional(  # noqa: N815
        "The new storage class; with `transition` only."
    )


class RuleShape(Shape):
    """A rule of ECR's own lifecycle policy."""

    rulePriority: Priority = required("The order: lower numbers first.")  # noqa: N815
    description: Annotated[StrictStr | None, NotNull] = optional("A text for people.")
    selection: RuleSelectionShape = required("Which images.")
    action: RuleActionShape = required("What happens to them.")


#: The rule of this id counts the rules that sentences come to, and the characters.
_RULES: Final = count(
    Limit("lifecycle-length", f"{ECR_API}/API_PutLifecyclePolicy.html"),
    (1, LIFECYCLE_RULES),
    "rules",
    too_few=(
        "the lifecycle policy has no rule",
        "add a rule, or have no policy: in registry.yaml that is [] in place of the map",
    ),
    too_many=("the lifecycle policy is too long for ECR", "join patterns with wildcards"),
    allowed=f"1 to {LIFECYCLE_RULES} rules",
)


class PolicyShape(Shape):
    """ECR's own lifecycle policy; its JSON can be pasted as it is.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    """

    rules: Annotated[tuple[RuleShape, ...], _RULES] = required("ECR's own rules.")


def _sentences_or_policy(value: Any) -> str:
    """A map is ECR's own policy where it has rules; any other is a list that lacks its dashes."""
    return "(map)" if isinstance(value, dict) and "rules" in value else "(list)"


Sentences = tuple[SentenceShape, ...]
Lifecycle = Annotated[
    Annotated[Sentences, Tag("(list)")] | Annotated[PolicyShape, Tag("(map)")], Discriminator(_sentences_or_policy)
]
