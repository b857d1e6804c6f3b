"""Bytes that no reader of files may fall over: one table for every reader of what a person or AWS wrote."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Final

DEEP: Final = 100_000  # levels
MANY: Final = 5_000_000  # bytes

#: Whole files.
FILES: Final = {
    "empty": b"",
    "blank": b" \n\t\r\n ",
    "a BOM alone": b"\xef\xbb\xbf",
    "a BOM before a map": b'\xef\xbb\xbf{"a": 1}',
    "UTF-16 LE": '{"a": "b"}'.encode("utf-16"),
    "UTF-16 BE": b"\xfe\xff" + '{"a": "b"}'.encode("utf-16-be"),
    "UTF-16 without a mark": '{"a": "b"}'.encode("utf-16-le"),
    "a half character as bytes": b'{"a": "\xed\xa0\x80"}',
    "NUL": b"\x00",
    "NUL in the middle": b'{"a": "b\x00"}',
    "bytes that are no text": bytes(range(128, 256)),
    "nested lists": b"[" * DEEP,
    "nested lists that end": b"[" * DEEP + b"]" * DEEP,
    "nested maps": b'{"a":' * DEEP,
    "nested by indentation": "".join(f"{' ' * level}a:\n" for level in range(3_000)).encode(),
    "a word": b"word",
    "null": b"null",
    "a number": b"3",
    "NaN": b"NaN",
    "a text": b'"text"',
    "half a character, escaped": b'"\\ud800"',
    "a list": b"[]",
    "cut": b'{"a": [',
    "a comma too many": b'{"a": [1,]}',
    "duplicate keys": b'{"a": 1, "a": 2}',
    "a key of thousands of characters": b'{"' + b"k" * 5_000 + b'": 1}',
    "one long line": b"x" * MANY,
    "many blank lines": b"\n" * MANY,
}

#: Values, put where a reader looks.
VALUES: Final = {
    "null": b"null",
    "true": b"true",
    "a number": b"3",
    "a huge number": b"9" * 5_000,
    "a huge negative number": b"-" + b"9" * 5_000,
    "a number beyond all floats": b"1e999",
    "NaN": b"NaN",
    "minus Infinity": b"-Infinity",
    "an empty text": b'""',
    "half a character": b'"\\ud800"',
    "NUL, escaped": b'"a\\u0000b"',
    "a command to a terminal": b'"a\\u001b[31mb"',
    "a text of a million characters": b'"' + b"x" * 1_000_000 + b'"',
    "a list": b"[]",
    "a map": b"{}",
    "nested lists": b"[" * DEEP + b"]" * DEEP,
    "lists nested as deeply as Python just reads": b"[" * 900 + b"]" * 900,
    "nested maps": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "duplicate keys": b'{"a": 1, "a": 2}',
    "a merge key": b'{"<<": {"a": 1}}',
}

#: Texts that mean something to a browser, a diagram, a terminal or a table, and must stay texts.
MARKUP: Final = {
    "the end of a script": "</script><script>alert(1)</script>",
    "the end of a style": "</style></title></textarea></noscript>--><img src=x onerror=alert(1)>",
    "the end of an attribute": '"\' onmouseover=alert(1) x="',
    "an address": "javascript:alert(1)",
    "a link of Markdown": "[web](javascript:alert(1)) `code` | **x**",
    "an element of SVG": "</text></svg><svg onload=alert(1)>",
    "an entity": "&lt;b&gt; &#60;b&#62; &amp",
    "a comment": "<!-- <script> ]]> -->",
    "a template": "{{ 7*7 }} {% raw %} ${7*7}",
    "an arrow of Mermaid": '"]; click n0 "javascript:alert(1)"; x-->y',
    "a directive of Mermaid": "%%{init: {'securityLevel': 'loose'}}%% end",
    "the end of a fence": "``` ~~~",
    "a command to a terminal": "\x1b[31mred\x1b]0;title\x07",
    "a link of a terminal": "\x1b]8;;http://attacker.example\x1b\\web\x1b]8;;\x1b\\",
    "a command to a terminal in one character": "\x9b31mred\x9d0;title\x9c",
    "a command to GitHub Actions": "::error file=a,line=1::broken",
    "a command to GitHub Actions in a line": "\n \t::stop-commands::x",
    "a command to GitHub Actions, the old form": "x ##[add-mask]destroys",
    "a command to Azure Pipelines": "x ##vso[task.setvariable variable=PATH]/tmp",
    "a command to TeamCity": "##teamcity[buildStatus status='SUCCESS']",
    "a direction of writing": "\u202eexe.web\u202c \u2066x\u2069",
    "half a character": "\ud800",
    "what nobody sees": "a\u200bb\u00ad\ufeff\u2028c",
}


def unreadable(folder: Path) -> dict[str, Path]:
    """Paths that cannot be read, whoever asks: root may read what others may not."""
    directory = folder / "a folder"
    directory.mkdir()
    bound = folder / "s"
    here = Path.cwd()
    os.chdir(folder)  # the name of a socket is at most 108 bytes long
    try:
        with socket.socket(socket.AF_UNIX) as bound_here:
            bound_here.bind("s")
    finally:
        os.chdir(here)
    return {"missing": folder / "missing", "a folder": directory, "a socket": bound}


def grows_in_line(work: Callable[[bytes], object], content: Callable[[int], bytes], faults: int = 500) -> bool:
    """Whether eight times as many faults take about eight times the time of the processor, and not sixty-four times.

    :param content: a file with so many faults. The time is this process's own, so it says nothing of the machine; what
        is too quick to be measured is linear enough.
    """
    small, large = content(faults), content(8 * faults)
    work(small)  # whatever is made once
    least = min(_seconds(work, small) for _ in range(3))
    return any(_seconds(work, large) < 30 * max(least, 0.01) for _ in range(3))  # one try may meet a busy machine


def _seconds(work: Callable[[bytes], object], content: bytes) -> float:
    start = process_time()
    work(content)
    return process_time() - start
