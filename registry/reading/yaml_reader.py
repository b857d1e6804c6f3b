"""YAML text to plain data, with the line and column of every value, and a finding for each thing refused.

The tree is built from libyaml's events, not by PyYAML's composer or constructor: those crash on deep
nesting, accept duplicate and merge keys silently and turn `1.10` into 1.1
(docs/decisions/0002-yaml-and-validation.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from registry.findings import Finding, Position, Severity, shown
from registry.reading.document import Document, Node
from registry.reading.file_text import MAX_BYTES, TextRefused, content_of, decoded, end_of
from registry.reading.scalars import UNREADABLE, describe, read_scalar

MAX_DEPTH: Final = 40  # levels; a registry needs eight
MAX_ALIASED: Final = 100_000  # values reached through aliases, counted as often as they are reached

#: Editors show them as a space, or not at all, and YAML takes them for letters: a web page's copy button leaves them.
_LOOKS_LIKE_SPACE: Final = "\xa0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000"
_ODD_SPACE: Final = re.compile(f"^[{_LOOKS_LIKE_SPACE}]|[{_LOOKS_LIKE_SPACE}]$|(?<=:)[{_LOOKS_LIKE_SPACE}]")
_ODD_INDENT: Final = re.compile(f"^ *([{_LOOKS_LIKE_SPACE}])")


class _Stop(Exception):
    """Reading cannot go on; the finding says why."""


def read(path: Path, name: str | None = None) -> Document:
    """Read a file.

    :param path: the file; `name` is what findings call it, as a rule the path as the person gave it.
    :raises UnreadableFile: where there is no file, it may not be read, or it is a folder.
    """
    return parse(content_of(path, name, limit=MAX_BYTES), name or str(path))


def parse(content: bytes, name: str) -> Document:
    """Parse the bytes of a file; never raises for what they hold: see `Document.findings`."""
    reader = _Reader(name)
    root = Node(1, 1, None)
    try:
        reader.text = decoded(content)
        root = reader.document(reader.text)
    except TextRefused as refused:
        reader.refuse(*refused.args)
    except _Stop:
        pass
    except yaml.MarkedYAMLError as problem:
        reader.syntax(problem)
    except yaml.YAMLError as problem:  # the reader's own errors carry no mark
        reader.refuse(1, 1, "yaml-syntax", f"this is not YAML: {problem}", way_out="save the file as UTF-8 text")
    return Document(name, root, reader.findings)


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.findings: list[Finding] = []
        self.anchors: dict[str, Node] = {}
        self.aliased = 0
        self.text = ""

    def line(self, number: int) -> str:
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def refuse(
        self,
        line: int,
        column: int,
        rule: str,
        message: str,
        given: str = "",
        allowed: str = "",
        way_out: str = "",
    ) -> None:
        position = Position(self.name, line, column)
        self.findings.append(Finding(rule, Severity.ERROR, position, message, given, allowed, way_out))

    def syntax(self, problem: yaml.MarkedYAMLError) -> None:
        if any(finding.rule == "odd-space" for finding in self.findings):
            return  # the cause has been told
        mark = problem.problem_mark or problem.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        end = end_of(self.text)
        if line > end[0]:
            line, column = end  # libyaml counts one more line where the last one does not end
        said = " ".join(part for part in (problem.context, problem.problem) if part)
        way_out = "check the indentation, the colons and the quotes of this line and the one before"
        if "\t" in self.line(line)[:column]:
            way_out = "indent with spaces: YAML allows no tabs there"
        elif odd := _ODD_INDENT.search(self.line(line)) or _ODD_INDENT.search(self.line(line - 1)):
            way_out = f"indent with spaces of the space bar: U+{ord(odd.group(1)):04X} only looks like one"
        elif "scanning an alias" in said and (pattern := _pattern_before(self.line(line), column)):
            way_out = f'write "{pattern}", with the quotes: a * without them is no text'
        self.refuse(line, column, "yaml-syntax", f"this is not YAML: {said}", way_out=way_out)

    def document(self, text: str) -> Node:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        events: Iterator[Any] = iter(yaml.parse(text, Loader=loader))
        root = Node(1, 1, None)
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse(
                        *_at(event),
                        "one-document",
                        "a second document begins here",
                        "---",
                        "one document in a file",
                        "remove the line, or give the rest a file of its own",
                    )
                    raise _Stop
            elif isinstance(event, yaml.NodeEvent):
                root = self.node(event, events, 1)
        return root

    def node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, depth)
        line, column = _at(event)
        if depth > MAX_DEPTH:
            self.refuse(
                line,
                column,
                "nesting",
                "the nesting is too deep",
                f"more than {MAX_DEPTH} levels",
                f"at most {MAX_DEPTH} levels",
                "remove the brackets or the indentation",
            )
            raise _Stop
        if event.tag is not None:
            self.refuse(
                line,
                column,
                "yaml-tag",
                "YAML tags are not used here",
                event.tag.replace("tag:yaml.org,2002:", "!!"),
                "values without a tag",
                "remove the tag; put text that looks like a number into quotes",
            )
        if isinstance(event, yaml.ScalarEvent):
            quoted = not event.implicit[0]
            if not quoted and (odd := _ODD_SPACE.search(event.value)):
                self.refuse(
                    line,
                    column,
                    "odd-space",
                    "here is a character that only looks like a space",
                    f"U+{ord(odd.group()):04X}",
                    "spaces of the space bar (U+0020)",
                    "type the space again; put text that needs the character into quotes",
                )
                return Node(line, column, UNREADABLE)
            return self.kept(
                event, Node(line, column, event.value if quoted else read_scalar(event.value), event.value)
            )
        if isinstance(event, yaml.SequenceStartEvent):
            return self.kept(event, self.sequence(Node(line, column, []), events, depth))
        return self.kept(event, self.mapping(Node(line, column, {}), events, depth))

    def kept(self, event: Any, node: Node) -> Node:
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def alias(self, event: Any, depth: int) -> Node:
        line, column = _at(event)
        target = self.anchors.get(event.anchor)
        if target is None:
            self.refuse(
                line,
                column,
                "alias",
                "this alias has no anchor before it",
                f"*{event.anchor}",
                "the name of an anchor that ends before this line",
                f'write "*{event.anchor}", with the quotes, for a pattern; or &{event.anchor} at a value before it, '
                "or the value itself",
            )
            return Node(line, column, UNREADABLE)
        self.aliased += target.size
        if self.aliased > MAX_ALIASED or depth + target.height > MAX_DEPTH:
            self.refuse(
                line,
                column,
                "alias",
                "the aliases expand to too much",
                f"*{event.anchor}",
                f"at most {MAX_ALIASED:,} values and {MAX_DEPTH} levels through aliases",
                "write values out, or use defaults and namespaces instead of aliases",
            )
            raise _Stop
        return target

    def sequence(self, node: Node, events: Iterator[Any], depth: int) -> Node:
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            child = self.node(event, events, depth + 1)
            node.children[len(node.value)] = child
            node.value.append(child.value)
            _grow(node, child)
        return node

    def mapping(self, node: Node, events: Iterator[Any], depth: int) -> Node:
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key_at = _at(event)
            key = self.node(event, events, depth + 1)
            child = self.node(next(events), events, depth + 1)
            name = self.key(key, key_at)
            if name is None:
                continue
            if name in node.keys:
                self.refuse(
                    *key_at,
                    "duplicate-key",
                    "this key stands twice in the same place",
                    shown(name),
                    f"each key once; the first is in line {node.keys[name][0]}",
                    "remove one, or move its content to the other",
                )
                continue
            node.keys[name] = key_at
            node.children[name] = child
            node.value[name] = child.value
            _grow(node, child)
        return node

    def key(self, key: Node, at: tuple[int, int]) -> str | None:
        if key.value == "<<":
            self.refuse(
                *at,
                "merge-key",
                "merge keys are not used here",
                "<<",
                "keys written out",
                "use defaults, namespaces or a named lifecycle for what several entries share",
            )
        elif isinstance(key.value, str):
            return key.value
        elif key.value is UNREADABLE:
            pass  # an alias without an anchor, or an odd space, and said so
        elif isinstance(key.value, list | dict):
            self.refuse(*at, "key-type", "a key must be text", "a list or a map", "text", "remove the brackets")
        else:
            self.refuse(
                *at,
                "number-as-text",
                f"YAML does not read this key as text but as {describe(key.value)}",
                key.text or "nothing",
                "text",
                f'write "{key.text}"' if key.text else "write a name",
            )
        return None


def _at(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _pattern_before(line: str, column: int) -> str:
    """The unquoted word with a * that a column is in, or just behind."""
    found = [it for it in re.finditer(r"\*[^\s,\]}]*", line) if it.start() < column]
    return found[-1].group() if found else ""


def _grow(node: Node, child: Node) -> None:
    node.size += child.size
    node.height = max(node.height, child.height + 1)
