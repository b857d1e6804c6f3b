"""The program ecrctl, to which each file of ops/commands/ adds its command, and where errors become messages.

Commands import what they need when they run, so that `validate` stays fast and `--help` instant.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import cache
from typing import Annotated, Any

import typer
import typer.main
from typer.core import TyperGroup

from ops.registry_file import read_once
from ops.terminal import say
from registry import VERSION
from registry.errors import ExitCode
from registry.findings import printable


class Panel(StrEnum):
    """The parts of --help, in this order; within one the commands stand by name."""

    FILE = "The file (no AWS account needed)"
    DEPLOY = "Around a deploy"
    LATER = "The day after"
    IMAGES = "Images"


class Commands(TyperGroup):
    """Every command of ecrctl runs in here, so that none has to think of what AWS may answer."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Panel by panel."""
        panels = list(Panel)
        return sorted(
            self.commands, key=lambda name: (panels.index(vars(self.commands[name])["rich_help_panel"]), name)
        )

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what botocore raises becomes a CloudError. It is not loaded for that."""
        try:
            return super().invoke(ctx)
        except typer.TyperException as problem:  # bad usage: Typer shows it, with words of the command line in it
            if isinstance(said := getattr(problem, "message", None), str):
                problem.message = "\n".join(map(printable, said.split("\n")))
            raise
        except Exception:
            if "ops.aws.cloud" not in sys.modules:
                raise
            from ops.aws.cloud import aws_errors

            with aws_errors():
                raise


app = typer.Typer(
    name="ecrctl",
    cls=Commands,
    help="Operate an Amazon ECR registry that registry.yaml declares.",
    epilog="Exit codes: 0 fine; 1 findings, drift, or the answer is no; 2 bad usage, or a file that cannot be read or "
    "is invalid; 3 could not tell, because of credentials, AWS or the network; 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        say(f"ecrctl {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What holds for all commands."""


@cache
def program() -> Callable[..., Any]:
    """All commands, to be called with words. Made once: it takes Typer a tenth of a second."""
    return typer.main.get_command(app)


def run_commands(commands: Iterable[Sequence[str]]) -> None:
    """Run commands of ecrctl one after another in this process, up to the first that does not exit with 0.

    They read the registry file once.

    :raises typer.Exit: with the exit code of that one.
    """
    with read_once():
        for words in commands:
            code = program()(words, standalone_mode=False)
            if code not in (None, ExitCode.FINE):
                raise typer.Exit(code)
