"""The shape of registry.yaml: which keys exist, of which type. What they mean is in model.py.

Types refuse unknown keys, wrong types and nothing where a value belongs; everything else is a rule
(registry/rules/). Keys have the names AWS gives the things, in snake case. None means "not written":
the defaults are in `resolve.BUILT_IN`, and documented here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
)
from pydantic_core import PydanticCustomError

Mutability = Literal["IMMUTABLE", "MUTABLE"]
EncryptionType = Literal["AES256", "KMS", "KMS_DSSE"]
EVERY_REGION = "*"  # the key under which a `kms_key` written as text is kept


def _given(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("empty_value", "nothing is written here")
    return value


def _empty_map(value: Any) -> Any:
    return {} if value is None else value


def _by_region(value: Any) -> Any:
    if isinstance(value, str):
        return {EVERY_REGION: value}
    if isinstance(value, dict):
        return value
    raise PydanticCustomError("text_or_map", "text, or a map from region to text")


def _yes(value: Any) -> Any:
    if value is not True:  # a Literal would take 1 for True
        raise PydanticCustomError("literal_error", "true, or no such key", {"expected": "True"})
    return value


Given = BeforeValidator(_given)
Entry = BeforeValidator(_empty_map)  # `web/api:` alone is an entry with nothing of its own
Yes = Annotated[Literal[True], BeforeValidator(_yes)]


class Shape(BaseModel):
    """A map of the file: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RegistryShape(Shape):
    """Whose registry this is."""

    name: StrictStr = Field(description="Prefix of every stack and role; lower-case words joined by hyphens.")
    account: StrictStr = Field(description="The AWS account id: 12 digits, in quotes.")
    region: StrictStr = Field(description="The home region: images are pushed here.")


class ReplicaShape(Shape):
    """A region that gets a copy of every image pushed at home."""

    namespaces: Annotated[tuple[StrictStr, ...] | None, Given] = Field(
        default=None, description="Only these namespaces; `_` is the one of names without `/`. Default: all."
    )


class Settings(Shape):
    """What can be said of one repository, of a namespace, or of all: the nearest layer wins."""

    image_tag_mutability: Annotated[Mutability | None, Given] = Field(
        default=None,
        description="IMMUTABLE (default): a pushed tag never moves. MUTABLE: every tag may move.",
    )
    moving_tags: Annotated[tuple[StrictStr, ...] | None, Given] = Field(
        default=None,
        description="Tags that may move although tags are IMMUTABLE (ECR's exclusion filters); `*` is a "
        "wildcard; at most 5. Default: none.",
    )
    encryption_type: Annotated[EncryptionType | None, Given] = Field(
        default=None, description="AES256 (default), KMS, or KMS_DSSE (GovCloud only). Fixed at creation."
    )
    kms_key: Annotated[dict[StrictStr, StrictStr] | None, BeforeValidator(_by_region), Given] = Field(
        default=None,
        description="Key for KMS: alias, key id or ARN, or a map from region to one. Default: the key AWS manages.",
    )
    lifecycle: Annotated[StrictStr | None, Given] = Field(
        default=None,
        description="Name of a lifecycle. Default: `untagged-14-days`, which expires untagged images 14 days "
        "after their push and nothing else.",
    )
    empty_on_delete: Annotated[StrictBool | None, Given] = Field(
        default=None,
        description="false (default): a repository that leaves the file is kept with its images. "
        "true: it is deleted with all its images.",
    )
    tags: Annotated[dict[StrictStr, StrictStr] | None, Given] = Field(
        default=None, description="Resource tags; a nearer layer replaces the same key and keeps the others."
    )


class NamespaceShape(Settings):
    """The repositories whose name begins with this word and `/`."""

    shards: Annotated[StrictInt | None, Given] = Field(
        default=None,
        description="Stacks that share this namespace, for more repositories than one stack holds (480). "
        "Decide it when the namespace is born: changing it moves repositories between stacks. Default: 1.",
    )


class SelectionShape(Shape):
    """Which images a sentence speaks of: exactly one of the three."""

    tagged: Annotated[StrictStr | None, Given] = Field(
        default=None, description="Images with a tag that matches this pattern; `*` is a wildcard."
    )
    untagged: Annotated[Yes | None, Given] = Field(default=None, description="Images without a tag.")
    any: Annotated[Yes | None, Given] = Field(
        default=None, description="All images that no sentence before this one speaks of."
    )


class ProtectShape(Shape):
    """No later sentence touches these images."""

    tagged: StrictStr = Field(description="Images with a tag that matches this pattern; `*` is a wildcard.")


class KeepShape(SelectionShape):
    """Keep the newest images of a selection and expire the others of it."""

    last: StrictInt = Field(description="How many images to keep, newest push first.")


class ExpireShape(SelectionShape):
    """Expire the images of a selection by age."""

    after_days: StrictInt = Field(description="Days after the push.")


class SentenceShape(Shape):
    """One sentence of a lifecycle: exactly one of its keys. Earlier sentences win."""

    protect: Annotated[ProtectShape | None, Given] = None
    keep: Annotated[KeepShape | None, Given] = None
    expire: Annotated[ExpireShape | None, Given] = None


class AcceptanceShape(Shape):
    """A warning somebody has read and decided to live with."""

    rule: StrictStr = Field(description="Id of the rule, as the warning prints it in brackets.")
    reason: StrictStr = Field(description="Why it is right here; reviewers read this.")


class FileShape(Shape):
    """registry.yaml: everything a company wants of its registry."""

    registry: RegistryShape = Field(description="Whose registry this is: name, account and home region.")
    replicas: Annotated[dict[StrictStr, Annotated[ReplicaShape, Entry]], Given] = Field(
        default_factory=dict, description="Regions of the same account that get a copy of every image. Default: none."
    )
    lifecycles: Annotated[dict[StrictStr, tuple[SentenceShape, ...]], Given] = Field(
        default_factory=dict, description="Lists of sentences by name: which images expire when. Empty: none ever."
    )
    defaults: Annotated[Settings, Given] = Field(default_factory=Settings, description="Settings of every repository.")
    namespaces: Annotated[dict[StrictStr, Annotated[NamespaceShape, Entry]], Given] = Field(
        default_factory=dict, description="Settings of the repositories of a namespace, by its name."
    )
    repositories: dict[StrictStr, Annotated[Settings, Entry]] = Field(
        description="Every repository by its name, with settings of its own or nothing."
    )
    acceptances: Annotated[tuple[AcceptanceShape, ...], Given] = Field(
        default=(), description="Warnings that are right here. Default: none."
    )


def keys_of(shape: type[Shape]) -> list[str]:
    """The keys a map of this shape may have, in the order of the reference."""
    return list(shape.model_fields)


def shape_at(path: Iterable[str | int]) -> type[Shape] | None:
    """The shape of the map that stands at a path of the file, or None where keys are free (names, tags)."""
    current: Any = FileShape
    for step in path:
        inner = _inside(current)
        if isinstance(inner, type) and issubclass(inner, Shape):
            field = inner.model_fields.get(str(step))
            current = field.annotation if field else None
        else:
            current = get_args(inner)[-1 if not isinstance(step, int) else 0] if get_args(inner) else None
    found = _inside(current)
    return found if isinstance(found, type) and issubclass(found, Shape) else None


def _inside(annotation: Any) -> Any:
    """An annotation without `Annotated` and `| None`."""
    while True:
        arguments = get_args(annotation)
        if hasattr(annotation, "__metadata__"):
            annotation = arguments[0]
        elif type(None) in arguments and len(arguments) == 2:
            annotation = arguments[0] if arguments[1] is type(None) else arguments[1]
        else:
            return annotation
