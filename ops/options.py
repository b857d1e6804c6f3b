"""Options that several commands have, and how a command asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from registry.findings import printable

DEFAULT_FILE: Final = Path("registry.yaml")

RegistryFile = Annotated[
    Path, typer.Option("--registry", "-f", metavar="FILE", help="The registry file.", show_default=True)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print a Markdown table.")]
App = Annotated[
    Path | None,
    typer.Option("--app", metavar="FOLDER", help="The output of `cdk synth --output FOLDER`; default: synthesize it."),
]


def app_option(folder: Path | None) -> list[str]:
    """The same option in the words of a command line."""
    return [] if folder is None else ["--app", str(folder)]


Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def ask_person(question: str) -> bool:
    """What a person answers."""
    return typer.confirm(printable(question), err=True)  # standard output is for answers


def ask_text(question: str) -> str:
    """What a person types."""
    return str(typer.prompt(printable(question), err=True))


def assume_yes(question: str) -> bool:
    """Yes to everything."""
    del question
    return True


def confirm_unless(yes: bool) -> Callable[[str], bool]:
    """How to ask: not at all with `--yes`."""
    return assume_yes if yes else ask_person
