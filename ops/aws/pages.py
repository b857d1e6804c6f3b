"""Tokens of pages that go in a circle, which botocore follows for ever: it knows only the last one.

https://github.com/boto/botocore/issues/3778
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

#: What requests for a next page call its token.
_TOKENS: Final = ("nextToken", "NextToken", "Marker")


class Pages:
    """The pages that one client has been asked for.

    Of each operation only the list that a thread reads now is remembered: the next one may have the same tokens.
    """

    def __init__(self) -> None:
        self._reading: dict[tuple[int, str], tuple[Mapping[str, Any], set[str]]] = {}

    def in_a_circle(self, operation: str, parameters: Mapping[str, Any]) -> bool:
        """Whether this page of a list has been asked for already; it counts as asked for now."""
        reader = (threading.get_ident(), operation)
        token = next((str(parameters[name]) for name in _TOKENS if parameters.get(name)), None)
        if token is None:
            self._reading.pop(reader, None)
            return False
        wanted = {name: it for name, it in parameters.items() if name not in _TOKENS}
        known, tokens = self._reading.get(reader, (wanted, set[str]()))
        if known != wanted:
            tokens = set()
        again = token in tokens
        self._reading[reader] = (wanted, tokens | {token})
        return again
