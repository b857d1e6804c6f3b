"""`ecrctl lifecycle running`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.commands.lifecycle import lifecycle
from ops.terminal import print_rows


@lifecycle.command("running")
def running_(
    region: Annotated[list[str], typer.Option("--region", metavar="REGION", help="Where to look; may be repeated.")],
) -> None:
    """List the images that run on ECS and Lambda here, each with its place.

    For a registry whose images run in other accounts: run it there, and pass its output to
    `ecrctl lifecycle guard --running FILE`.
    """
    from ops.aws import cloud
    from ops.lifecycle.running import SOURCES, running

    for name in region:
        for source in SOURCES:
            print_rows([(each, each.where) for each in running(cloud.client(source, name), name) or ()])
