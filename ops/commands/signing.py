"""`ecrctl signing`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, InReplica, Json, Markdown, RegistryFile, moment
from ops.program import Panel, app
from ops.terminal import print_json, print_markdown, print_table, warn
from registry.errors import ExitCode


@app.command("signing", rich_help_panel=Panel.IMAGES)
def signing(
    repository: Annotated[
        str | None,
        typer.Argument(metavar="[REPOSITORY]", help="Its name; default: each that a rule signs.", show_default=False),
    ] = None,
    region: InReplica = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            metavar="TIME",
            parser=moment,
            help="Pushed since: 12h, 7d (default), 2w, or a date.",
            show_default=False,
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that are signed.")] = False,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """Show which images of the last days are not signed, and why.

    Asks AWS of every image that was pushed since then, with each profile that the file signs it with. ECR signs only
    what is pushed after a rule was deployed, with the permission of who pushes.

    Exits 1 if an image is not signed; one whose signature is in progress is none of these.
    """  # fmt: skip
    from ops.images import signed
    from ops.images.places import location
    from ops.output import signed as shown
    from ops.registry_file import load

    registry, _ = load(file)
    at = location(registry, region)
    if repository is None and not registry.signing:
        warn(f"{file}: declares no signing, so ECR signs nothing")
        return
    found, rows = signed.statuses(registry, at, repository, since or datetime.now(UTC) - timedelta(days=7))
    states = signed.counted(rows)
    chosen = [it for it in rows if every or it.state != signed.SIGNED]
    if as_json:
        print_json(shown.rows(chosen))
    elif as_markdown:
        print_markdown(*shown.table(chosen))
    elif chosen:
        print_table(*shown.table(chosen, short=sys.stdout.isatty()))
    warn(shown.summary(found, states))
    if states[signed.UNSIGNED]:
        raise typer.Exit(ExitCode.NO)
