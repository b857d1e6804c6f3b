"""`ecrctl lifecycle preview`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.commands.lifecycle import lifecycle
from ops.commands.lifecycle.options import Policy, Regions, Repositories, policy_text
from ops.options import DEFAULT_FILE, Json, RegistryFile
from ops.terminal import print_json, say, warn
from registry.errors import ExitCode


@lifecycle.command("preview")
def preview(
    repositories: Repositories = None,
    all_: Annotated[bool, typer.Option("--all", help="Every repository of the file.")] = False,
    policy: Policy = None,
    compare: Annotated[bool, typer.Option("--compare", help="Also simulate, and show the differences.")] = False,
    simulate_: Annotated[bool, typer.Option("--simulate", help="Only simulate, without AWS's preview.")] = False,
    region: Regions = None,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Show what the declared lifecycle policies, or another one, would do now.

    Uses AWS's own preview, which changes nothing; where there is none (a local AWS), the simulation. Exits 0, or 1 if
    AWS and the simulation differ.
    """
    import time

    from ops.aws import cloud
    from ops.aws.parallel import map_parallel
    from ops.lifecycle.preview import preview as previewed
    from ops.lifecycle.targets import of_account, targets
    from ops.output import lifecycle as shown
    from ops.registry_file import load

    if bool(repositories) == all_:
        raise typer.BadParameter("name repositories, or say --all")
    registry, _ = load(file)
    wanted = targets(registry, repositories or (), region or (), policy_text(policy))
    wanted = of_account(wanted, cloud.own_account(registry))
    clients = {target.region: cloud.ecr(target.region) for target in wanted}
    now = time.time()
    found = map_parallel(
        wanted,
        lambda it: previewed(clients[it.region], it, simulate=simulate_, compare=compare, now=now),
        "previewing",
    )
    if as_json:
        said = [shown.preview_json(it, compare) for it in found]
        print_json(said[0] if len(said) == 1 else said)
    elif found:
        shown.print_previews(found)
    else:
        say("nothing expires there: no lifecycle policy is declared")
    if not simulate_ and any(it.simulation and not it.aws for it in found):
        warn("note: this service has no preview of lifecycle policies; it was simulated")
    raise typer.Exit(ExitCode.NO if any(it.differences for it in found) else ExitCode.FINE)
