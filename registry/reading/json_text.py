"""JSON that a person or AWS wrote: decoded, parsed, and with the place of everything that is wrong in it.

The C parser of the standard library reads; where it refuses, or where rules want the line and column of every value,
`document` walks over the text once more (docs/decisions/0045-lifecycles-read-again.md).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, NoReturn

from registry.findings import Finding, Position, Severity, shown
from registry.reading.document import Document, Node
from registry.reading.scalars import UNREADABLE

MAX_DEPTH: Final = 40  # levels of a text with places; a lifecycle policy needs six
_DIGITS: Final = 18  # a longer number is no count and no time, and int() of thousands of digits is refused by Python
_blank = re.compile(r"[ \t\r\n]*").match
_scalar = re.compile(r"-?(?:NaN|Infinity|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)|true|false|null").match
_string = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"').match
_surrogate = re.compile("[\ud800-\udfff]").search
_WORDS: Final = {"true": True, "false": False, "null": None}


class NotJson(Exception):
    """A text that is not JSON, or not JSON that can be read here; the finding says what and where."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class Lines:
    """Offsets of a text as lines and columns; the text is looked through once, however many places are asked for."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name = text, name

    def at(self, offset: int) -> Position:
        """The place of a character."""
        line = bisect_left(self._ends, offset)
        return Position(self._name, line + 1, offset - (self._ends[line - 1] if line else -1))

    @cached_property
    def _ends(self) -> list[int]:
        return [found.start() for found in re.finditer("\n", self._text)]


def decoded(content: bytes, name: str, rule: str) -> str:
    """The text of a file; findings have the id `rule`.

    :raises NotJson: where it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        before = content[: problem.start].decode("utf-8-sig")
        at, given = Lines(before, name).at(len(before)), f"byte 0x{content[problem.start]:02x}"
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            given = "UTF-16 text, which Windows PowerShell writes"
        raise NotJson(
            _finding(
                rule,
                at,
                "this is not UTF-8 text",
                given,
                "UTF-8",
                "save it so, for example with `Out-File -Encoding utf8`",
            )
        ) from problem


def parsed(text: str, name: str, rule: str) -> Any:
    """What a text holds.

    :raises NotJson: where it is not JSON; NaN, a key that stands twice and nesting without end are not.
    """
    try:
        return json.loads(text, parse_constant=refuse_constant, object_pairs_hook=_unique)
    except json.JSONDecodeError as problem:
        raise NotJson(not_json(Position(name, problem.lineno, problem.colno), problem.msg, rule)) from problem
    except (ValueError, RecursionError) as problem:
        found = document(text, name, rule).findings
        raise NotJson(found[0] if found else not_json(Position(name, 1, 1), str(problem), rule)) from problem


def refuse_constant(constant: str) -> float:
    """For `parse_constant`: NaN and Infinity are no numbers of JSON."""
    raise ValueError(f"{constant} is not a number of JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in the same place")
    return found


def document(text: str, name: str, rule: str) -> Document:
    """A text with the place of every value, and a finding for each thing that cannot be read; never raises for what
    it holds."""
    reader = _Reader(text, name, rule)
    root = Node(1, 1, None)
    try:
        root, end = reader.value(reader.blank(0), 1)
        if (rest := reader.blank(end)) < len(text):
            reader.stop(rest, "there is text after its end", shown(text[rest : rest + 20]))
    except _Stop:
        pass
    return Document(name, root, reader.findings)


class _Stop(Exception):
    """Reading cannot go on; the finding says why."""


class _Reader:
    def __init__(self, text: str, name: str, rule: str) -> None:
        self.text, self.rule, self.lines = text, rule, Lines(text, name)
        self.findings: list[Finding] = []

    def refuse(self, offset: int, message: str, given: str, allowed: str, way_out: str, rule: str = "") -> None:
        self.findings.append(_finding(rule or self.rule, self.lines.at(offset), message, given, allowed, way_out))

    def stop(self, offset: int, message: str, given: str = "") -> NoReturn:
        self.findings.append(not_json(self.lines.at(min(offset, len(self.text))), message, self.rule, given))
        raise _Stop

    def blank(self, offset: int) -> int:
        found = _blank(self.text, offset)
        return found.end() if found else offset

    def node(self, offset: int, value: Any, text: str = "") -> Node:
        at = self.lines.at(offset)
        return Node(at.line, at.column, value, text)

    def value(self, offset: int, depth: int) -> tuple[Node, int]:
        mark = self.text[offset : offset + 1]
        if depth > MAX_DEPTH:
            self.stop(offset, f"it is nested deeper than {MAX_DEPTH} levels")
        if mark == '"':
            string, end = self.string(offset)
            return self.node(offset, string, string), end
        if mark == "[":
            return self.items(self.node(offset, []), offset, depth)
        if mark == "{":
            return self.members(self.node(offset, {}), offset, depth)
        found = _scalar(self.text, offset)
        if found is None:
            self.stop(offset, "a value is expected here" if mark else "the text ends here")
        return self.node(offset, self.scalar(offset, found[0]), found[0]), found.end()

    def scalar(self, offset: int, text: str) -> Any:
        if text in _WORDS:
            return _WORDS[text]
        if text[-1] in "Ny":
            self.refuse(
                offset, f"this is not JSON: {text} is not a number of JSON", text, "a number", "write the number"
            )
        elif len(text) > _DIGITS:
            self.refuse(
                offset,
                "this number is too long",
                f"{len(text):,} characters",
                f"at most {_DIGITS}",
                "write a shorter number",
            )
        else:
            return float(text) if set(text) & set(".eE") else int(text)
        return UNREADABLE

    def string(self, offset: int) -> tuple[str, int]:
        found = _string(self.text, offset)
        if found is None:
            self.stop(offset, "this text does not end, or has a control character")
        try:
            string = json.loads(found[0])
        except json.JSONDecodeError as problem:
            self.stop(offset + problem.pos, problem.msg)
        if half := _surrogate(string):
            self.refuse(
                offset, "this text has half of a character", f"\\u{ord(half[0]):04x}", "whole characters",
                "remove it, or write the character itself",
            )  # fmt: skip
            string = string.encode(errors="replace").decode()
        return string, found.end()

    def items(self, node: Node, offset: int, depth: int) -> tuple[Node, int]:
        for place in self.places(offset, "]"):
            child, self.end = self.value(place, depth + 1)
            node.children[len(node.value)] = child
            node.value.append(child.value)
        return node, self.end

    def members(self, node: Node, offset: int, depth: int) -> tuple[Node, int]:
        for place in self.places(offset, "}"):
            if self.text[place] != '"':
                self.stop(place, "a key in double quotes is expected here")
            key, end = self.string(place)
            if self.text[self.blank(end) : self.blank(end) + 1] != ":":
                self.stop(self.blank(end), "a colon is expected here")
            child, self.end = self.value(self.blank(self.blank(end) + 1), depth + 1)
            if key in node.keys:
                first = node.keys[key][0]
                self.refuse(
                    place, "this key stands twice in the same place", shown(key),
                    f"each key once; the first is in line {first}", "remove one of the two", "duplicate-key",
                )  # fmt: skip
                continue
            at = self.lines.at(place)
            node.keys[key] = (at.line, at.column)
            node.children[key], node.value[key] = child, child.value
        return node, self.end

    def places(self, offset: int, close: str) -> Iterator[int]:
        """Where each item of a list or a map begins; `end` is behind what was read last."""
        place = self.blank(offset + 1)
        if self.text[place : place + 1] == close:
            self.end = place + 1
            return
        while True:
            if place >= len(self.text):
                self.stop(place, "the text ends here")
            yield place
            place = self.blank(self.end)
            mark = self.text[place : place + 1]
            if mark == close:
                self.end = place + 1
                return
            if mark != ",":
                self.stop(place, f"a comma or {close} is expected here" if mark else "the text ends here")
            place = self.blank(place + 1)


def not_json(position: Position, reason: str, rule: str, given: str = "") -> Finding:
    """The finding for a text that is not JSON."""
    return _finding(
        rule, position, f"this is not JSON: {reason}", given, "JSON",
        "check the commas, the brackets and the quotes of this line and the one before",
    )  # fmt: skip


def _finding(rule: str, position: Position, message: str, given: str, allowed: str, way_out: str) -> Finding:
    return Finding(rule, Severity.ERROR, position, message, given, allowed, way_out)
