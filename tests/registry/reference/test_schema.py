"""The JSON Schemas against the shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from registry.load import check_sources
from registry.reading.document import Document
from registry.reading.shape_errors import parse_shape
from registry.reading.yaml_reader import parse, read
from registry.reference.schema import schema
from registry.shape import FileShape, Shape, TeamShape
from tests import documents
from tests.examples import examples
from tests.synth import ROOT

KINDS: list[type[Shape]] = [FileShape, TeamShape]


@cache
def schema_of(shape: type[Shape]) -> dict[str, Any]:
    return schema(shape)


@cache
def validator(shape: type[Shape]) -> Draft7Validator:
    return Draft7Validator(schema_of(shape))


def document(data: Any) -> Document:
    return parse(json.dumps(data).encode(), "f.yaml")


@pytest.mark.parametrize("shape", KINDS)
def test_it_is_a_json_schema(shape: type[Shape]) -> None:
    Draft7Validator.check_schema(schema_of(shape))


def maps(part: Any) -> Iterator[dict[str, Any]]:
    """Every map of a schema that declares keys."""
    if isinstance(part, dict):
        if isinstance(part.get("properties"), dict):
            yield part
        for inner in part.values():
            yield from maps(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from maps(inner)


@pytest.mark.parametrize("shape", KINDS)
def test_every_map_is_closed_and_everything_is_described(shape: type[Shape]) -> None:
    found = list(maps(schema_of(shape)))
    assert len(found) > 10
    for part in found:
        assert part["additionalProperties"] is False
        assert part["description"]
        for key, value in part["properties"].items():
            inside = schema_of(shape)["definitions"].get(value.get("$ref", "").rpartition("/")[2], {})
            assert value.get("description") or inside.get("description"), key
            assert "default" not in value or value["default"] is not None


@pytest.mark.parametrize("shape", KINDS)
def test_every_example_and_default_is_accepted(shape: type[Shape]) -> None:
    whole = schema_of(shape)
    for part in maps(whole):
        for key, value in part["properties"].items():
            here = Draft7Validator({**value, "definitions": whole["definitions"]})
            for example in [*value.get("examples", ()), *([value["default"]] if "default" in value else ())]:
                assert here.is_valid(example), (key, example)


@examples(60)
@given(documents.registries())
def test_what_the_model_accepts_the_schema_accepts(drawn: tuple[documents.Map, dict[str, documents.Map]]) -> None:
    root, teams = drawn
    if check_sources(documents.sources(root, teams)).registry is not None:
        assert not list(validator(FileShape).iter_errors(root))
        for team in teams.values():
            assert not list(validator(TeamShape).iter_errors(team))


SHIPPED = sorted(ROOT.glob("examples/**/*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_shipped_file_is_accepted(path: Path) -> None:
    shape = TeamShape if path.parent.name == "teams" else FileShape
    assert not list(validator(shape).iter_errors(read(path).root.value))


def places(shape: type[Shape]) -> list[tuple[str, ...]]:
    """Every key of every map, by the definition it stands in."""
    whole = schema_of(shape)
    named = {"": whole, **whole["definitions"]}
    return [(name, key) for name, part in sorted(named.items()) for key in part["properties"]]


WRONG: dict[str, list[Any]] = {
    "string": [5, True, None, [], {}],
    "integer": ["5", True, None, [], {}, 1.5],
    "boolean": ["yes", 1, None, [], {}],
    "array": ["x", 5, True, None],
    "object": ["x", 5, True, ["x"]],
}


@pytest.mark.parametrize(("name", "key"), places(FileShape))
def test_a_wrong_value_is_refused_by_both(name: str, key: str) -> None:
    """Each key gets values of each type that its schema refuses, in a map of its own."""
    whole = schema_of(FileShape)
    part = whole["definitions"][name] if name else whole
    here = Draft7Validator({**part["properties"][key], "definitions": whole["definitions"]})
    model = next(found for found in _shapes() if found.__name__ == (name or "FileShape"))
    wrong = [value for values in WRONG.values() for value in values if not here.is_valid(value)]
    assert wrong
    for value in wrong:
        with pytest.raises(ValueError, match=r"validation error"):
            model.__pydantic_validator__.validate_assignment(model.model_construct(), key, value)


def _shapes(root: type[Shape] = Shape) -> Iterator[type[Shape]]:
    for shape in root.__subclasses__():
        yield shape
        yield from _shapes(shape)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 500) | st.sampled_from(["web", "a/b", "v*", "IMMUTABLE", "1", ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["web", "add", "tags", "keep"]), inner),
    max_leaves=4,
)


@examples(100)
@given(st.sampled_from(["defaults", "lifecycles", "namespaces", "repositories", "replicas", "acceptances"]), anything)
def test_whatever_the_shape_refuses_the_schema_refuses(key: str, value: Any) -> None:
    data = {"registry": {"name": "acme", "account": "123456789012", "region": "ap-northeast-2"}, key: value}
    refused = any(f.rule != "number-as-text" for f in parse_shape(document(data), FileShape).findings)
    assert not refused or list(validator(FileShape).iter_errors(data))
