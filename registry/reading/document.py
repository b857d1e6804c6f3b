"""A parsed file: plain data, and the line and column of every value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.findings import Finding, Position


@dataclass(slots=True, eq=False)
class Node:
    """A value, where it stands, and the nodes inside it. `keys` holds where each key of a mapping stands."""

    line: int
    column: int
    value: Any
    text: str = ""
    children: dict[str | int, Node] = field(default_factory=dict)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    size: int = 1
    height: int = 1


@dataclass(slots=True, eq=False)
class Document:
    """A parsed file: its data, its positions and what was refused while reading it."""

    name: str
    root: Node
    findings: list[Finding]

    def node(self, path: Sequence[str | int]) -> Node | None:
        """The node at a path, or None where the file has none."""
        node: Node | None = self.root
        for step in path:
            if node is None:
                return None
            node = node.children.get(step)
        return node

    def position(self, path: Sequence[str | int], *, key: bool = False) -> Position:
        """Where the value at `path` stands (or its key); for what is not written, where its parent stands."""
        node, line, column = self.root, self.root.line, self.root.column
        for depth, step in enumerate(path):
            child = node.children.get(step)
            if child is None:
                break
            at_key = node.keys.get(str(step))
            wants_key = key and depth == len(path) - 1
            # An empty value stands nowhere of its own: point at its key.
            if at_key and (wants_key or child.value is None or child.children):
                line, column = at_key
            else:
                line, column = child.line, child.column
            node = child
        return Position(self.name, line, column)
