"""Build an image from a Dockerfile without Docker, as far as that goes: files and settings, and nothing is run.

The base image is left out, because it is in another registry and nothing here leaves the machine; so are the steps that
RUN. What cannot be built in this way is refused, and not built in another way than Docker would.
https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from sandbox.context import read_context
from sandbox.layers import File, Image, image
from sandbox.place import SandboxError

_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{(\w+)\})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """An image, and the instructions that were left out."""

    image: Image
    left_out: tuple[str, ...]


@dataclass
class _Stage:
    """A stage so far: all its files, those of each layer, its settings and its variables."""

    files: dict[str, File] = field(default_factory=dict)
    layers: list[dict[str, File]] = field(default_factory=list)
    runs: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    def copy(self) -> _Stage:
        return _Stage(dict(self.files), list(self.layers), json.loads(json.dumps(self.runs)), dict(self.variables))


def build(folder: Path, arguments: Mapping[str, str]) -> Built:
    """The image that FOLDER/Dockerfile describes.

    :param arguments: values for its ARGs.
    :raises SandboxError: where there is no Dockerfile, or one with something that takes Docker.
    """
    file = folder / "Dockerfile"
    if not file.is_file():
        raise SandboxError(f"{file} does not exist.\nName the folder of a Dockerfile, for example: examples/app")
    building = _Building(folder, arguments)
    for number, text in _instructions(file.read_text()):
        try:
            building.read(text)
        except (_NotBuilt, ValueError) as problem:
            raise SandboxError(
                f"{file}:{number}: {problem}\n    given:   {text}\n    way out: build it with Docker"
            ) from problem
    unused = sorted(set(arguments) - building.declared)
    if unused:
        raise SandboxError(f"{file} has no ARG {', '.join(unused)}.\nDeclare it there, or leave --build-arg out.")
    last = building.stage
    return Built(image=image(last.layers, last.runs), left_out=tuple(building.left_out))


class _NotBuilt(Exception):
    """An instruction that cannot be followed here."""


class _Building:
    def __init__(self, folder: Path, arguments: Mapping[str, str]) -> None:
        self._context = read_context(folder)
        self._arguments = arguments
        self._stages: dict[str, _Stage] = {}
        self.stage = _Stage()
        self.left_out: list[str] = []
        self.declared: set[str] = set()

    def read(self, text: str) -> None:
        """Follow one instruction."""
        word, _, rest = text.partition(" ")
        follow = getattr(self, f"_{word.lower()}", None)
        if follow is None:
            raise _NotBuilt(f"{word} cannot be followed without Docker")
        follow(rest.strip())

    def _from(self, rest: str) -> None:
        words = [word for word in rest.split() if not word.startswith("--")]  # --platform: the base is left out anyway
        known = self._stages.get(words[0])
        if known is None:
            self.left_out.append(f"FROM {words[0]}")
        self.stage = known.copy() if known else _Stage()
        if len(words) == 3 and words[1].lower() == "as":
            self._stages[words[2]] = self.stage

    def _run(self, rest: str) -> None:
        self.left_out.append(f"RUN {rest}")

    def _arg(self, rest: str) -> None:
        name, _, default = rest.partition("=")
        self.declared.add(name)
        self.stage.variables[name] = self._arguments.get(name, self._filled(default))

    def _env(self, rest: str) -> None:
        for name, value in self._pairs(rest):
            self.stage.variables[name] = value
            kept = [it for it in self.stage.runs.get("Env", []) if not it.startswith(f"{name}=")]
            self.stage.runs["Env"] = [*kept, f"{name}={value}"]

    def _label(self, rest: str) -> None:
        self.stage.runs.setdefault("Labels", {}).update(self._pairs(rest))

    def _workdir(self, rest: str) -> None:
        self.stage.runs["WorkingDir"] = str(PurePosixPath(self.stage.runs.get("WorkingDir", "/")) / self._filled(rest))

    def _user(self, rest: str) -> None:
        self.stage.runs["User"] = self._filled(rest)

    def _expose(self, rest: str) -> None:
        ports = [port if "/" in port else f"{port}/tcp" for port in self._filled(rest).split()]
        self.stage.runs.setdefault("ExposedPorts", {}).update({port: {} for port in ports})

    def _entrypoint(self, rest: str) -> None:
        self.stage.runs["Entrypoint"] = _words(rest)

    def _cmd(self, rest: str) -> None:
        self.stage.runs["Cmd"] = _words(rest)

    def _copy(self, rest: str) -> None:
        words = shlex.split(self._filled(rest))
        flags = [word for word in words if word.startswith("--")]
        *sources, target = words[len(flags) :]
        files = self._context
        for flag in flags:
            stage = self._stages.get(flag.removeprefix("--from="))
            if stage is None:
                raise _NotBuilt(f"COPY {flag} cannot be followed without Docker")
            files = stage.files
        layer: dict[str, File] = {}
        for source in sources:
            layer |= _copied(files, source, self._inside(target), into=target.endswith(("/", ".")) or len(sources) > 1)
        self.stage.files |= layer
        self.stage.layers.append(layer)

    def _inside(self, target: str) -> PurePosixPath:
        """A path from the root of the image, without the first slash."""
        return (PurePosixPath(self.stage.runs.get("WorkingDir", "/")) / target).relative_to("/")

    def _pairs(self, rest: str) -> list[tuple[str, str]]:
        found = [word.partition("=") for word in shlex.split(rest)]
        if not all(sign for _, sign, _ in found):
            raise _NotBuilt("only NAME=VALUE can be followed")
        return [(name, self._filled(value)) for name, _, value in found]

    def _filled(self, text: str) -> str:
        return _VARIABLE.sub(lambda found: self.stage.variables.get(found[1] or found[2], ""), text)


def _copied(files: Mapping[str, File], source: str, target: PurePosixPath, *, into: bool) -> dict[str, File]:
    """A file under its new name, or what is in a folder.

    :param into: the target is a folder that files get into.
    """
    path = source.strip("/").removeprefix("./").rstrip("/")
    if path in files:
        return {str(target / PurePosixPath(path).name if into else target): files[path]}
    beginning = "" if path in ("", ".") else f"{path}/"
    found = {str(target / name[len(beginning) :]): file for name, file in files.items() if name.startswith(beginning)}
    if not found:
        raise _NotBuilt(f"there is no {source} to copy; .dockerignore may leave it out")
    return found


def _words(rest: str) -> list[str]:
    try:
        found = json.loads(rest)
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(word, str) for word in found):
        raise _NotBuilt('only the form ["word", "word"] can be followed')
    return found


def _instructions(text: str) -> list[tuple[int, str]]:
    """Each instruction in one line, with the number of its first one."""
    found: list[tuple[int, str]] = []
    begun: tuple[int, str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        first, before = begun or (number, "")
        joined = before + line.strip()
        if joined.endswith("\\"):
            begun = first, joined[:-1]
        else:
            found.append((first, joined))
            begun = None
    return found
