"""The files that a build may copy: those of its folder that .dockerignore does not leave out.

https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from sandbox.layers import File
from sandbox.place import SandboxError


def read_context(folder: Path, patterns: Sequence[str] | None = None) -> dict[str, File]:
    """The files of a folder by their paths in it.

    :param patterns: in place of those of .dockerignore.
    :raises SandboxError: where one of them is a link, which an image would keep and no other machine could follow.
    """
    if patterns is None:
        ignored = folder / ".dockerignore"
        patterns = ignored.read_text().splitlines() if ignored.is_file() else []
    found: dict[str, File] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if left_out(name, patterns):
            continue
        if path.is_symlink():
            raise SandboxError(f"{path} is a link.\nCopy the file, or leave it out with .dockerignore.")
        if path.is_file():
            found[name] = File(content=path.read_bytes(), executable=bool(path.stat().st_mode & 0o100))
    return found


def left_out(name: str, patterns: Sequence[str]) -> bool:
    """Whether .dockerignore leaves a path out: the last pattern that fits it, or a folder it is in, decides."""
    places = [name, *(str(parent) for parent in PurePosixPath(name).parents if str(parent) != ".")]
    out = False
    for pattern in map(str.strip, patterns):
        if pattern and not pattern.startswith("#"):
            wanted = _expression(pattern.removeprefix("!").strip("/"))
            if any(wanted.fullmatch(place) for place in places):
                out = not pattern.startswith("!")
    return out


def _expression(pattern: str) -> re.Pattern[str]:
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(signs.get(part, re.escape(part)) for part in parts))
