"""`ecrctl backfill`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, Json, RegistryFile, Yes, confirm_unless
from ops.program import Panel, app
from ops.terminal import print_json, say, warn
from registry.errors import ExitCode


@app.command("backfill", rich_help_panel=Panel.LATER)
def backfill(
    destinations: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DESTINATION]...", help="REGION or ACCOUNT/REGION of a replica; default: all."),
    ] = None,
    file: RegistryFile = DEFAULT_FILE,
    list_: Annotated[bool, typer.Option("--list", help="Show the backfills of the last 90 days.")] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop a running backfill; images that have arrived stay.")
    ] = False,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Copy the images that exist at home to replicas that were added later.

    Replication copies only images that are pushed after it was set up. This starts AWS's replication backfill for each
    destination, or follows a running one, and lists every image that did not arrive. AWS copies only images that match
    the deployed replication rules, one backfill at a time for a region and ten for a registry; others wait. AWS charges
    for data transfer between regions.

    Exits 0 when every image arrived, 1 otherwise.
    """
    from ops import backfill as filling
    from ops.registry_file import load
    from registry.findings import listed

    registry, _ = load(file)
    home = registry.home
    wanted = filling.destinations_of(registry, destinations or ())
    client = filling.client_of(registry)
    if list_ or stop:
        rows = filling.stop(client, wanted) if stop else filling.history(client)
        if as_json:
            print_json([dict(row) for row in rows])
        else:
            said = [f"{'stopping ' if stop else ''}{filling.shown(row, home)}" for row in rows]
            say("\n".join(said) or ("nothing is on its way" if stop else "no backfill in the last 90 days"))
        return
    if not wanted:
        say(f"{file}: declares no replicas")
        return
    filling.refuse_unconfigured(client, wanted, home)
    names = listed([each.beside(home) for each in wanted])
    if not confirm_unless(yes)(f"Send the images of {home} that are not in {names} yet?"):
        raise typer.Exit(ExitCode.NO)
    bars = filling.Bars(home)
    try:
        with bars.progress:
            outcomes = filling.follow(client, wanted, bars.look)
    except KeyboardInterrupt:
        warn("AWS goes on with it; the same command follows it again, and --stop stops it")
        raise
    if as_json:
        print_json([each.as_dict() for each in outcomes])
    else:
        for each in outcomes:
            say("\n".join([filling.shown(each.row, home), *map(filling.failed, each.failures)]))
    raise typer.Exit(ExitCode.FINE if all(each.complete for each in outcomes) else ExitCode.NO)
