"""From pydantic's errors to findings, and the file without what they speak of, so that rules still run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from registry.findings import Finding, Severity, shown
from registry.nearest import did_you_mean
from registry.reading.document import Document, Node
from registry.reading.misplaced import elsewhere, indent, inside, is_a_setting_among_entries, meant
from registry.reading.scalars import UNREADABLE, Ambiguous, describe
from registry.reading.yaml_reader import MAX_DEPTH
from registry.shape import FileShape, Shape, keys_of, shape_at

Location = tuple[str | int, ...]
Kind = TypeVar("Kind", bound=Shape)

SMALLEST: Final = 'registry: {name: acme, account: "123456789012", region: ap-northeast-2} and repositories: {my-app: }'
_PLACEHOLDERS: Final = {"name": "placeholder", "account": "000000000000", "region": "us-east-1"}


def parse_shape(document: Document, shape: type[Kind]) -> tuple[Kind | None, list[Finding], frozenset[Location]]:
    """Check a document's shape.

    Returns the shape without the damaged parts (None where nothing is left to look at), the findings, and
    the places that were damaged.
    """
    data = document.root.value
    if data is None:
        return None, [] if document.findings else [_empty(document, shape)], frozenset()
    try:
        return shape.model_validate(data), [], frozenset()
    except ValidationError as problem:
        errors = _errors(problem, data)
    findings = [_finding(document, error, shape) for error in errors if error["input"] is not UNREADABLE]
    if not isinstance(data, dict):
        return None, findings, frozenset()
    damaged = {tuple(error["loc"]) for error in errors}
    return _without_damage(_copied(data), errors, damaged, shape), findings, frozenset(damaged)


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


def _errors(problem: ValidationError, data: Any) -> list[ErrorDetails]:
    """pydantic's errors with places of the file: without the tags that say which form of a value was meant."""
    errors = problem.errors(include_url=False)
    for error in errors:
        if any(step in _FORMS for step in error["loc"]):
            error["loc"] = _without_forms(error["loc"], data)
    return errors


_FORMS: Final = {"(list)", "(map)", "(text)"}


def _without_forms(location: Location, data: Any) -> Location:
    kept: list[str | int] = []
    for step in location:
        if step in _FORMS and not (isinstance(data, dict) and step in data):
            continue
        kept.append(step)
        if isinstance(data, dict):
            data = data.get(str(step))
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
    return tuple(kept)


def _copied(value: Any) -> Any:
    """A copy in which aliases are values of their own: what is taken out in one place stays in the others."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _without_damage(
    data: dict[str, Any], errors: Sequence[ErrorDetails], damaged: set[Location], shape: type[Kind]
) -> Kind | None:
    """The file without its damaged parts, with placeholders for what must be there; adds to `damaged`."""
    for _ in range(MAX_DEPTH):
        for error in errors:
            location = tuple(error["loc"])
            if error["type"] == "missing" and location[0] != "registry" and len(location) > 1:
                location = location[:-1]  # what lacks a key goes as a whole
            damaged.add(_drop(data, location))
        try:
            return shape.model_validate(data)
        except ValidationError as problem:
            errors = _errors(problem, data)
    return None  # damaged deeper than parts can say; what was found is reported all the same


#: Keys whose entries stand for something even with nothing in them.
_ENTRIES: Final = {"lifecycles", "namespaces", "replicas", "repositories"}


def _drop(data: dict[str, Any], location: Location) -> Location:
    """Take one part out of the file and return the place that is damaged by it."""
    head, step = location[0], location[-1]
    if head == "registry":
        _replace(data, location)
        return location
    if location == ("namespace",):
        data["namespace"] = ""
        return location
    if head == "acceptances" and len(location) > 1:
        return _keep_rule_only(data["acceptances"], int(location[1]))
    if head == "lifecycles" and len(location) > 2 and isinstance(location[2], str):
        return _drop(data, location[:2])  # ECR's own policy goes as a whole
    parent: Any = data
    for above in location[:-1]:
        parent = parent[int(above)] if isinstance(parent, list) else parent.get(above, {})
    if isinstance(parent, list) and head == "lifecycles" and len(location) == 3:
        parent[int(step)] = {}  # the sentences after it keep their places
    elif isinstance(parent, list):
        return _drop(data, location[:-1])
    elif len(location) == 2 and head in _ENTRIES:
        parent[step] = [] if head == "lifecycles" else None
    else:
        parent.pop(step, None)
    return location


def _replace(data: dict[str, Any], location: Location) -> None:
    """Mend the registry: it and its three keys must be there."""
    if len(location) == 1:
        data["registry"] = dict(_PLACEHOLDERS)
    elif location[1] in _PLACEHOLDERS:
        data["registry"][location[1]] = _PLACEHOLDERS[str(location[1])]
    else:
        data["registry"].pop(location[1], None)


def _keep_rule_only(acceptances: list[Any], index: int) -> Location:
    """Mend an acceptance: the others keep their places, and a rule that can be read stays accepted."""
    rule = acceptances[index].get("rule") if isinstance(acceptances[index], dict) else None
    acceptances[index] = {"rule": rule if isinstance(rule, str) else "", "reason": ""}
    return ("acceptances", index)


def _finding(document: Document, error: ErrorDetails, shape: type[Shape]) -> Finding:
    location, kind = tuple(error["loc"]), error["type"]
    node = document.node(location)
    rule, message, given, allowed, way_out = _text(error, location, node, shape)
    position = document.position(location, key=kind == "extra_forbidden")
    return Finding(rule, Severity.ERROR, position, message, given, allowed, way_out)


def _text(
    error: ErrorDetails, location: Location, node: Node | None, shape: type[Shape]
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


def _unknown_key(location: Location, value: object, root: type[Shape]) -> tuple[str, str, str, str, str]:
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


def _name(location: Location) -> str:
    return ".".join(str(step) for step in location) or "the file"


def _item(text: str) -> str:
    """Text as an item of a list in brackets."""
    return text if re.fullmatch(r"[A-Za-z][\w./-]*", text) else f'"{text}"'


def _given(value: object) -> str:
    if isinstance(value, list | tuple):
        return "a list"
    return "a map" if isinstance(value, dict) else shown(value)


def _description(location: Location, root: type[Shape]) -> str:
    shape = shape_at(root, location[:-1])
    field = shape.model_fields.get(str(location[-1])) if shape else None
    return (field.description or "") if field else ""
