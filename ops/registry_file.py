"""How commands read the registry file: anew each time, but once for those that run one after another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.findings import Finding
    from registry.model import Registry

_KEPT: ContextVar[dict[Path, tuple[Registry, tuple[Finding, ...]]] | None] = ContextVar("_KEPT", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """What is read within is kept until its end: all commands of a deploy then speak of the same file.

    A thousand repositories take half a second to read and judge, and so do their policies.
    """
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def load(path: Path) -> tuple[Registry, tuple[Finding, ...]]:
    """The registry that a file declares, and its warnings.

    :raises InvalidRegistry: with every finding, where one is an error.
    :raises UnreadableFile: where the path names no file that can be read.
    """
    from registry import load as reading

    kept = _KEPT.get()
    if kept is None:
        return reading.load(path)
    if path not in kept:
        kept[path] = reading.load(path)
    return kept[path]
