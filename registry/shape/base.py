"""What all shapes share: how a key is declared, and how a path of the file leads to the shape that stands there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal, Self, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationInfo,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from registry.shape.forms import Form

EVERYWHERE: Final = "*"  # the key under which a text is kept that stands where a map could


class Shape(BaseModel):
    """A map of the file: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    forms: ClassVar[tuple[Form, ...]] = ()  # what the map as a whole must be, such as one with exactly one of some keys

    @model_validator(mode="wrap")
    @classmethod
    def _check_forms(cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        made = handler(value)
        for form in cls.forms:
            form.check(made, value, info)
        return made

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        made = handler(schema)
        words = [dict(form.words) for form in cls.forms if form.words]
        handler.resolve_ref_schema(made).update({"allOf": words} if len(words) > 1 else words[0] if words else {})
        return made


def required(description: str, *, examples: Sequence[Any] = (), **words: Any) -> Any:
    """A key that must be written. `words` are JSON Schema's words for what rules check."""
    return Field(description=description, examples=list(examples) or None, json_schema_extra=words or None)


def optional(description: str, default: Any = None, *, examples: Sequence[Any] = (), **words: Any) -> Any:
    """A key that may be left out: `default` is what holds then."""
    return Field(
        default=default, description=description, examples=list(examples) or None, json_schema_extra=words or None
    )


def unwritten(description: str, means: Any, *, examples: Sequence[Any] = ()) -> Any:
    """A key that may be left out, and then is None, since another layer or AWS itself decides: it comes to `means`."""
    return Field(
        default=None,
        description=description,
        examples=list(examples) or None,
        json_schema_extra={"default": means},
    )


def _given(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("empty_value", "nothing is written here")
    return value


def _empty_map(value: Any) -> Any:
    return {} if value is None else value


def _yes(value: Any) -> Any:
    if value is not True:  # a Literal would take 1 for True
        raise PydanticCustomError("literal_error", "true, or no such key", {"expected": "True"})
    return value


class _OrNothing:
    """Nothing stands for an empty map, in a file and in its JSON Schema."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_empty_map, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": "null"}]}


class TextOr:
    """Text for every one, or a map from `each` (a region, an account) to text."""

    def __init__(self, each: str) -> None:
        self._each = each

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._map, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        made = handler(schema)
        return {"anyOf": [made["additionalProperties"], made]}

    def _map(self, value: Any) -> Any:
        if isinstance(value, str):
            return {EVERYWHERE: value}
        if value is None or isinstance(value, dict):
            return value
        raise PydanticCustomError("text_or_map", "text, or a map from {each} to text", {"each": self._each})


NotNull: Final = BeforeValidator(_given)
NullAsEmpty: Final = _OrNothing()  # `web/api:` alone is an entry with nothing of its own
TrueOnly = Annotated[Literal[True], BeforeValidator(_yes)]


def list_or_map(value: Any) -> str:
    """Which of the two forms of a value is written: the tag of a union whose forms are `(list)` and `(map)`.

    The tags are no keys of any file, so reading/damage.py can tell them from the steps of a place.
    """
    return "(map)" if isinstance(value, dict) else "(list)"


def text_or_map(value: Any) -> str:
    """The same for the forms `(text)` and `(map)`."""
    return "(map)" if isinstance(value, dict) else "(text)"


def keys_of(shape: type[Shape]) -> list[str]:
    """The keys a map of this shape may have, in the order of the reference."""
    return [field.alias or name for name, field in shape.model_fields.items()]


def shape_at(root: type[Shape], path: Iterable[str | int]) -> type[Shape] | None:
    """The shape of the map that stands at a path of a file, or None where keys are free (names, tags)."""
    current: Any = root
    for step in path:
        current = _step(_inside(current, step), step)
    found = _inside(current, "")
    return found if isinstance(found, type) and issubclass(found, Shape) else None


def _step(inner: Any, step: str | int) -> Any:
    if isinstance(inner, type) and issubclass(inner, Shape):
        named = next((f for n, f in inner.model_fields.items() if (f.alias or n) == step), None)
        return named.annotation if named else None
    arguments = get_args(inner)
    if not arguments:
        return None
    return arguments[0] if isinstance(step, int) else arguments[-1]


def _inside(annotation: Any, step: str | int) -> Any:
    """An annotation without `Annotated` and `| None`; of a union the form in which the next step makes sense."""
    while True:
        arguments = get_args(annotation)
        if hasattr(annotation, "__metadata__"):
            annotation = arguments[0]
        elif _is_union(annotation):
            forms = [form for form in arguments if form is not type(None)]
            lists = [form for form in forms if not _is_map(form)]
            maps = [form for form in forms if _is_map(form)]
            annotation = ((lists if isinstance(step, int) else maps) or forms)[0]
        else:
            return annotation


def _is_union(annotation: Any) -> bool:
    from types import UnionType
    from typing import Union, get_origin

    return isinstance(annotation, UnionType) or get_origin(annotation) is Union


def _is_map(annotation: Any) -> bool:
    while hasattr(annotation, "__metadata__"):
        annotation = get_args(annotation)[0]
    return (isinstance(annotation, type) and issubclass(annotation, Shape)) or getattr(
        annotation, "__origin__", None
    ) is dict
