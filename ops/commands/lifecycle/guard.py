"""`ecrctl lifecycle guard`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.commands.lifecycle import lifecycle
from ops.commands.lifecycle.options import Policy, Regions, Repositories, policy_text
from ops.options import DEFAULT_FILE, Json, RegistryFile, Running, Without, sources_asked
from ops.terminal import print_json
from registry.errors import ExitCode


@lifecycle.command("guard")
def guard(
    repositories: Repositories = None,
    policy: Policy = None,
    running: Running = None,
    without: Without = None,
    pulled_days: Annotated[
        int,
        typer.Option(
            "--pulled-days", min=0, help="Warn of images pulled or used in the last so many days; 0 for none."
        ),
    ] = 7,
    accept: Annotated[
        str | None,
        typer.Option(
            "--accept",
            metavar="REASON",
            help="Allow running images to be deleted for this reason, which is printed with them.",
            show_default=False,
        ),
    ] = None,
    region: Regions = None,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Fail if a deploy would newly delete a running image.

    Looks for the images that the policies of the file would expire or archive: in ECS services, tasks and task
    definitions, in Lambda functions, in texts that name images, and in the last pull or use that ECR and Amazon
    Inspector saw. An image that the live policies delete anyway is a warning: this deploy changes nothing for it.
    `make deploy` runs it; pass options with `make deploy GUARD='--accept "REASON"'`. Exits 0 when no running image
    would newly be deleted, or a reason was given; 1 when one would; 3 when AWS cannot be asked.
    """
    from ops.lifecycle.guard import guard as guarded
    from ops.lifecycle.targets import targets
    from ops.output import lifecycle as shown
    from ops.registry_file import load

    sources = sources_asked(without, accept)
    registry, _ = load(file)
    found = guarded(
        registry,
        targets(registry, repositories or (), region or (), policy_text(policy)),
        sources=sources,
        files=running or (),
        pulled_days=pulled_days,
    )
    if as_json:
        print_json(shown.guarded_json(found, accept))
    else:
        shown.print_guarded(found, accept)
    raise typer.Exit(ExitCode.NO if found.stopping and accept is None else ExitCode.FINE)
