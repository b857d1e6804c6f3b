"""What `make sandbox` tells a person."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sandbox.place import DEFAULT_FOLDER, Place

_console = Console(highlight=False, soft_wrap=True)
_MARGIN = "  "


def step(title: str) -> None:
    """A step begins."""
    _console.print(f"\n{title}", style="bold")


def note(text: str) -> None:
    """Something worth knowing about the current step."""
    _console.print(_MARGIN + text, markup=False)


def typed(line: str, *, who: str = "") -> None:
    """A line as somebody types it."""
    _console.print(f"{who}$ {line}", style="cyan", markup=False)


def demo_end(steps: int, seconds: float, folder: str, shells: Mapping[str, str]) -> None:
    """How long it took, and how to type the lines oneself: in a folder, as one of these."""
    files = "\n".join(f"  {name + ':':<10} . {shlex.quote(path)}" for name, path in shells.items())
    _console.print(
        f"\n{steps} steps, {seconds:.0f} s. The sandbox runs on: type the lines yourself in {folder}, as\n{files}",
        markup=False,
    )


def problem(text: str) -> None:
    """Something a person must put right."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(text, style="red", markup=False)


def repositories(rows: Sequence[tuple[str, str, str]]) -> None:
    """A table of region, repository and URI."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    for column in ("Region", "Repository", "URI"):
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    wide = Console(highlight=False, width=max(_console.width, 400))  # URIs are for copying: never cut or wrapped
    with wide.capture() as capture:
        wide.print(table)
    for line in capture.get().splitlines():
        note(line.rstrip())


def how_to_go_on(place: Place, file: Path) -> None:
    """How to use the sandbox and how to stop it."""
    name, usual_file = shlex.quote(str(file)), str(file) == "registry.yaml"
    cdk = "cdk diff" if usual_file else f"cdk diff --context registry={name}"
    usual = place.folder == DEFAULT_FOLDER
    stop = "make sandbox-stop" if usual else f"python -m sandbox --folder {shlex.quote(str(place.folder))} down"
    shell = shlex.quote(_short(place.environment_file))
    _console.print(
        f"\nThe sandbox runs on. Point a shell at it, and nowhere else, with:   . {shell}\n"
        f"  then for example:   aws ecr describe-repositories   {cdk}   ecrctl validate {name}\n"
        f"  after a change of {file}:   make sandbox{'' if usual_file else f' REGISTRY={name}'}\n"
        f"  stop it and throw its content away:   {stop}",
        markup=False,
    )


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
