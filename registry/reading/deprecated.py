"""Keys by the names of an earlier version: read as what they are called today, said in a warning, and rewritten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from registry.findings import Finding, Position, Severity, YamlPath, shown
from registry.reading.document import Document, Node
from registry.shape import Shape, shape_at
from registry.shape.deprecated import DEPRECATED, Deprecated

DEPRECATED_KEY: Final = "deprecated-key"
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, order=True)
class OldKey:
    """Where a key stands by its old name."""

    position: Position
    old: str
    new: str
    since: str

    @property
    def finding(self) -> Finding:
        """The warning."""
        return Finding(
            DEPRECATED_KEY,
            Severity.WARNING,
            self.position,
            f"{self.old} is called {self.new} since version {self.since}",
            shown(self.old),
            self.new,
            f"write {self.new}, or run `ecrctl rewrite`: it renames all such keys and keeps everything else",
        )


def read_old_keys(document: Document, root: type[Shape]) -> list[OldKey]:
    """Rename old keys in what was read of a file, in place; where they were.

    One that stands beside its new name stays: which of the two is meant nobody knows, and the shape refuses it.
    """
    if not DEPRECATED:
        return []
    old = {each.old for each in DEPRECATED}
    found: list[OldKey] = []
    for path, node in _maps(document.root, (), old):
        shape = shape_at(root, path)
        for each in DEPRECATED:
            if shape is not None and issubclass(shape, each.shape) and each.old in node.keys:
                if each.new in node.keys:
                    continue
                found.append(OldKey(Position(document.name, *node.keys[each.old]), each.old, each.new, each.since))
                _rename(node, each)
    return found


def _maps(node: Node, path: YamlPath, keys: set[str]) -> Iterator[tuple[YamlPath, Node]]:
    """The maps that have one of the keys. What is reached through an alias is the same map."""
    if keys & node.keys.keys():
        yield path, node
    for step, child in list(node.children.items()):
        if child.children:
            yield from _maps(child, (*path, step), keys)


def _rename(node: Node, key: Deprecated) -> None:
    """In the order in which they were written: what is said of a file follows it."""
    parts: tuple[dict[Any, Any], ...] = (node.keys, node.children, node.value)
    for held in parts:
        items = [(key.new if name == key.old else name, value) for name, value in held.items()]
        held.clear()
        held.update(items)


def rewritten(text: str, keys: Iterable[OldKey]) -> str:
    """A file's text with its old keys by their new names; quotes, comments and line ends are as they were."""
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    for key in sorted(keys, reverse=True):  # from the end: places before it stay where they are
        at = starts[key.position.line - 1] + key.position.column - 1
        at += text[at] in "'\""
        assert text.startswith(key.old, at), key
        text = text[:at] + key.new + text[at + len(key.old) :]
    return text
