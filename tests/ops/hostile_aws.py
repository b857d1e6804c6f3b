"""An AWS that answers every call as its service may, with one text wherever a text can stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from tests.ops.stubs import ACCOUNT, HOME

#: What commands look things up by; everything else is the text.
KNOWN: Final = {
    "repositoryName": "web/api",
    "registryId": ACCOUNT,
    "Account": ACCOUNT,
    "imageDigest": f"sha256:{'0' * 64}",
    "RegionName": HOME,
    "region": HOME,
}
_PAGES: Final = frozenset({"nexttoken", "marker", "nextmarker"})
_MOST: Final = 500  # calls of a command that waits for what never comes


def told(shape: Any, text: str, known: Mapping[str, str], above: frozenset[str] = frozenset()) -> Any:
    """A value of a shape of botocore: one row in each list, and no further page."""
    if shape.name in above:
        return None  # it holds itself
    inside = above | {shape.name}
    if shape.type_name == "structure":
        members = {
            name: known[name] if name in known and member.type_name == "string" else told(member, text, known, inside)
            for name, member in shape.members.items()
            if name.lower() not in _PAGES
        }
        return {name: value for name, value in members.items() if value is not None}
    if shape.type_name == "list":
        row = told(shape.member, text, known, inside)
        return [] if row is None else [row]
    if shape.type_name == "map":
        value = told(shape.value, text, known, inside)
        return {} if value is None else {text: value}
    if shape.type_name == "string":
        return shape.enum[0] if getattr(shape, "enum", None) else text
    plain = {"timestamp": datetime(2026, 11, 26, tzinfo=UTC), "boolean": False, "blob": text.encode(errors="replace")}
    return plain.get(shape.type_name, 1)


def answer(monkeypatch: pytest.MonkeyPatch, said: Callable[[Any, str], Any]) -> None:
    """Have `said` answer in the place of the network: the model of an operation, and its name."""
    left = [_MOST]

    def call(client: Any, operation: str, parameters: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise ClientError({"Error": {"Code": "Throttling", "Message": "enough"}}, operation)
        return said(client.meta.service_model.operation_model(operation), operation)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)


def everything(monkeypatch: pytest.MonkeyPatch, text: str, known: Mapping[str, str] = KNOWN) -> None:
    """Have every call succeed."""

    def said(model: Any, operation: str) -> Any:
        if operation == "GetCallerIdentity":
            return {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/me", "UserId": "me"}
        return told(model.output_shape, text, known) if model.output_shape is not None else {}

    answer(monkeypatch, said)


def refuse(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Have every call refused, but who asks is known."""

    def said(model: Any, operation: str) -> Any:
        if operation == "GetCallerIdentity":
            return {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/me", "UserId": "me"}
        raise ClientError({"Error": {"Code": text, "Message": text}}, operation)

    answer(monkeypatch, said)
