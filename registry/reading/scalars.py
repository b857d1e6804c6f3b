"""What an unquoted YAML scalar means, judged by how it is written.

YAML 1.1 (PyYAML, CloudFormation's tools) and YAML 1.2 (editors' language servers) read some words
differently: `no`, `0123`, `12:30:45`. Such a scalar becomes an `Ambiguous`, which no key accepts, so the
person is told instead of being guessed at. https://yaml.org/spec/1.2.2/#103-core-schema,
https://yaml.org/type/ (1.1)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_ONLY_1_1 = frozenset(case for word in ("yes", "no", "on", "off") for case in (word, word.capitalize(), word.upper()))
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
# Leading zeros, 0x, 0o and 0b, `_` between digits, base 60: a number to one version or the other.
_DISPUTED = re.compile(
    r"[-+]?(0[0-9_]+|0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"
    r"|(?=[0-9.]*_)([0-9][0-9_]*(\.[0-9_]*)?|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?)"
)
_LONGEST_NUMBER = 18  # digits; longer ones are no count, and int() of thousands of digits is refused by Python


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """An unquoted scalar that versions of YAML, or its writer and its reader, take for different things."""

    text: str
    reads_as: str

    def __str__(self) -> str:
        return self.text


#: Stands where a value could not be read and a finding says so; nothing more is said of it.
UNREADABLE: Final = Ambiguous("", "nothing")

Scalar = None | bool | int | float | str | Ambiguous


def read_scalar(text: str) -> Scalar:
    """The value of an unquoted scalar; quoted ones are always text and never come here."""
    if text in _NULL:
        return None
    first = text[0]
    if first in "tTfF":
        return True if text in _TRUE else False if text in _FALSE else text
    if first in "yYnNoO":
        return Ambiguous(text, "true or false") if text in _ONLY_1_1 else text
    if first not in "0123456789.+-":
        return text
    if len(text) > _LONGEST_NUMBER and (_INTEGER.fullmatch(text) or _FLOAT.fullmatch(text)):
        return Ambiguous(text, "a number")
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DISPUTED.fullmatch(text):
        return Ambiguous(text, "a number")
    if _FLOAT.fullmatch(text):
        return float(text)
    return Ambiguous(text, "a number") if _NOT_FINITE.fullmatch(text) else text


def describe(value: object) -> str:
    """What YAML takes an unquoted scalar for, in words."""
    if isinstance(value, Ambiguous):
        return value.reads_as
    if isinstance(value, bool):
        return "true or false"
    return "nothing" if value is None else f"the number {value}"
