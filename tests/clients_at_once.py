"""Clients of AWS that are made in a third of the time: what each of them makes anew is the same, and is kept.

Each test, and each ecrctl that is a fork, still has sessions, credentials and clients of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
import botocore.client
import botocore.hooks
import botocore.session

#: The services of which commands are clients in every region, or always.
SERVICES = ("cloudformation", "ec2", "ecr", "iam", "sts")


@cache
def install() -> None:
    """In this process, and in those that are its forks."""
    # The descriptions of services, tens of megabytes of JSON, are read once.
    botocore.session.create_loader = cache(botocore.session.create_loader)
    _keep(botocore.client.ClientCreator, "_create_client_class")
    _keep(botocore.hooks.EventAliaser, "_alias_event_name")
    vars(botocore.hooks)["accepts_kwargs"] = _kept_by_code(botocore.hooks.accepts_kwargs)


def read_all() -> None:
    """What a fork reads itself, every fork has to read."""
    install()
    for service in SERVICES:
        client: Any = boto3.Session(region_name="us-east-1").client(service)  # type: ignore[call-overload]
        client.can_paginate(next(iter(client.meta.method_to_api_mapping)))


def _keep(kind: type, name: str) -> None:
    """Keep what a method answers by its first argument: the name of a service, or of an event."""
    asked, kept = getattr(kind, name), {}

    def answer(self: Any, *arguments: Any) -> Any:
        if arguments[0] not in kept:
            kept[arguments[0]] = asked(self, *arguments)
        return kept[arguments[0]]

    setattr(kind, name, answer)


def _kept_by_code(asked: Callable[..., Any]) -> Callable[..., Any]:
    """Keep what is said of a function by its code, and nothing alive that the function belongs to."""
    kept: dict[Any, Any] = {}

    def answer(function: Any) -> Any:
        code = getattr(function, "__code__", None)
        if code is None:
            return asked(function)
        if code not in kept:
            kept[code] = asked(function)
        return kept[code]

    return answer
