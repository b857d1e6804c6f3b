"""`ecrctl scan`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, InReplica, Json, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json, print_table, warn
from registry.errors import ExitCode


@app.command("scan", rich_help_panel=Panel.IMAGES)
def scan(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="REPOSITORY, REPOSITORY:TAG or @DIGEST.")],
    region: InReplica = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Start the scan only.")] = False,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Have ECR scan an image now, wait for the end, and show what it found.

    Of a REPOSITORY the image that was pushed last with a tag; of a manifest list every platform. Basic scans only, and
    of an image once in 24 hours: enhanced ones go on by themselves. Exits 3 if a scan does not complete.
    """
    from ops.images import scanned, waiting
    from ops.images.places import location
    from ops.output import vulnerabilities as shown
    from ops.registry_file import load

    registry, _ = load(file)
    at = location(registry, region)
    wanted = scanned.targets(registry, at, reference)
    if no_wait:
        waiting.start(at, wanted)
        for it in wanted:
            warn(f"{it.called}{f' ({it.platform})' if it.platform else ''}: the scan has begun")
        return
    found = scanned.results(at, wanted, waiting.scan)
    if as_json:
        print_json(shown.rows(found, "UNDEFINED", fixable=False))
    else:
        columns, rows = shown.table(found, "UNDEFINED", fixable=False)
        if rows:
            print_table(columns, rows)
    for each in found:
        warn(shown.summary(each))
    if not all(it.result.done for it in found):
        raise typer.Exit(ExitCode.UNKNOWN)
