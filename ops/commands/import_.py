"""`ecrctl import`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, App, Json, RegistryFile, Yes, confirm_unless
from ops.program import Panel, app
from ops.terminal import print_json


@app.command("import", rich_help_panel=Panel.LATER)
def import_(
    repositories: Annotated[
        list[str] | None, typer.Argument(metavar="[REPOSITORY]...", help="Names of repositories to import.")
    ] = None,
    file: RegistryFile = DEFAULT_FILE,
    everything: Annotated[
        bool, typer.Option("--all", help="Import every declared repository and setting that is in no stack.")
    ] = False,
    registry_wide: Annotated[
        bool,
        typer.Option("--registry-wide", help="Import replication, the registry policy, scanning and other settings."),
    ] = False,
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="With --all: import nothing if anything would be left out.")
    ] = False,
    folder: App = None,
    as_json: Json = False,
    yes: Yes = False,
) -> None:
    """Import repositories or registry-wide settings that exist in AWS into their stacks, without a change.

    For an account that was not managed before, and for a repository that left registry.yaml (AWS keeps it) and came
    back. Declare each as it is in AWS: CloudFormation's import does not apply the settings of the template, it would
    only hide the difference. Change it after the import.

    --all imports everything that the file declares and no stack has, at every location of the credentials' account:
    repositories, public ones too, scanning and replication configuration, registry policy, signing, creation templates
    and pull-through cache rules. What differs from the file, or belongs to another stack, is left out and listed at the
    end with the way out. An import that was interrupted goes on when it is run again.

    With names, or with --registry-wide for everything but repositories, it imports all of it or nothing.

    Exits 0 when everything asked for is in its stack, 1 when something was left out.
    """
    from ops.adopt.outside import IMPORTABLE
    from ops.adopt.run import import_found, refuse_unknown, refuse_unprepared
    from ops.adopt.shown import as_dict
    from ops.drift.kinds import REGISTRY_WIDE
    from ops.drift.named import REPOSITORY
    from ops.registry_file import load

    if not repositories and not registry_wide and not everything:
        raise typer.BadParameter("name repositories, or say --registry-wide or --all", param_hint="REPOSITORY")
    if everything and (repositories or registry_wide):
        raise typer.BadParameter("it includes all repositories and settings: give it alone", param_hint="--all")
    if all_or_nothing and not everything:
        raise typer.BadParameter("it belongs to --all; names are all or nothing anyway", param_hint="--all-or-nothing")
    registry, _ = load(file)
    refuse_unknown(registry, repositories or ())
    refuse_unprepared(registry)
    chosen = [*(REGISTRY_WIDE if registry_wide else ()), *([REPOSITORY] if repositories else ())]
    outcome = import_found(
        registry,
        IMPORTABLE if everything else chosen,
        names=repositories or (),
        file=file,
        folder=folder,
        confirm=confirm_unless(yes),
        strict=all_or_nothing or not everything,
        quiet=as_json,
    )
    if as_json:
        print_json(as_dict(outcome))
    raise typer.Exit(outcome.exit_code)
