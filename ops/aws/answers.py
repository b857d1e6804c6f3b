"""How an answer of JSON is read: as botocore reads it, three times as fast.

Of a thousand repositories with a hundred images each, botocore's own reader takes longer than the network. It asks the
model of every value anew, and makes times by a library that knows no other way to the local zone. Here the model of a
shape is asked once, and Python's own datetime makes the times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from botocore.parsers import DEFAULT_TIMESTAMP_PARSER, PROTOCOL_PARSERS, JSONParser, ResponseParserFactory

_Read = Callable[[Any], Any]
_SCALARS: Final = frozenset({"boolean", "double", "float", "integer", "long", "string"})


def moment(value: Any) -> datetime:
    """A time in the zone of this machine, which JSON has in seconds since 1970."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).astimezone()
    found: datetime = DEFAULT_TIMESTAMP_PARSER(value)
    return found


class JsonReader(JSONParser):
    """botocore's parser of JSON, with a function for each shape that has been met."""

    def _parse_shape(self, shape: Any, node: Any) -> Any:
        read = _reader(shape)
        return super()._parse_shape(shape, node) if read is None else read(node)  # type: ignore[misc]


@cache
def _reader(shape: Any) -> _Read | None:
    """How a shape is read; None for what botocore has to read itself."""
    kind = shape.type_name
    if kind in _SCALARS:
        return _as_it_is
    if kind == "timestamp":
        return moment
    if kind == "list":
        inner = _reader(shape.member)
        return None if inner is None else _list_reader(inner)
    if kind == "map" and shape.key.type_name == "string":
        inner = _reader(shape.value)
        return None if inner is None else lambda node: {key: inner(value) for key, value in node.items()}
    if kind == "structure" and not shape.is_document_type and not shape.is_tagged_union:
        return _structure_reader(shape)
    return None


def _as_it_is(value: Any) -> Any:
    return value


def _list_reader(inner: _Read) -> _Read:
    if inner is _as_it_is:
        return list
    return lambda node: [None if it is None else inner(it) for it in node]


def _structure_reader(shape: Any) -> _Read | None:
    members = {}
    for name, member in shape.members.items():
        inner = _reader(member)
        if inner is None:
            return None
        members[member.serialization.get("name", name)] = (name, inner)

    def read(node: Any) -> Any:
        if node is None:
            return None
        found = {}
        for key, value in node.items():
            if value is not None and key in members:
                name, inner = members[key]
                found[name] = value if inner is _as_it_is else inner(value)
        return found

    return read


#: How bodies begin, by protocol.
_BEGIN: Final = {"json": b"{", "rest-json": b"{", "query": b"<", "ec2": b"<", "rest-xml": b"<"}


class _Forgiving:
    """A failure of a server whose body is not in the service's language is a failure all the same, and tried again.

    botocore knows only pages that begin with <html>, and ends with an exception where a proxy says it in plain words:
    https://github.com/boto/botocore/pull/2463
    """

    _begin: bytes

    def _is_generic_error_response(self, response: Mapping[str, Any]) -> bool:
        body = bytes(response["body"] or b"").strip().lower()
        return response["status_code"] >= 500 and (not body.startswith(self._begin) or b"<html" in body[:200])


@cache
def _forgiving(protocol: str) -> type[Any]:
    """The reader of a protocol, likewise."""
    reader = JsonReader if protocol == "json" else PROTOCOL_PARSERS[protocol]
    return type("Reader", (_Forgiving, reader), {"_begin": _BEGIN[protocol]})


class Readers(ResponseParserFactory):
    """Gives this reader for services that speak JSON, and botocore's for others, each of them forgiving."""

    def create_parser(self, protocol_name: str) -> Any:
        """The parser of a protocol."""
        return _forgiving(protocol_name)() if protocol_name in _BEGIN else super().create_parser(protocol_name)
