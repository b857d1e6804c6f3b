"""Keys that had another name in an earlier version. They are still read, and a warning says the name of today.

A key that is renamed stays here for at least one minor version (docs/versions.md); `ecrctl rewrite` renames it in
files. What takes more than another name (another kind of value, another place) is no entry here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from registry.shape.base import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecated:
    """A key of a map, its name of today, and the first version in which it has that."""

    shape: type[Shape]
    old: str
    new: str
    since: str


#: None yet: 0.1.0 is the first version.
DEPRECATED: Final[tuple[Deprecated, ...]] = ()
