"""A finding: one problem of the file, said so that a person can put it right."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_LONGEST_LINE: Final = 1_000  # characters
#: What a CI does when it reads this in a log: `##[` is GitHub's old form, anywhere in a line, `##vso[` Azure's,
#: `##teamcity[` TeamCity's; `::name::` at the beginning is GitHub's new one. docs/decisions/0075-security.md
_CI_COMMAND: Final = re.compile(r"#(?=#(?:vso|teamcity)?\[)|^\s*:(?=:[A-Za-z].*::)", re.IGNORECASE)

#: Keys and indexes that lead to a value of a file.
YamlPath = tuple[str | int, ...]
#: First step of a place in a team's file; the second is the file's name. No key of the root file is called so.
TEAM_FILE: Final = "(team)"


class Severity(StrEnum):
    """Errors stop a synth; warnings are legal but dangerous."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file; line and column count characters from 1, as editors do."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Where, what is wrong, what was given, what is allowed and the way out."""

    rule: str
    severity: Severity
    position: Position
    message: str
    given: str
    allowed: str
    way_out: str
    link: str = ""

    def __str__(self) -> str:
        lines = [f"{self.position}: {self.severity}: {self.message} [{self.rule}]"]
        labelled = (("given", self.given), ("allowed", self.allowed), ("way out", self.way_out))
        lines += [f"    {label + ':':<9}{text}" for label, text in labelled if text]
        return "\n".join(map(_readable, lines))

    def as_dict(self) -> dict[str, str | int]:
        """The finding for programs; line and column count from 1."""
        return {
            "rule": self.rule,
            "severity": str(self.severity),
            "file": self.position.file,
            "line": self.position.line,
            "column": self.position.column,
            "message": self.message,
            "given": self.given,
            "allowed": self.allowed,
            "way_out": self.way_out,
            "link": self.link,
        }


def _readable(line: str) -> str:
    """A line that can be printed, and of a length that can be read."""
    return printable(line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…")


def printable(line: str) -> str:
    """A line for a terminal or a log, without what either would take for a command: what stands in it is not trusted.

    Doing it twice is doing it once.
    """
    return _CI_COMMAND.sub(lambda found: f"{found[0][:-1]}\\x{ord(found[0][-1]):x}", visible(line))


def visible(text: str) -> str:
    """A text in which every character is seen; those that are not, or turn the direction of writing, are escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def printable_json(text: str) -> str:
    """JSON in which the same is escaped as JSON does: whoever reads it has the same values."""
    if not text.replace("\n", "").isprintable():
        text = "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)
    return _CI_COMMAND.sub(lambda found: f"{found[0][:-1]}\\u{ord(found[0][-1]):04x}", text)


def listed(words: Iterable[str], limit: int = 20) -> str:
    """Words with commas between them; of more than `limit`, how many are left out."""
    words = list(words)
    more = f" and {len(words) - limit:,} more" if len(words) > limit else ""
    return ", ".join(words[:limit]) + more


def shown(value: object, limit: int = 60) -> str:
    """A value as people wrote it, on one line and shortened to `limit` characters."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = f'"{value}"' if isinstance(value, str) else str(value)
    except (RecursionError, ValueError):  # nested too deeply, or a number of thousands of digits
        text = f"a {type(value).__name__} that is too large to be shown"
    text = text.replace("\n", "\\n").replace("\t", "\\t")
    return text if len(text) <= limit else text[: limit - 1] + "…"
