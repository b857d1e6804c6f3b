"""Documents that a JSON Schema of ours accepts, drawn by hypothesis.

For the words our schemas use, and none besides: an unknown word is an error, so that none is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
#: Words that say nothing of what is accepted.
SILENT = {"$schema", "definitions", "title", "description", "default", "examples"}
WORDS = {
    *("$ref", "anyOf", "oneOf", "allOf", "const", "enum", "type", "pattern", "minLength", "maxLength", "minimum"),
    *("maximum", "format", "items", "minItems", "maxItems", "properties", "required", "additionalProperties"),
    *("propertyNames", "minProperties", "maxProperties", "uniqueItems"),
}
WORDS_OF_OURS = ["acme", "my-registry", "us-west-2", "eu-central-1", "us-gov-west-1"]
PLAIN = st.text("abz09-._/", min_size=1, max_size=12)


class Drawer:
    """Draws what the schema of a kind of file accepts."""

    def __init__(self, root: Schema) -> None:
        self.root = root

    def documents(self) -> st.SearchStrategy[Any]:
        """Whole files."""
        return self.of(self.root)

    def of(self, schema: Schema) -> st.SearchStrategy[Any]:
        """What one part of the schema accepts."""
        unknown = set(schema) - WORDS - SILENT
        assert not unknown, f"tests/from_schema.py does not know {unknown}"
        if "$ref" in schema:
            return st.deferred(lambda: self.of(self.root["definitions"][schema["$ref"].rpartition("/")[2]]))
        if "const" in schema or "enum" in schema:
            return st.sampled_from(schema.get("enum", [schema.get("const")]))
        forms = schema.get("anyOf") or schema.get("oneOf")
        if forms and "properties" not in schema:
            around: Schema = {word: schema[word] for word in ("items", "maxItems") if word in schema}
            return st.one_of(*(self.of(form | around if form.get("type") == "array" else form) for form in forms))
        drawers: dict[str, Callable[[Schema], st.SearchStrategy[Any]]] = {
            "string": self.text,
            "integer": self.number,
            "boolean": lambda _: st.booleans(),
            "null": lambda _: st.none(),
            "array": self.list,
            "object": self.map,
        }
        return drawers[schema["type"]](schema)

    def text(self, schema: Schema) -> st.SearchStrategy[str]:
        """Text by its pattern, length or format."""
        if schema.get("format") == "date":
            return st.dates().map(str)
        pattern = schema.get("pattern", "").replace("$", r"\Z")
        if "(?=" in pattern:  # which hypothesis can only draw by trying
            return st.sampled_from([word for word in WORDS_OF_OURS if re.match(pattern, word)])
        drawn = st.from_regex(pattern) if pattern else PLAIN
        least, most = schema.get("minLength", 0), schema.get("maxLength", 10**9)
        return drawn.filter(lambda text: least <= len(text) <= most)

    def number(self, schema: Schema) -> st.SearchStrategy[int]:
        """Whole numbers within their bounds."""
        return st.integers(schema.get("minimum"), schema.get("maximum"))

    def list(self, schema: Schema) -> st.SearchStrategy[list[Any]]:
        """Lists within their lengths."""
        return st.lists(
            self.of(schema["items"]),
            min_size=schema.get("minItems", 0),
            max_size=min(3, schema.get("maxItems", 3)),
            unique=schema.get("uniqueItems", False),
        )

    def map(self, schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
        """Maps with the keys that are declared, or with free ones."""
        if "properties" not in schema:
            names = self.text(schema.get("propertyNames", {}))
            return st.dictionaries(names, self.of(schema["additionalProperties"]), max_size=3)
        needed = set(schema.get("required", ()))
        groups = [part for part in (schema, *schema.get("allOf", ())) if "oneOf" in part]
        choices = [[choice["required"][0] for choice in group["oneOf"]] for group in groups]
        if schema.get("maxProperties") == 1:
            choices.append(list(schema["properties"]))
        free = set(schema["properties"]) - needed - {key for keys in choices for key in keys}

        @st.composite
        def drawn(draw: st.DrawFn) -> dict[str, Any]:
            chosen = [draw(st.sampled_from(keys)) for keys in choices]
            more = draw(st.lists(st.sampled_from(sorted(free)), unique=True)) if free else []
            return {key: draw(self.of(schema["properties"][key])) for key in [*needed, *chosen, *more]}

        return drawn()
