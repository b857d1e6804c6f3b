"""What one value must be, stated once: on its field, where it is checked, said in the JSON Schema, and explained.

A `Form` is metadata of a field's type, `Annotated[StrictStr, FORM]`, or one of the `forms` of a shape. What needs more
than the value (another part of the file, the partition, today) is a rule: registry/rules/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from registry.findings import listed, shown
from registry.limits import anchored

#: The type of pydantic's error for a value that lacks its form.
FORM_ERROR: Final = "form"


@dataclass(frozen=True, slots=True)
class Limit:
    """What docs/rules.md says of the forms with an id: an instruction, why, where AWS says so, and the heading.

    Title, why and subject are empty where a rule of the same id has them: it says more of the same value.
    """

    id: str
    link: str
    title: str = ""
    why: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is said of a value that lacks its form, as in a finding."""

    message: str
    given: str
    allowed: str
    way_out: str


#: Every form there is, in the order of declaration.
FORMS: Final[list[Form]] = []


@dataclass(frozen=True, eq=False)
class Form:
    """A form of values: `refuse` says what is wrong with one, and None where nothing is.

    :param words: the same in JSON Schema's words, as far as it has some.
    :param key: the finding stands at the key of the value, not at the value.
    """

    limit: Limit
    refuse: Callable[[Any], Refusal | None]
    words: Mapping[str, Any] = field(default_factory=dict)
    key: bool = False

    def __post_init__(self) -> None:
        FORMS.append(self)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_wrap_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), **self.words}

    def _checked(self, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        made = handler(value)
        self.check(made, value, info)
        return made

    def check(self, made: Any, value: Any, info: ValidationInfo) -> None:
        """Refuse what was made of a value, unless the context of validation has been told so of this very value.

        :raises PydanticCustomError: of the type FORM_ERROR, with the form and the refusal as `of` in its context.
        """
        refusal = self.refuse(made)
        if refusal is not None and (id(self), id(value)) not in (info.context or ()):
            raise PydanticCustomError(FORM_ERROR, "{message}", {"message": refusal.message, "of": (self, refusal)})


class _Everything:
    def __contains__(self, told: object) -> bool:
        return True


#: A context of validation in which no form is looked at, so that a shape can be made of values that lack theirs.
NO_FORMS: Final = _Everything()


def text(
    limit: Limit,
    pattern: re.Pattern[str],
    message: str | Callable[[str], str],
    allowed: str,
    way_out: str | Callable[[str], str],
    *,
    lengths: tuple[int, int] | None = None,
    longest: int = 60,
    in_javascript: bool = True,
    begins: str = "",
) -> Form:
    """Text of a pattern and of some lengths, in characters; of a refused one `longest` characters are shown.

    :param begins: of a text that does not begin so nothing is shown: it could be a credential.
    :param in_javascript: the pattern means the same in JSON Schema, whose `\\w` has no letters but those of ASCII.
    """

    def refuse(value: str) -> Refusal | None:
        if pattern.fullmatch(value) and (lengths is None or lengths[0] <= len(value) <= lengths[1]):
            return None
        if not value.startswith(begins):
            given = f"{len(value):,} characters, which are not shown: they could be a credential"
            way = f"{_of(way_out, value)}; if a credential was written here, revoke it"
            return Refusal(_of(message, value), given, allowed, way)
        return Refusal(_of(message, value), shown(value, longest), allowed, _of(way_out, value))

    words: dict[str, Any] = {"pattern": anchored(pattern)} if in_javascript else {}
    if lengths is not None:
        words |= {"minLength": lengths[0]} if lengths[0] else {}
        words |= {"maxLength": lengths[1]}
    return Form(limit, refuse, words)


def number(
    limit: Limit,
    bounds: tuple[int, int],
    message: str,
    allowed: str,
    way_out: str = "",
    *,
    unit: str = "",
    too_small: str = "",
) -> Form:
    """A whole number within bounds, both of them legal; the way out is the nearer one where none is given.

    :param too_small: what is said of a number below the least, behind the way out.
    """
    least, most = bounds

    def refuse(value: int) -> Refusal | None:
        if least <= value <= most:
            return None
        nearer = way_out or f"write {max(least, min(value, most))}"
        because = f"; {too_small}" if too_small and value < least else ""
        return Refusal(message, shown(value) + unit, allowed, nearer + because)

    return Form(limit, refuse, {"minimum": least, "maximum": most})


def count(
    limit: Limit,
    bounds: tuple[int, int | None],
    noun: str,
    *,
    too_few: tuple[str, str] = ("", ""),
    too_many: tuple[str, str] = ("", ""),
    allowed: str | None = None,
    of: Literal["Items", "Properties"] = "Items",
) -> Form:
    """A list or a map with so many entries; `too_few` and `too_many` are message and way out."""
    least, most = bounds

    def refuse(value: Sized) -> Refusal | None:
        given = len(value)
        if least <= given and (most is None or given <= most):
            return None
        message, way_out = too_few if given < least else too_many
        return Refusal(message, f"{given} {noun}" if given else "an empty list", allowed or f"at most {most}", way_out)

    bounded = {f"min{of}": least or None, f"max{of}": most}
    return Form(limit, refuse, {word: bound for word, bound in bounded.items() if bound is not None}, key=True)


def each_once(limit: Limit, noun: str, nothing: str, allowed: str, way_out: str) -> Form:
    """A list with something in it, and nothing twice; `nothing` and `way_out` are said of an empty one."""

    def refuse(words: Sequence[str] | None) -> Refusal | None:
        if words is None or (words and len(words) == len(set(words))):
            return None
        return Refusal(
            f"one kind of {noun} stands here twice" if words else nothing,
            listed(words) or "an empty list",
            f"{allowed} once, and at least one",
            "remove what is repeated" if words else way_out,
        )

    return Form(limit, refuse, {"minItems": 1, "uniqueItems": True}, key=True)


def exactly_one(
    limit: Limit, keys: Sequence[str], message: str | Callable[[Sequence[str]], str], allowed: str,
    way_out: tuple[str, str], *, none: str = "none",
) -> Form:  # fmt: skip
    """A map with one of some keys; `way_out` is that of a map with none of them, and of one with several."""

    def refuse(value: Any) -> Refusal | None:
        written = [key for key in keys if getattr(value, key) is not None]
        if len(written) == 1:
            return None
        given = " and ".join(written) or none
        return Refusal(
            message if isinstance(message, str) else message(written), given, allowed, way_out[bool(written)]
        )

    return Form(limit, refuse, {"oneOf": [{"required": [key]} for key in keys]})


def _of(said: str | Callable[[str], str], value: str) -> str:
    return said if isinstance(said, str) else said(value)
