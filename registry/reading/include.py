"""The team files a root file includes: found, read, and bounded.

A pattern names files beside the root file or below it. It cannot lead elsewhere, not through a link either:
who may change a team's file is decided by where it lies.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from registry.errors import UnreadableFile
from registry.findings import Finding, Severity, shown
from registry.reading import yaml_reader
from registry.reading.document import Document
from registry.reading.sources import Sources

MAX_FILES: Final = 1_000


class _Refused(Exception):
    """A pattern that cannot be followed: message, allowed and way out."""


def read_files(path: Path, name: str | None = None) -> Sources:
    """A root file with the team files it includes; never raises for what they hold.

    :param name: what findings call the root file, as a rule the path as the person gave it (default).
    :raises UnreadableFile: where there is no such file, it may not be read, or it is a folder.
    """
    root = yaml_reader.read(path, name)
    data = root.root.value
    patterns = data.get("include") if isinstance(data, dict) else None
    teams: dict[str, Document] = {}
    findings: list[Finding] = []
    for index, pattern in enumerate(patterns if isinstance(patterns, list) else ()):
        if not isinstance(pattern, str):
            continue  # the shape says so
        try:
            for file in _matching(pattern, path):
                name = _beside(root.name, path, file)
                if name not in teams:
                    teams[name] = yaml_reader.read(file, name)
                if len(teams) > MAX_FILES:
                    raise _Refused("too many files are included", f"at most {MAX_FILES:,} files", "join some of them")
        except UnreadableFile as problem:
            findings.append(
                _finding(root, index, pattern, str(problem), "files that can be read", "correct or remove it")
            )
        except _Refused as problem:
            findings.append(_finding(root, index, pattern, *problem.args))
    return Sources(root, dict(sorted(teams.items())), tuple(findings))


def _matching(pattern: str, path: Path) -> Iterator[Path]:
    inside = "paths below this file's folder, with / between the parts; `*` is a wildcard"
    parts = pattern.split("/")
    if "\\" in pattern or any(part in ("", ".", "..", "**") for part in parts) or ":" in parts[0]:
        raise _Refused("this path is not followed", inside, "write it as in teams/*.yaml")
    folder = path.resolve().parent
    try:
        found = sorted(file for file in folder.glob(pattern) if not file.name.startswith("."))
    except (OSError, ValueError) as problem:
        raise _Refused(f"this path cannot be followed: {problem}", inside, "write it as in teams/*.yaml") from problem
    if not found:
        raise _Refused(
            "no file has such a name",
            "a pattern that matches a team's file",
            f"create one, such as {pattern.replace('*', 'web')}",
        )
    for file in found:
        if not file.resolve().is_relative_to(folder):
            raise _Refused(
                f"{file.name} is a link to outside this folder", inside, "put the file itself into this folder"
            )
        if file.resolve() == path.resolve():
            raise _Refused("the file includes itself", "the files of teams", "give team files a folder of their own")
    files = [file for file in found if file.is_file()]
    if not files:
        raise _Refused(
            f"{found[0].name} is not a file", inside, "name a file, or the files of the folder, as in teams/*.yaml"
        )
    yield from files


def _beside(name: str, path: Path, file: Path) -> str:
    """What findings call an included file: as the person would write it from where the root file was named."""
    folder = name.rpartition("/")[0]
    inside = file.relative_to(path.resolve().parent).as_posix()
    return f"{folder}/{inside}" if folder or name.startswith("/") else inside


def _finding(root: Document, index: int, pattern: str, message: str, allowed: str, way_out: str) -> Finding:
    position = root.position(("include", index))
    return Finding("include", Severity.ERROR, position, message, shown(pattern), allowed, way_out)
