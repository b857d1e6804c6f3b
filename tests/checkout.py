"""A checkout of its own for tests that type commands, and a terminal to type them in."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tests.synth import ROOT

#: What is the user's, and half of all files, which no verb of a user needs.
_LEFT_OUT = {".git", ".venv", ".sandbox", ".check", "registry.yaml", "tests", "benchmarks"}
#: What the tests and the tools leave behind, in any folder.
_LEFT_BEHIND = shutil.ignore_patterns("node_modules", "cdk.out", ".*_cache", ".hypothesis")
#: Big, and started by none of them.
_NOT_NEEDED = shutil.ignore_patterns("ruff", "uv*", "zizmor*")


def checkout(folder: Path, registry: str, without: Collection[str] = ()) -> Path:
    """A copy of this checkout with a user's registry.yaml, in a path with spaces and of more than 255 bytes.

    Its .venv is one of its own, as after copying or moving the folder; what is only read lies here.

    :param without: folders that are not needed.
    """
    place = folder / "a checkout, copied" / ("a" * 120) / ("b" * 140)
    shutil.copytree(ROOT, place, ignore=partial(_ignored, without=without), symlinks=True)
    shutil.copytree(ROOT / ".venv" / "bin", place / ".venv" / "bin", symlinks=True, ignore=_NOT_NEEDED)
    for name in ("pyvenv.cfg", ".ready"):
        shutil.copy(ROOT / ".venv" / name, place / ".venv" / name)
    (place / ".sandbox").mkdir()
    for name in (".venv/lib", "node_modules", ".sandbox/venv"):
        (place / name).symlink_to(ROOT / name)
    (place / "registry.yaml").write_text(registry)
    return place


def _ignored(folder: str, names: list[str], without: Collection[str] = ()) -> set[str]:
    left_out = (_LEFT_OUT | set(without)).intersection(names) if Path(folder) == ROOT else set()
    return _LEFT_BEHIND(folder, names) | left_out


def published(folder: Path) -> Path:
    """This project as a company clones it, a repository of git: v0.1.0 is as it is here, then comes v0.2.0.

    In v0.2.0 repositories have one property more; the rest is the same.
    """
    place = folder / "published here"
    shutil.copytree(ROOT, place, ignore=_ignored, symlinks=True)
    git("init", "--quiet", "--initial-branch=main", at=place)
    _release(place, "v0.1.0")
    for file, old, new in (
        ("registry/__init__.py", 'VERSION: Final = "', 'VERSION: Final = "0.2.0"  # "'),
        (
            "constructs/repository.py",
            "True if repository.empty_on_delete else None",
            "repository.empty_on_delete",
        ),
    ):
        text = (place / file).read_text()
        assert old in text
        (place / file).write_text(text.replace(old, new, 1))
    _release(place, "v0.2.0")
    return place


def _release(place: Path, version: str) -> None:
    git("add", "--all", at=place)
    git("commit", "--quiet", "--message", version, at=place)
    git("tag", version, at=place)


def git(*words: str, at: Path) -> str:
    """What git says, without the settings of the machine."""
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    alone = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": "/usr/bin:/bin",
        "HOME": str(at),
        **who,
    }
    return subprocess.run(["git", *words], cwd=at, env=alone, capture_output=True, text=True, check=True).stdout.strip()


def typed(command: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell as CI does: nobody is there to answer, and nothing is a terminal."""
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def typed_in_a_terminal(
    command: str, folder: Path, environment: Mapping[str, str], answers: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell as a person does; `answers` is what the person types, each line after its question."""
    ours, theirs = pty.openpty()
    running: subprocess.Popen[Any] = subprocess.Popen(
        ["bash", "-c", command],
        cwd=folder,
        env={"TERM": "xterm", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, answers.encode())
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux says so at the end of a terminal
            break
        if not part:
            break
        said += part
    os.close(ours)
    return subprocess.CompletedProcess(command, running.wait(), said.decode(errors="replace").replace("\r\n", "\n"))
