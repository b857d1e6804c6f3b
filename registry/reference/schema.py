"""The JSON Schemas of the two kinds of file, made from their shapes; for editors, and for people who generate files.

They say what a schema can say: keys, types, defaults, examples, patterns, counts. What looks across the file is said
by rules (`ecrctl validate`). Draft 7, which every YAML language server knows.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from registry.shape import FileShape, Shape, TeamShape

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
TITLES: Final = {FileShape: "An Amazon ECR registry", TeamShape: "A team's part of an Amazon ECR registry"}


class _Generator(GenerateJsonSchema):
    """None in a shape means that a key is not written; a file cannot write it, and it is no default."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made, default = self.generate_inner(schema["schema"]), schema.get("default")
        return made if default is None else {**made, "default": self.encode_default(default)}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """pydantic would say patternProperties, which lets any other key pass."""
        names = self.generate_inner(schema["keys_schema"])
        said = {word: names[word] for word in names if word != "type"}
        values = self.generate_inner(schema["values_schema"])
        return {"type": "object", "additionalProperties": values, **({"propertyNames": said} if said else {})}

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema(shape: type[Shape]) -> dict[str, Any]:
    """The JSON Schema of the files that have a shape: `FileShape` or `TeamShape`."""
    made = shape.model_json_schema(schema_generator=_Generator, ref_template="#/definitions/{model}")
    definitions = {name: _plain(inner) for name, inner in sorted(made.pop("$defs").items())}
    return {"$schema": DRAFT, **_plain(made), "title": TITLES[shape], "definitions": definitions}


def _plain(value: Any) -> Any:
    """Without the names of our classes, which say nothing to a reader, and with descriptions on one line."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return list(value) if isinstance(value, tuple) else value
    if isinstance(value.get("title"), str) and ("type" in value or "properties" in value):
        value = {key: inner for key, inner in value.items() if key != "title"}
    if isinstance(value.get("description"), str):
        value = {**value, "description": " ".join(value["description"].split())}
    return {key: _plain(inner) for key, inner in value.items()}
