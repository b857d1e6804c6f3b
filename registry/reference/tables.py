"""The YAML reference and the rules, as Markdown, from the shapes and the rules themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from registry.reference.schema import schema
from registry.rules.other_findings import explanations
from registry.shape import FileShape, TeamShape

_INTRODUCTION: Final = """\
# Reference of registry.yaml

Made by `make docs` from `registry/shape/`. Every key there is, what holds without it, and what it says. Unknown keys
are refused. What rules check beyond this is in [rules.md](rules.md).
"""
_RULES: Final = """\
# Rules

Made by `make docs` from `registry/rules/` and `registry/shape/`. `ecrctl rule ID` prints one of them. Errors stop a
synth. Warnings do not: they can be accepted in the file (`acceptances`) by their id, with a reason and, if you like, a
last day.
"""
_TYPES: Final = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "object": "map",
    "array": "list",
}


def reference() -> str:
    """docs/reference.md."""
    root, team = schema(FileShape), schema(TeamShape)
    maps = {"The root file, `registry.yaml`": root, "A team's file": team}
    maps |= {_heading(name): inner for name, inner in {**team["definitions"], **root["definitions"]}.items()}
    return "\n".join([_INTRODUCTION, *(line for title, inner in maps.items() for line in _section(title, inner))])


def rule_table() -> str:
    """docs/rules.md."""
    lines = [_RULES]
    for subject, found in groupby(explanations(), key=lambda it: it.subject):
        lines.append(f"## {subject}\n")
        for each in found:
            source = f" [Source]({each.link.removeprefix('docs/')})" if each.link else ""
            lines += [f"### {each.id}\n", f"**{each.title}** ({each.severity}). {each.why}{source}\n"]
    return "\n".join(lines).removesuffix("\n") + "\n"


def _section(title: str, inner: dict[str, Any]) -> Iterator[str]:
    yield f"\n## {title}\n"
    yield f"{inner['description']}\n"
    yield "| key | type | default | what it says | example |"
    yield "|---|---|---|---|---|"
    for key, value in inner["properties"].items():
        needed = "required" if key in inner.get("required", ()) else _default(value)
        example = f"`{json.dumps(value['examples'][0])}`" if value.get("examples") else ""
        said = _cell(value.get("description", ""))
        yield f"| `{key}` | {_cell(_type(value))} | {_cell(needed)} | {said} | {_cell(example)} |"


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    return "" if default in (None, [], {}) else f"`{json.dumps(default)}`".replace('"', "")


def _type(value: dict[str, Any]) -> str:
    """The type of a value in words; other maps of the reference by name."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return f"[{_heading(name)}](#{_heading(name).lower().replace(' ', '-')})"
    forms = value.get("anyOf") or value.get("oneOf")
    if forms:
        return " or ".join(dict.fromkeys("nothing" if form.get("type") == "null" else _type(form) for form in forms))
    if "enum" in value:
        return ", ".join(f"`{word}`" for word in value["enum"])
    if "const" in value:
        return f"`{json.dumps(value['const'])}`"
    if value.get("type") == "array":
        return f"list of {_type(value['items'])}"
    if isinstance(value.get("additionalProperties"), dict):
        return f"map from name to {_type(value['additionalProperties'])}"
    return _TYPES[value["type"]]


def _heading(definition: str) -> str:
    """What a map is called: the name of its shape in words."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in definition.removesuffix("Shape"))
    return words.strip().capitalize()


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
