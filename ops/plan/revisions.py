"""A registry file and its team files as they are in a revision of git, without a checkout."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, Final

from registry.errors import ExitCode, RegistryError
from registry.reading import yaml_reader

_FILES: Final = ("100644", "100755")  # modes of git; a link is 120000


class NoSuchRevision(RegistryError):
    """It is neither a file nor a revision, or the revision has no such file."""

    exit_code = ExitCode.INVALID


@contextmanager
def file_at(revision: str, file: Path) -> Iterator[Path]:
    """A copy of a registry file and of the team files it includes, as a revision has them, for as long as it is needed.

    :param revision: what git knows: a branch, a tag, a commit.
    :param file: the file in the working tree; it need not be there any more.
    :raises NoSuchRevision: where git knows no such revision, or the revision has no such file.
    """
    folder = _folder(file)
    if b"not a git repository" in _run(folder, "rev-parse", "--git-dir").stderr:
        raise NoSuchRevision(
            f'"{revision}" is no file that is there, and no revision: {folder} is in no repository of git\n'
            "    allowed: a registry file, or a branch, a tag or a commit\n"
            "    way out: look at the path, or run this in the repository of the registry file"
        )
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").strip()
    if not commit:
        raise NoSuchRevision(
            f'"{revision}" is neither a file nor a revision that git knows in {folder}\n'
            "    allowed: a registry file, or a branch, a tag or a commit\n"
            f"    way out: fetch it (`git fetch origin {revision}`); in a workflow check out the whole history"
        )
    prefix = _git(folder, "rev-parse", "--show-prefix").decode("utf-8", "surrogateescape").rstrip("\n")
    tree = _tree(folder, commit.decode(), prefix)
    name = file.name
    if name not in tree:
        raise NoSuchRevision(f"{revision} has no file {prefix}{name}\n    way out: name a revision that has it")
    root = _blobs(folder, [tree[name]])[0]
    included = _included(root, name, tree)
    contents = dict(zip(included, _blobs(folder, [tree[each] for each in included]), strict=True))
    with tempfile.TemporaryDirectory() as place:
        for path, content in {name: root, **contents}.items():
            target = Path(place, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        yield Path(place, name)


def _folder(file: Path) -> Path:
    """The nearest folder of a file that is there."""
    folder = file.absolute().parent
    while not folder.is_dir():
        folder = folder.parent
    return folder


def _tree(folder: Path, commit: str, prefix: str) -> dict[str, str]:
    """The files below a folder of a commit, relative to it, by the ids of their contents."""
    listed = _git(folder, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *([prefix] if prefix else []))
    found = {}
    for row in listed.decode("utf-8", "surrogateescape").split("\0"):
        head, _, path = row.partition("\t")
        if path and head.split()[0] in _FILES and ".." not in PurePosixPath(path).parts:  # a forged tree may have it
            found[path.removeprefix(prefix)] = head.split()[2]
    return found


def _included(root: bytes, name: str, tree: Mapping[str, str]) -> list[str]:
    """The files that the `include` of a root file names; what else is wrong with it is found when it is read."""
    data: Any = yaml_reader.parse(root, name).root.value
    patterns = data.get("include") if isinstance(data, dict) else None
    wanted = [PurePosixPath(it).parts for it in (patterns if isinstance(patterns, list) else ()) if isinstance(it, str)]
    return [path for path in tree if path != name and any(_matches(PurePosixPath(path).parts, it) for it in wanted)]


def _matches(path: Sequence[str], pattern: Sequence[str]) -> bool:
    return len(path) == len(pattern) and all(map(fnmatchcase, path, pattern))


def _blobs(folder: Path, ids: Sequence[str]) -> list[bytes]:
    """The contents of ids, all in one call."""
    if not ids:
        return []
    said = _git(folder, "cat-file", "--batch", given="".join(f"{each}\n" for each in ids).encode())
    found, at = [], 0
    for _ in ids:
        end = said.index(b"\n", at)
        size = int(said[at:end].split()[2])
        found.append(said[end + 1 : end + 1 + size])
        at = end + size + 2
    return found


def _git(folder: Path, *words: str, given: bytes = b"") -> bytes:
    """What git says in a folder; nothing where the answer is no."""
    finished = _run(folder, *words, given=given)
    if finished.returncode and finished.stderr:
        said = finished.stderr.decode(errors="replace").strip()
        raise NoSuchRevision(f"git cannot be asked in {folder}: {said}\n    way out: name a file that is there instead")
    return finished.stdout


def _run(folder: Path, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run git; what it says is in English, which `file_at` looks at."""
    english = {**os.environ, "LC_ALL": "C"}
    try:
        return subprocess.run(  # noqa: S603
            ["git", "-C", str(folder), *words],  # noqa: S607
            input=given,
            capture_output=True,
            check=False,
            env=english,
        )
    except OSError as problem:
        raise NoSuchRevision(f"git does not start: {problem}\n    way out: install git, or name two files") from problem
