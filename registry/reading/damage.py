"""What pydantic says of a file, with places of the file, and the file without what could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from registry.findings import YamlPath
from registry.reading.yaml_reader import MAX_DEPTH
from registry.shape import EVERYWHERE, Shape
from registry.shape.forms import FORM_ERROR, NO_FORMS

Kind = TypeVar("Kind", bound=Shape)

_PLACEHOLDERS: Final = {"name": "placeholder", "account": "000000000000", "region": "us-east-1"}


def validate(shape: type[Kind], data: Any) -> tuple[Kind | None, list[ErrorDetails]]:
    """The shape, unless a part is damaged, and pydantic's errors with places of the file.

    pydantic does not look at a list or a map as a whole while something in it is wrong. So what lacks its form is told,
    and let through when it looks again.
    """
    told: set[tuple[int, int]] = set()
    errors: list[ErrorDetails] = []
    for _ in range(MAX_DEPTH):
        try:
            return shape.model_validate(data, context=told), errors
        except ValidationError as problem:
            found = problem.errors(include_url=False)
        without_form = [error for error in found if error["type"] == FORM_ERROR]
        new = without_form if told else found
        for error in new:
            error["loc"] = _in_file(error["loc"], data)
        errors += new
        if not without_form:
            break
        told |= {(id(error["ctx"]["of"][0]), id(error["input"])) for error in without_form}
    return None, errors


#: Which form of a value was meant, and that the key of a map is: steps of pydantic's, which no file has.
_FORMS: Final = {"(list)", "(map)", "(text)"}
_KEY: Final = "[key]"


def _in_file(location: YamlPath, data: Any) -> YamlPath:
    """A place without pydantic's own steps, except that it is a key."""
    kept: list[str | int] = []
    for step in location:
        inside = isinstance(data, dict) and step in data
        if not inside and (step in _FORMS or (step == EVERYWHERE and isinstance(data, str))):
            continue
        kept.append(step)
        if isinstance(data, dict):
            data = data.get(str(step))
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
    return tuple(kept)


def place_of(error: ErrorDetails) -> tuple[YamlPath, bool]:
    """Where an error of form is, and whether it is the key that stands there."""
    location = tuple(error["loc"])
    if location[-1:] == (_KEY,):
        return location[:-1], True
    return location, error["ctx"]["of"][0].key


def _copied(value: Any) -> Any:
    """A copy in which aliases are values of their own: what is taken out in one place stays in the others."""
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def without_damage(
    data: dict[str, Any], errors: Sequence[ErrorDetails], damaged: set[YamlPath], shape: type[Kind]
) -> Kind | None:
    """The file without its damaged parts, with placeholders for what must be there; adds to `damaged`.

    Values that lack their form stay.
    """
    data = _copied(data)
    for _ in range(MAX_DEPTH):
        for error in errors:
            location = tuple(error["loc"])
            if error["type"] == "missing" and location[0] != "registry" and len(location) > 1:
                location = location[:-1]  # what lacks a key goes as a whole
            damaged.add(_drop(data, location))
        try:
            return shape.model_validate(data, context=NO_FORMS)
        except ValidationError as problem:
            errors = problem.errors(include_url=False)
        for error in errors:
            error["loc"] = _in_file(error["loc"], data)
    return None  # damaged deeper than parts can say; what was found is reported all the same


#: Keys whose entries stand for something even with nothing in them.
_ENTRIES: Final = {"lifecycles", "namespaces", "replicas", "repositories"}


def _drop(data: dict[str, Any], location: YamlPath) -> YamlPath:
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


def _replace(data: dict[str, Any], location: YamlPath) -> None:
    """Mend the registry: it and its three keys must be there."""
    if len(location) == 1:
        data["registry"] = dict(_PLACEHOLDERS)
    elif location[1] in _PLACEHOLDERS:
        data["registry"][location[1]] = _PLACEHOLDERS[str(location[1])]
    else:
        data["registry"].pop(location[1], None)


def _keep_rule_only(acceptances: list[Any], index: int) -> YamlPath:
    """Mend an acceptance: the others keep their places, and a rule that can be read stays accepted."""
    rule = acceptances[index].get("rule") if isinstance(acceptances[index], dict) else None
    acceptances[index] = {"rule": rule if isinstance(rule, str) else "", "reason": ""}
    return ("acceptances", index)
