"""YAML and JSON of other tools, made of data, so that no name of a file can be more than a text in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

#: What reads as text in YAML 1.1 and in 1.2 alike: 0o17, 1e3, 012345678901 and `on` do not, and get quotes.
_PLAIN: Final = re.compile(r"[A-Za-z_./$@][A-Za-z0-9_./@$%+=,(){}|&!*?<>~'\"\[\]:; -]*")
_WORDS: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"))


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their key, texts of several lines are blocks, nothing is an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if "\n" in text:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    plain = _PLAIN.fullmatch(text) and text.lower().lstrip(".") not in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _text)


def as_yaml(value: Mapping[Any, Any] | Sequence[Any], *header: str) -> str:
    """A document, with lines of comment before it; the order of keys is kept."""
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=1_000, allow_unicode=True)
    # GitHub's key `on` is a text to whoever reads YAML 1.2, and needs no quotes there.
    return comments(*header) + re.sub(r'^"on":', "on:", text, flags=re.MULTILINE)


def as_json(value: Mapping[str, Any]) -> str:
    """A JSON document, which has no comments."""
    return json.dumps(value, indent=2) + "\n"


def comments(*lines: str) -> str:
    """Lines of comment, as YAML, the shell and Dockerfiles have them; each is one line whatever is in it."""
    return "".join(f"# {' '.join(line.split())}\n" for line in lines)
