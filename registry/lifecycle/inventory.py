"""The output of `aws ecr describe-images` to images: a million of them in seconds.

What AWS answers is decoded by msgspec. Where that refuses anything, Python's own JSON scanner reads the text again,
one image after the other, and finds everything that is wrong, with its line (docs/decisions/0020-simulation.md).
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from registry.errors import InvalidFile
from registry.findings import Finding, Position, Severity, shown
from registry.lifecycle.images import Image, WrongField, image_of
from registry.reading import json_text

_RULE: Final = "inventory"
_KEY: Final = "imageDetails"
_CUT: Final = ("NextToken", "nextToken")  # with them, AWS has more than it printed
_DESCRIBE: Final = "the output of `aws ecr describe-images --repository-name NAME --filter imageStatus=ANY`"
_blank = re.compile(r"[ \t\r\n]*").match
_between = re.compile(r"[ \t\r\n]*([,\]])[ \t\r\n]*").match  # two values of a list, or the last one and its end
_decoder: Final = json.JSONDecoder(parse_constant=json_text.refuse_constant)


class _Described(msgspec.Struct):
    imageDetails: list[Image]  # noqa: N815
    nextToken: Any = None  # noqa: N815
    NextToken: Any = None


_of_aws: Final = msgspec.json.Decoder(_Described)


@dataclass(frozen=True, slots=True)
class Inventory:
    """The images of one repository, as many as were described; `repository` is None where no image names it."""

    repository: str | None
    images: tuple[Image, ...]


def read(content: bytes, name: str) -> Inventory:
    """The images of a repository from JSON.

    :param content: what `aws ecr describe-images` prints, or its `imageDetails` alone; `name` is what findings call
        it.
    :raises InvalidFile: with every image that cannot be read, digests that come twice among them.
    """
    return _decoded(content) or _scanned(content, name)


def _decoded(content: bytes) -> Inventory | None:
    """The images where every one of them is what AWS writes; None where anything has to be looked at.

    AWS writes no escapes and nothing but ASCII here: so no tag holds a character that cannot be printed.
    """
    if b"\\" in content or not content.isascii():
        return None
    try:
        described = _of_aws.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    images = described.imageDetails
    if described.NextToken is not None or described.nextToken is not None:
        return None
    repositories = {image.repository for image in images} - {None}
    digests = {image.digest for image in images}
    if len(repositories) > 1 or len(digests) < len(images) or "" in digests:
        return None
    return Inventory(next(iter(repositories), None), tuple(images))


def _scanned(content: bytes, name: str) -> Inventory:
    try:
        text = json_text.decoded(content, name, _RULE)
    except json_text.NotJson as problem:
        raise InvalidFile([problem.finding]) from problem
    lines = json_text.Lines(text, name)
    return _gathered(_entries(text, lines), lines.at)


def of_rows(rows: Iterable[Any], name: str) -> Inventory:
    """The same from what boto3 answers; the line of a finding is the number of the image.

    :raises InvalidFile: as `read`.
    """
    return _gathered(enumerate(rows, start=1), lambda number: Position(name, number, 1))


def _gathered(entries: Iterable[tuple[int, Any]], place: Callable[[int], Position]) -> Inventory:
    images: dict[str, Image] = {}
    names: dict[str, int] = {}
    findings: list[Finding] = []
    for at, row in _until(entries, findings):
        try:
            image = image_of(row)
        except WrongField as wrong:
            given = shown(row.get(wrong.key) if wrong.key else row)
            field = f"{wrong.key}: " if wrong.key else ""
            findings.append(_finding(place(at), field + wrong.message, given, wrong.allowed, wrong.way_out))
            continue
        names.setdefault(image.repository or "", at)
        if images.setdefault(image.digest, image) is not image:
            findings.append(
                _finding(
                    place(at),
                    "this digest comes twice",
                    image.digest,
                    "each image once, with all its tags",
                    "describe the images once, of one repository",
                )
            )
    names.pop("", None)
    for name, at in list(names.items())[1:]:
        findings.append(
            _finding(
                place(at),
                "images of several repositories in one file",
                f"{next(iter(names))} and {name}",
                "one repository: a lifecycle policy counts the images of its own",
                _DESCRIBE,
            )
        )
    if findings:
        raise InvalidFile(findings)
    return Inventory(next(iter(names), None), tuple(images.values()))


def _until(entries: Iterable[tuple[int, Any]], findings: list[Finding]) -> Iterator[tuple[int, Any]]:
    """The entries, as far as they can be read; what ends them stands behind what was found before."""
    try:
        yield from entries
    except InvalidFile as problem:
        findings += problem.findings


def _entries(text: str, lines: json_text.Lines) -> Iterator[tuple[int, Any]]:
    """Every entry of `imageDetails` with its offset."""
    try:
        yield from _values(text, lines)
    except json.JSONDecodeError as problem:
        raise InvalidFile([json_text.not_json(lines.at(problem.pos), problem.msg, _RULE)]) from problem


def _value(text: str, at: int) -> tuple[Any, int]:
    """A value and the offset behind it.

    :raises JSONDecodeError: also for what Python's scanner refuses in other ways.
    """
    try:
        return _decoder.raw_decode(text, at)
    except json.JSONDecodeError:
        raise
    except RecursionError as problem:
        raise json.JSONDecodeError("it is nested without end", text, at) from problem
    except ValueError as problem:
        reason = str(problem) if "JSON" in str(problem) else "a number in it is too long"
        raise json.JSONDecodeError(reason, text, at) from problem


def _values(text: str, lines: json_text.Lines) -> Iterator[tuple[int, Any]]:
    start = _skipped(text, 0)
    if text[start] == "[":
        end = yield from _list(text, start)
    elif text[start] == "{":
        found, end = yield from _map(text, start, lines)
        if not found:
            raise _refused(lines.at(start), "this holds no images", f"a map without a list {_KEY}")
    else:
        value, end = _value(text, start)
        raise _refused(lines.at(start), "this holds no images", shown(value))
    if (rest := _blank(text, end)) and rest.end() != len(text):
        raise json.JSONDecodeError("Extra data", text, rest.end())


def _map(text: str, at: int, lines: json_text.Lines) -> Generator[tuple[int, Any], None, tuple[bool, int]]:
    """The values of the list under `imageDetails` of a map; returns whether there is one, and the offset behind."""
    found, at = False, _skipped(text, at + 1)
    if text[at] == "}":
        return found, at + 1
    while True:
        if text[at] != '"':
            raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
        start = at
        key, end = _value(text, at)
        at = _expected(text, end, ":")
        if key == _KEY and text[at] == "[":
            found, end = True, (yield from _list(text, at))
        else:
            value, end = _value(text, at)
            if key in _CUT and value is not None:
                raise _refused(
                    lines.at(start),
                    "this list is cut: AWS has more images than it printed",
                    key,
                    "describe all of them, without --max-items and without --no-paginate",
                )
        end = _skipped(text, end)
        if text[end] == "}":
            return found, end + 1
        at = _expected(text, end, ",")


def _list(text: str, at: int) -> Generator[tuple[int, Any], None, int]:
    """The values of a list that starts at an offset; returns the offset behind it."""
    at = _skipped(text, at + 1)
    if text[at] == "]":
        return at + 1
    while True:
        value, end = _value(text, at)
        yield at, value
        between = _between(text, end)
        if between is None:
            _expected(text, end, ",")
            raise json.JSONDecodeError("the text ends here", text, len(text))
        at = between.end()
        if between[1] == "]":
            return at


def _skipped(text: str, at: int) -> int:
    """The offset of the next character that is not blank.

    :raises JSONDecodeError: at the end of the text.
    """
    found = _blank(text, at)
    end = found.end() if found else at
    if end >= len(text):
        raise json.JSONDecodeError("the text ends here", text, len(text))
    return end


def _expected(text: str, at: int, mark: str) -> int:
    at = _skipped(text, at)
    if text[at] != mark:
        raise json.JSONDecodeError(f"Expecting {mark!r}", text, at)
    return _skipped(text, at + 1)


def _refused(position: Position, message: str, given: str, way_out: str = "") -> InvalidFile:
    return InvalidFile([_finding(position, message, given, _DESCRIBE, way_out)])


def _finding(position: Position, message: str, given: str, allowed: str, way_out: str) -> Finding:
    return Finding(_RULE, Severity.ERROR, position, message, given, allowed, way_out)


@contextmanager
def without_collector() -> Iterator[None]:
    """Without Python's cycle collector: it would walk over everything made so far, again and again, a third of the
    time of a million images, and nothing here is a cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
