"""`ecrctl repositories`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, InReplica, Json, Markdown, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json, print_markdown, print_table, warn


@app.command("repositories", rich_help_panel=Panel.IMAGES)
def repositories(
    region: InReplica = None,
    sizes: Annotated[
        bool, typer.Option("--sizes", help="Also how many images, the sum of their sizes, the last push and pull.")
    ] = False,
    usage: Annotated[bool, typer.Option("--usage", hidden=True, help="The name of --sizes before 0.1.0.")] = False,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """List every repository in AWS, and say which of them the file declares.

    Those that ECR makes itself stand with the creation template that the file has for such names. Those that are
    declared and not in AWS are listed, too. Sizes count a layer in each image that has it; `ecrctl
    usage` counts it once.
    """
    from ops.images.holdings import holdings
    from ops.images.places import location
    from ops.output import repositories as shown
    from ops.registry_file import load

    sizes = sizes or usage
    registry, _ = load(file)
    found = holdings(registry, location(registry, region), usage=sizes)
    if as_json:
        print_json(shown.repository_rows(found, usage=sizes))
        return
    if as_markdown:
        print_markdown(*shown.repository_table(found, usage=sizes))
    elif found:
        print_table(*shown.repository_table(found, usage=sizes))
    warn(shown.summary(found))
