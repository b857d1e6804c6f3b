"""The bytes of a file, and the text they are: UTF-8, printable, and no larger than anybody writes by hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from registry.errors import UnreadableFile

MAX_BYTES: Final = 16 * 1024 * 1024

# Also what YAML 1.1 takes for the end of a line and YAML 1.2 and editors do not, marks nobody sees, and what turns the
# direction of writing: a comment could look like a key, and a key like a comment. https://github.com/nickboucher/trojan-source
_UNPRINTABLE: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


class TextRefused(Exception):
    """Bytes that are no text of ours: line, column, rule, message, given, allowed and way out."""


def content_of(path: Path, name: str | None = None, *, limit: int | None = None) -> bytes:
    """The bytes of a file.

    :param name: what messages call it (default: the path).
    :param limit: of a longer file one byte more is read than these, enough to know that it is longer.
    :raises UnreadableFile: where there is no file, it may not be read, or it is a folder.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(-1 if limit is None else limit + 1)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise UnreadableFile(f"{name or path}: cannot be read: {reason}") from problem


def decoded(content: bytes) -> str:
    """The text of a file that a person writes.

    :raises TextRefused: where it is too large, not UTF-8, or not printable.
    """
    if len(content) > MAX_BYTES:
        raise TextRefused(
            1,
            1,
            "file-size",
            "the file is too large",
            f"more than {MAX_BYTES:,} bytes",
            f"at most {MAX_BYTES:,} bytes",
            "give each team or account a file of its own",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        utf_16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        raise TextRefused(
            *end_of(content[: problem.start].decode("utf-8", "replace")),
            "encoding",
            "the file is not UTF-8 text",
            "UTF-16 text" if utf_16 else f"byte 0x{content[problem.start]:02x}",
            "UTF-8",
            "save the file with the encoding UTF-8",
        ) from problem
    if found := _UNPRINTABLE.search(text):
        raise TextRefused(
            *end_of(text[: found.start()]),
            "encoding",
            "here is a control character",
            f"U+{ord(found.group()):04X}",
            "printable text",
            "delete the character, or write it as an escape inside double quotes",
        )
    return text


def end_of(text: str) -> tuple[int, int]:
    """Line and column, from 1, of the place after a text."""
    lines = re.split(r"\r\n|\r|\n", text)
    return len(lines), len(lines[-1]) + 1
