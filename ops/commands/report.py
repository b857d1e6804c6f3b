"""`ecrctl report`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ops.options import DEFAULT_FILE, RegistryFile, refuse_link
from ops.program import Panel, app
from ops.terminal import say

if TYPE_CHECKING:
    from ops.report.facts import PlanRow, UsageFacts

DEFAULT_OUTPUT: Final = Path("report.html")


@app.command("report", rich_help_panel=Panel.FILE)
def report(
    file: RegistryFile = DEFAULT_FILE,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="Where the page is written.")
    ] = DEFAULT_OUTPUT,
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help="Print the picture for Markdown instead, and write nothing.")
    ] = False,
    revision: Annotated[
        str, typer.Option("--revision", metavar="TEXT", help="What the page calls this state of the file.")
    ] = "",
    old: Annotated[
        str | None,
        typer.Option(
            "--plan",
            metavar="OLD",
            help="Also what changed since a file or a revision of git, as `ecrctl plan OLD` says it.",
            show_default=False,
        ),
    ] = None,
    usage: Annotated[
        Path | None,
        typer.Option(
            "--usage", metavar="FILE", help="Also what `ecrctl usage --json` printed, with bars.", show_default=False
        ),
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            "--on",
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="Judge acceptances as on this day; default: today.",
        ),
    ] = None,
) -> None:
    """Write one HTML page that shows the whole registry to people.

    The picture, warnings and acceptances, who may do what where, repositories, lifecycles and networks. The page needs
    no network, and the same file makes the same page. Needs no AWS account and no network.
    """
    from ops.report.gather import read

    found = read(
        file,
        revision=revision,
        today=_day(on),
        plan=None if old is None else _changes(old, file),
        usage=None if usage is None else _usage(usage),
    )
    if mermaid:
        from ops.report.mermaid import mermaid as diagram

        say(diagram(found))
        return
    from ops.report.page import is_page, page

    try:
        refuse_link(output)
        if output.exists() and not is_page(output):
            raise typer.BadParameter(f"{output} exists, and is no page of this command", param_hint="--output")
        output.write_text(page(found), encoding="utf-8", newline="\n")
    except OSError as problem:
        raise typer.BadParameter(f"{output} cannot be written: {problem.strerror}", param_hint="--output") from problem
    say(f"wrote {output}")


def _changes(old: str, file: Path) -> list[PlanRow]:
    from ops.output.plan import page_rows
    from ops.plan.run import planned

    return page_rows(planned(old, None, file, (), datetime.now(UTC)))


def _usage(file: Path) -> UsageFacts:
    from ops.report.usage import usage_facts
    from registry.reading.file_text import content_of
    from registry.usage.saved import read

    return usage_facts(read(content_of(file), str(file)))


def _day(on: datetime | None) -> date | None:
    return None if on is None else on.date()
