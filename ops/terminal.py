"""The one place that shows anything: what a command says, its tables, its JSON, its Markdown, its progress.

Three promises hold for whatever goes through here. What AWS or a file says is shown as text: no markup of it is
interpreted, no emoji made of it, and what a terminal or a CI would take for a command is escaped. What is piped is
never wrapped, cut, padded or coloured: a table is one line a row, its cells apart by tabs. And NO_COLOR is honoured
(https://no-color.org). So a command that uses these functions has them right by itself; a test looks for others.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, TextIO

import typer

from registry.findings import printable, printable_json

if TYPE_CHECKING:  # loaded where a terminal wants them: `validate` has to answer in a blink
    from rich.console import Console
    from rich.progress import Progress

Colour = Literal["red", "yellow"]

#: What Markdown takes for more than text outside of code, and a table for the end of a cell.
_FENCE: Final = "`"


def say(text: str = "", *, err: bool = False, colour: Colour | None = None, bold: bool = False) -> None:
    """Show a sentence, or several lines of them.

    :param err: on standard error, where everything goes that is not the answer.
    :param colour: on a terminal, of the whole text; `bold` likewise.
    """
    stream = sys.stderr if err else sys.stdout
    text = "\n".join(map(printable, text.split("\n")))
    typer.echo(typer.style(text, fg=colour, bold=bold or None) if _coloured(stream) else text, file=stream)


def warn(text: str) -> None:
    """Say something beside the answer."""
    say(text, err=True)


def print_json(value: Any) -> None:
    """Show an answer for programs. Keys are AWS's own, or written like them; times are ISO 8601."""
    print(as_json(value))


def as_json(value: Any) -> str:
    """The same as text; what cannot be printed is escaped as JSON does."""
    return printable_json(json.dumps(value, indent=2, ensure_ascii=False, default=lambda it: it.isoformat()))


def print_json_in_pieces(pieces: Iterable[str]) -> None:
    """Show JSON that is too long to be in memory as text; each piece ends where no text of it is cut."""
    for piece in pieces:
        print(printable_json(piece), end="")
    print()


def print_ci_command(line: str, *, err: bool = False) -> None:
    """Show a line that is meant to be a command to a CI: nothing of a file is more than a text in it."""
    print(line, file=sys.stderr if err else sys.stdout, flush=True)  # before what is said after it


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Show a table: folded on a terminal, and for programs one line a row with tabs between the cells.

    A cell that is a list has commas in it.
    """
    if not sys.stdout.isatty():
        print_rows([columns, *rows])
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE)
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(_cell(value))) for value in row))
    _console(sys.stdout).print(table)


def print_rows(rows: Sequence[Sequence[Any]]) -> None:
    """Show rows without a heading, one a line with tabs between the cells, for programs that read them."""
    for row in rows:
        print("\t".join(printable(_cell(value)) for value in row))


def print_markdown(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Show a table for a pull request or a wiki."""
    print(markdown(columns, rows))


def markdown(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """The same as text.

    Every cell is code: elsewhere a forge makes pictures of `:secret:`, links of `[web](x)` and mentions of `@team`.
    """
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(_code(printable(_cell(value))) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 stack", "2,000 repositories".

    :param many: the plural, where it is not `one` with an s.
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def progress() -> Progress:
    """A progress bar, or several: on standard error, only on a terminal, and gone at its end."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = _console(sys.stderr)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@contextmanager
def waiting(doing: str) -> Iterator[None]:
    """Say on a terminal what is being waited for, as long as it takes."""
    from rich.text import Text

    with _console(sys.stderr).status(Text(printable(doing))):
        yield


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    return Console(file=stream, highlight=False)


def _coloured(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    return ", ".join(map(str, value)) if isinstance(value, Sequence) else str(value)


def _code(text: str) -> str:
    """A code span of Markdown, in a table: https://github.github.com/gfm/#code-spans, #example-200."""
    if not text:
        return ""
    fence = _FENCE
    while fence in text:
        fence += _FENCE
    edge = " " if text.startswith(_FENCE) or text.endswith(_FENCE) else ""
    return f"{fence}{edge}{text}{edge}{fence}".replace("|", "\\|")
