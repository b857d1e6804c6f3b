"""`ecrctl import`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, RegistryFile, Yes, confirm_unless
from ops.program import Panel, app
from registry.errors import ExitCode


@app.command("import", rich_help_panel=Panel.LATER)
def import_(
    repositories: Annotated[
        list[str] | None, typer.Argument(metavar="[REPOSITORY]...", help="Names to take back.")
    ] = None,
    file: RegistryFile = DEFAULT_FILE,
    registry_wide: Annotated[
        bool,
        typer.Option("--registry-wide", help="Take in replication, the registry policy, scanning, and the like."),
    ] = False,
    yes: Yes = False,
) -> None:
    """Take repositories or registry-wide settings that exist in AWS into their stacks, as they are.

    For a repository that left registry.yaml (AWS keeps it) and came back, or one that was never managed. It
    must stand in the file exactly as it is live: CloudFormation's import does not apply the template's
    settings, it would only hide the difference. Change it after the import.

    With --registry-wide the same for what an account has of its own before its first deploy: scanning and replication
    configuration, registry policy, signing, creation templates and pull-through cache rules, those that the file
    declares.
    """
    from ops.adopt.registry_wide import adopt
    from ops.adopt.repositories import import_repositories
    from registry.load import load

    if not repositories and not registry_wide:
        raise typer.BadParameter("name repositories, or say --registry-wide", param_hint="REPOSITORY")
    registry, _ = load(file)
    ask = confirm_unless(yes)
    imported = (not registry_wide or adopt(registry, file=file, confirm=ask)) and (
        not repositories or import_repositories(registry, repositories, file=file, confirm=ask)
    )
    raise typer.Exit(ExitCode.FINE if imported else ExitCode.NO)
