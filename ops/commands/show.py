"""`ecrctl show`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, Json, Markdown, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json, print_markdown, print_table


@app.command("show", rich_help_panel=Panel.FILE)
def show(
    repository: Annotated[str, typer.Argument(metavar="REPOSITORY", help="A repository of the file.")],
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """Show every setting of a repository, and the line of the file that sets it.

    Layers are applied: the repository, its team's defaults, its namespace, the defaults, and what is built in. Needs no
    AWS account and no network.
    """
    from ops.output import settings as shown

    found = shown.read(file, repository)
    if as_json:
        print_json(found)
    elif as_markdown:
        print_markdown(*shown.table(found))
    else:
        print_table(*shown.table(found))
