"""From pydantic's errors to findings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Generic

from pydantic_core import ErrorDetails

from registry.findings import Finding, Severity, YamlPath, shown
from registry.nearest import did_you_mean
from registry.reading.damage import Kind, place_of, validate, without_damage
from registry.reading.document import Document, Node
from registry.reading.misplaced import elsewhere, indent, inside, is_a_setting_among_entries, meant
from registry.reading.scalars import UNREADABLE, Ambiguous, describe
from registry.shape import FileShape, Shape, keys_of, shape_at
from registry.shape.forms import FORM_ERROR

SMALLEST: Final = 'registry: {name: acme, account: "123456789012", region: ap-northeast-2} and repositories: {my-app: }'


@dataclass(frozen=True, slots=True)
class ParsedShape(Generic[Kind]):
    """What a document comes to: its shape without the damaged parts (None where nothing is left to look at).

    `damaged` are the places that could not be read. `refused` are those whose values lack their form: they could be
    read, and rules look at all but these values.
    """

    shape: Kind | None
    findings: list[Finding]
    damaged: frozenset[YamlPath] = frozenset()
    refused: frozenset[YamlPath] = frozenset()


def parse_shape(document: Document, shape: type[Kind]) -> ParsedShape[Kind]:
    """Check a document's shape and the forms of its values."""
    data = document.root.value
    if data is None:
        return ParsedShape(None, [] if document.findings else [_empty(document, shape)])
    left, errors = validate(shape, data)
    found = [_finding(document, error, shape) for error in errors if error["input"] is not UNREADABLE]
    findings = list(dict.fromkeys(found))  # what an alias repeats is said once
    if not isinstance(data, dict):
        return ParsedShape(None, findings)
    refused = frozenset(place_of(error)[0] for error in errors if error["type"] == FORM_ERROR)
    errors = [error for error in errors if error["type"] != FORM_ERROR]
    damaged = {tuple(error["loc"]) for error in errors}
    if left is None:
        left = without_damage(data, errors, damaged, shape)
    return ParsedShape(left, findings, frozenset(damaged), refused)


def _empty(document: Document, shape: type[Shape]) -> Finding:
    root = shape is FileShape
    return Finding(
        "empty-file",
        Severity.ERROR,
        document.position(()),
        "the file declares nothing",
        "",
        "a registry and its repositories" if root else "a namespace and its repositories",
        f"begin with {SMALLEST}" if root else "begin with namespace: and repositories:",
    )


def _finding(document: Document, error: ErrorDetails, shape: type[Shape]) -> Finding:
    location, kind = tuple(error["loc"]), error["type"]
    if kind == FORM_ERROR:
        form, refusal = error["ctx"]["of"]
        place, key = place_of(error)
        said = (refusal.message, refusal.given, refusal.allowed, refusal.way_out)
        return Finding(form.limit.id, Severity.ERROR, document.position(place, key=key), *said, form.limit.link)
    node = document.node(location)
    rule, message, given, allowed, way_out = _text(error, location, node, shape)
    position = document.position(location, key=kind == "extra_forbidden")
    return Finding(rule, Severity.ERROR, position, message, given, allowed, way_out)


def _text(
    error: ErrorDetails, location: YamlPath, node: Node | None, shape: type[Shape]
) -> tuple[str, str, str, str, str]:
    """Rule, message, given, allowed and way out of one error."""
    kind, value, name = error["type"], error["input"], _name(location)
    if kind == "extra_forbidden":
        return _unknown_key(location, value, shape)
    if kind == "missing":
        field = _description(location, shape)
        return "missing-key", f"{name} is missing", "", field, f"write `{location[-1]}:` with its value"
    if kind == "empty_value" or value is None:
        return (
            "empty-value",
            f"{name} has no value",
            "nothing",
            _description(location, shape),
            "write a value, or remove the key",
        )
    if kind == "literal_error":
        return _not_one_of(error, name, value)
    if kind == "string_type" and isinstance(value, Ambiguous | bool | int | float) and node is not None:
        return (
            "number-as-text",
            f"{name} is not text: YAML reads it as {describe(value)}",
            node.text,
            "text",
            f'write "{node.text}", with the quotes',
        )
    if kind == "tuple_type" and isinstance(value, dict) and "lifecyclePolicyText" in value:
        return (
            "wrong-type",
            f"{name} is AWS's answer around a policy",
            "lifecyclePolicyText",
            "the policy itself: {rules: [...]}",
            "paste what `aws ecr get-lifecycle-policy` prints with --query lifecyclePolicyText --output text",
        )
    if kind == "tuple_type" and isinstance(value, str):
        return "wrong-type", f"{name} must be a list", _given(value), "a list", f"write [{_item(value)}]"
    if kind == "string_type" and location[-1] == "tagged" and isinstance(value, list):
        return (
            "tag-pattern-list",
            "a list of patterns is not clear here",
            _given(value),
            "one pattern, or {any_of: [...]}, or {all_of: [...]}; in ECR's own rules a list means all of them",
            "write any_of for images that match one of them, all_of for images that match each of them",
        )
    if kind == "int_type" and isinstance(value, str) and value.isdigit():
        return (
            "wrong-type",
            f"{name} must be a whole number",
            shown(value),
            "a whole number",
            "remove the quotes",
        )
    if kind == "bool_type" and isinstance(value, Ambiguous):
        return (
            "wrong-type",
            f"{name} must be true or false",
            value.text,
            "true or false",
            "write true or false",
        )
    wanted, example = _WANTED.get(kind, (error["msg"], ""))
    if kind == "model_type" and is_a_setting_among_entries(location):
        example = indent(location)
    return "wrong-type", f"{name} must be {wanted}", _given(value), wanted, example or f"write {wanted}"


_WANTED: Final = {
    "string_type": ("text", ""),
    "int_type": ("a whole number", ""),
    "bool_type": ("true or false", ""),
    "dict_type": ("a map of keys and values", "write one `key: value` a line, indented, without a dash"),
    "model_type": ("a map of keys and values", "write one `key: value` a line, indented, without a dash"),
    "tuple_type": ("a list", "write one `- item` a line, or [item, item]"),
}


def _unknown_key(location: YamlPath, value: object, root: type[Shape]) -> tuple[str, str, str, str, str]:
    shape = shape_at(root, location[:-1])
    known = keys_of(shape) if shape else []
    key = str(location[-1])
    return (
        "unknown-key",
        f"{_name(location[:-1])} has no key {shown(key)}",
        shown(key),
        ", ".join(known),
        elsewhere(location, value, root)
        or meant(key, known)
        or did_you_mean(key, known)
        or inside(location, value)
        or "remove it",
    )


def _not_one_of(error: ErrorDetails, name: str, value: object) -> tuple[str, str, str, str, str]:
    allowed = [word.strip("'") for word in re.split(r", | or ", error.get("ctx", {}).get("expected", ""))]
    allowed = ["true" if word == "True" else word for word in allowed]
    way_out = did_you_mean(str(value), allowed) or f"write {allowed[0]}"
    if allowed == ["true"]:
        way_out = "write true, or remove the key"
    return "not-allowed", f"{name} cannot have this value", _given(value), ", ".join(allowed), way_out


def _name(location: YamlPath) -> str:
    return ".".join(str(step) for step in location) or "the file"


def _item(text: str) -> str:
    """Text as an item of a list in brackets."""
    return text if re.fullmatch(r"[A-Za-z][\w./-]*", text) else f'"{text}"'


def _given(value: object) -> str:
    if isinstance(value, list | tuple):
        return "a list"
    return "a map" if isinstance(value, dict) else shown(value)


def _description(location: YamlPath, root: type[Shape]) -> str:
    shape = shape_at(root, location[:-1])
    field = shape.model_fields.get(str(location[-1])) if shape else None
    return (field.description or "") if field else ""
