"""How an answer of JSON is read: as botocore reads it, three times as fast.

Of a thousand repositories with a hundred images each, botocore's own reader takes longer than the network. It asks the
model of every value anew, and makes times by a library that knows no other way to the local zone. Here the model of a
shape is asked once, Python's own datetime makes the times, and maps are at once what the rest of ecrctl gets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timezone
from functools import cache, lru_cache
from typing import Any, Final

from botocore.parsers import DEFAULT_TIMESTAMP_PARSER, PROTOCOL_PARSERS, JSONParser, ResponseParserFactory

_Read = Callable[[Any], Any]
_Make = Callable[[], dict[str, Any]]
_SCALARS: Final = frozenset({"boolean", "double", "float", "integer", "long", "string"})
_NUMBERS: Final = frozenset({int, float})
#: Seconds. Clocks are set forward and back at its multiples, in every zone since 1972.
_QUARTER: Final = 900


def moment(value: Any) -> datetime:
    """A time in the zone of this machine, which JSON has in seconds since 1970."""
    if type(value) in _NUMBERS:
        return datetime.fromtimestamp(value, _zone(value // _QUARTER))
    found: datetime = DEFAULT_TIMESTAMP_PARSER(value)
    return found


@lru_cache(maxsize=10_000)
def _zone(quarter: float) -> timezone:
    """How far this machine's zone is from UTC in a quarter of an hour. Asked for every image, it took a seventh."""
    zone = datetime.fromtimestamp(quarter * _QUARTER, UTC).astimezone().tzinfo
    assert isinstance(zone, timezone)
    return zone


class JsonReader(JSONParser):
    """botocore's parser of JSON, with a function for each shape that has been met.

    :param make: an empty map of an answer, for the name of its shape.
    """

    def __init__(self, make: Callable[[str], _Make] = lambda _: dict) -> None:
        super().__init__()
        self._make = cache(make)

    def _parse_shape(self, shape: Any, node: Any) -> Any:
        read = _reader(shape, self._make(shape.name))
        return super()._parse_shape(shape, node) if read is None else read(node)  # type: ignore[misc]


@cache
def _reader(shape: Any, make: _Make) -> _Read | None:
    """How a shape is read; None for what botocore has to read itself."""
    kind = shape.type_name
    if kind in _SCALARS:
        return _as_it_is
    if kind == "timestamp":
        return moment
    if kind == "list":
        inner = _reader(shape.member, make)
        return None if inner is None else _list_reader(inner)
    if kind == "map" and shape.key.type_name == "string":
        inner = _reader(shape.value, make)
        return None if inner is None else lambda node: {key: inner(value) for key, value in node.items()}
    if kind == "structure" and not shape.is_document_type and not shape.is_tagged_union:
        return _structure_reader(shape, make)
    return None


def _as_it_is(value: Any) -> Any:
    return value


def _list_reader(inner: _Read) -> _Read:
    def read(node: Any) -> Any:
        if None in node:  # botocore would hand it on, to whoever reads the entries
            raise ValueError("a list has null in it")
        return list(node) if inner is _as_it_is else [inner(it) for it in node]

    return read


def _structure_reader(shape: Any, make: _Make) -> _Read | None:
    """Most of what a structure has is taken over as it is, in one step; only the rest is looked at one by one."""
    inner = {name: _reader(member, make) for name, member in shape.members.items()}
    renamed = any(member.serialization.get("name", name) != name for name, member in shape.members.items())
    if renamed or None in inner.values():
        return None
    known = inner.keys()
    rest = [(name, read) for name, read in inner.items() if read is not None and read is not _as_it_is]

    def read(node: Any) -> Any:
        if node is None:
            return None
        if None in node.values() or not node.keys() <= known:
            node = {name: value for name, value in node.items() if value is not None and name in known}
        found = make()
        found.update(node)
        for name, read_inner in rest:
            if name in node:
                found[name] = read_inner(node[name])
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


class _Json(_Forgiving, JsonReader):
    _begin = b"{"


@cache
def _forgiving(protocol: str) -> type[Any]:
    """botocore's reader of a protocol, likewise."""
    readers: Any = PROTOCOL_PARSERS
    return type("Reader", (_Forgiving, readers[protocol]), {"_begin": _BEGIN[protocol]})


class Readers(ResponseParserFactory):
    """Gives this reader for ECR, and botocore's for others, each of them forgiving; `make` is the reader's."""

    def __init__(self, make: Callable[[str], _Make] | None) -> None:
        super().__init__()
        self._json = _Json(make) if make is not None else None

    def create_parser(self, protocol_name: str) -> Any:
        """The parser of a protocol. botocore asks for it at each call; what this reader knows of shapes is kept."""
        if protocol_name == "json" and self._json is not None:
            return self._json
        return _forgiving(protocol_name)() if protocol_name in _BEGIN else super().create_parser(protocol_name)
