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
        list[str] | None, typer.Argument(metavar="[REPOSITORY]...", help="Names of repositories to import.")
    ] = None,
    file: RegistryFile = DEFAULT_FILE,
    registry_wide: Annotated[
        bool,
        typer.Option("--registry-wide", help="Import replication, the registry policy, scanning and other settings."),
    ] = False,
    yes: Yes = False,
) -> None:
    """Import repositories or registry-wide settings that exist in AWS into their stacks, without a change.

    For a repository that left registry.yaml (AWS keeps it) and came back, or one that was never managed. Declare it in
    the file exactly as it is in AWS: CloudFormation's import does not apply the settings of the template, it would only
    hide the difference. Change the repository after the import.

    With --registry-wide it imports the settings that an account has before its first deploy, as far as the file
    declares them: scanning and replication configuration, registry policy, signing, creation templates and pull-through
    cache rules.
    """
    from ops.adopt.registry_wide import adopt
    from ops.adopt.repositories import import_repositories
    from ops.registry_file import load

    if not repositories and not registry_wide:
        raise typer.BadParameter("name repositories, or say --registry-wide", param_hint="REPOSITORY")
    registry, _ = load(file)
    ask = confirm_unless(yes)
    imported = (not registry_wide or adopt(registry, file=file, confirm=ask)) and (
        not repositories or import_repositories(registry, repositories, file=file, confirm=ask)
    )
    raise typer.Exit(ExitCode.FINE if imported else ExitCode.NO)
