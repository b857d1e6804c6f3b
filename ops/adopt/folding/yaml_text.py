"""YAML as a person writes it: one line for what fits on a line, and what stands twice written once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from registry.reading.scalars import read_scalar

LINE: Final = 120  # characters
_WORD: Final = r"[A-Za-z0-9/_][A-Za-z0-9/_.+@=*-]*"
#: What needs no quotes: words, an action of ECR.
_PLAIN: Final = re.compile(rf"{_WORD}(?: {_WORD})*|ecr:[A-Za-z*]+")
_DATE: Final = re.compile(r"[0-9]{4}-.*")


@dataclass(frozen=True)
class Anchored:
    """A value that stands in several places: whole in the first one, by its name in the others."""

    name: str
    value: Any


@dataclass(slots=True)
class Writer:
    """The text of one file. `comments` are lines above a key, by the keys that lead to it."""

    comments: Mapping[tuple[str, ...], Sequence[str]] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)

    def text(self, document: Mapping[str, Any], header: Sequence[str] = ()) -> str:
        """The whole file, with an empty line between the keys at its top."""
        parts = []
        for key, value in document.items():
            parts.append("\n".join(self._entry(key, value, 0, ())))
        return "\n".join([*(f"# {line}".rstrip() for line in header), "\n\n".join(parts)]) + "\n"

    def _entry(self, key: str, value: Any, indent: int, path: tuple[str, ...]) -> Iterator[str]:
        here = (*path, key)
        space = " " * indent
        yield from (f"{space}# {line}" for line in self.comments.get(here, ()))
        head = f"{space}{scalar(key)}:"
        if value is None:
            yield head
        elif isinstance(value, str) and (style := _literal(value)):
            yield f"{head} {style}"
            yield from (f"{space}  {line}" if line else "" for line in value.removesuffix("\n").split("\n"))
        elif not self._is_block(here, value) and len(f"{head} {self._flow(value, dry=True)}") <= LINE:
            yield f"{head} {self._flow(value)}"
        else:
            yield from self._block(head, value, indent + 2, here)

    def _is_block(self, here: tuple[str, ...], value: Any) -> bool:
        """Whether a value has lines of its own though it may fit on one: at the top, and where a comment is in it."""
        if not isinstance(value, Mapping) or not value:
            return False
        return here in _BLOCKS or any(it[: len(here)] == here and len(it) > len(here) for it in self.comments)

    def _block(self, head: str, value: Any, indent: int, here: tuple[str, ...]) -> Iterator[str]:
        if isinstance(value, Anchored):
            self.written.add(value.name)
            head, value = f"{head} &{value.name}", value.value
        if isinstance(value, Mapping):
            yield head
            for inner, it in value.items():
                yield from self._entry(inner, it, indent, here)
        elif isinstance(value, list | tuple):
            yield head
            yield from self._items(value, indent)
        else:
            yield f"{head} {self._flow(value)}"

    def _items(self, values: Sequence[Any], indent: int) -> Iterator[str]:
        space = " " * indent
        for value in values:
            if len(f"{space}- {self._flow(value, dry=True)}") <= LINE or not isinstance(value, Mapping):
                yield f"{space}- {self._flow(value)}"
                continue
            first, *others = [line for key, it in value.items() for line in self._entry(key, it, indent + 2, ("-",))]
            yield f"{space}- {first.lstrip()}"
            yield from others

    def _flow(self, value: Any, *, dry: bool = False) -> str:
        """On one line. `dry`: only to see how long it is."""
        if isinstance(value, Anchored):
            if value.name in self.written:
                return f"*{value.name}"
            if not dry:
                self.written.add(value.name)
            return f"&{value.name} {self._flow(value.value, dry=dry)}"
        if isinstance(value, Mapping):
            inner = ", ".join(f"{scalar(key)}: {self._flow(it, dry=dry)}".rstrip() for key, it in value.items())
            return f"{{{inner}}}"
        if isinstance(value, list | tuple):
            return f"[{', '.join(self._flow(it, dry=dry) for it in value)}]"
        return "" if value is None else scalar(value)


#: What has a line for each of its entries, so that a change of one is one line of a pull request.
_BLOCKS: Final = frozenset(
    (key,)
    for key in (
        *("replicas", "principals", "lifecycles", "defaults", "namespaces", "repositories", "scanning"),
        *("creation_templates", "pull_through_cache_rules", "public_repositories", "accepted_findings"),
    )
)


def _literal(text: str) -> str:
    """How a text of several lines begins that stands as it is; empty where a reader could take it for another."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 2 or not lines[0] or not lines[-1] or lines[0].startswith(" "):
        return ""
    if any(not line.isprintable() or (line and not line.strip()) for line in lines):
        return ""
    return "|" if text.endswith("\n") else "|-"


def scalar(value: Any) -> str:
    """Text, a number or a truth value; text is quoted unless it is plain for every reader, a date included."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value) and not _DATE.fullmatch(value) and read_scalar(value) == value:
        return value
    return "".join(it if it.isprintable() else f"\\U{ord(it):08x}" for it in json.dumps(value, ensure_ascii=False))
