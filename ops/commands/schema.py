"""`ecrctl schema`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.program import Panel, app
from ops.terminal import say


@app.command("schema", rich_help_panel=Panel.FILE)
def schema_(
    team: Annotated[bool, typer.Option("--team", help="The schema of team files.")] = False,
) -> None:
    """Print the JSON Schema of registry.yaml, or of team files.

    For editors: the first line `# yaml-language-server: $schema=registry.schema.json` of a file names the
    committed copy.
    """
    from registry.reference.files import schema_text
    from registry.shape import FileShape, TeamShape

    say(schema_text(TeamShape if team else FileShape).removesuffix("\n"))
