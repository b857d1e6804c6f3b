"""`ecrctl restore`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, InReplica, Json, References, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json, say, waiting, warn
from registry.errors import ExitCode


@app.command("restore", rich_help_panel=Panel.IMAGES)
def restore(
    references: References,
    region: InReplica = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until they can be pulled: up to 20 minutes.")] = False,
    with_children: Annotated[
        bool, typer.Option("--with-children", help="Also the images of a manifest list; waits, too.")
    ] = False,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Restore images from the archive, so that they can be pulled again.

    ECR takes up to 20 minutes, and treats them like images that are pushed: it scans and replicates them.
    Which images a manifest list consists of can be read only when the list itself is restored.

    Exits 1 if ECR does not restore one, or there is none; 3 if it takes longer than half an hour.
    """
    from ops.images import ImageRegistry, archiving, asked
    from ops.images.places import location
    from ops.output import restored as shown
    from ops.registry_file import load

    registry, _ = load(file)
    at = location(registry, region)
    client = ImageRegistry(at.region, account=at.account)
    found = asked.by_reference(client, references)
    results = archiving.restore(client, found)
    if wait or with_children:
        with waiting("waiting for ECR: up to 20 minutes"):
            results = archiving.followed(client, results)
            if with_children:
                more = archiving.restore(client, archiving.parts(client, found, results))
                results += archiving.followed(client, more)
    if as_json:
        print_json(shown.rows(results))
    else:
        for line in shown.lines(results):
            say(line)
    missing = [line for each in found for line in each.absent]
    for line in missing:
        warn(line)
    if missing or any(it.failure for it in results):
        raise typer.Exit(ExitCode.NO)
    if (wait or with_children) and not all(it.usable for it in results):
        raise typer.Exit(ExitCode.UNKNOWN)
