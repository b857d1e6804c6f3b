"""`ecrctl settings`."""

from __future__ import annotations

import typer

from ops.options import DEFAULT_FILE, RegistryFile, Yes, confirm_unless
from ops.program import Panel, app
from ops.terminal import count, say
from registry.errors import ExitCode


@app.command("settings", rich_help_panel=Panel.DEPLOY)
def settings(file: RegistryFile = DEFAULT_FILE, yes: Yes = False) -> None:
    """Apply the account settings of ECR and Inspector that the file declares; CloudFormation cannot.

    Shows the differences at each location of the credentials' account, asks, and applies them. Settings that the file
    does not declare stay. `make deploy` runs this, and `ecrctl drift` compares the settings.

    Exits 0 when every setting is as the file declares it.
    """
    from ops.aws.cloud import own_locations
    from ops.deploy import account_settings
    from ops.registry_file import load

    registry, _ = load(file)
    if not registry.account_settings:
        say(f"{file}: declares no account settings")
        return
    found = account_settings.differences(registry, own_locations(registry))
    for each in found:
        say(each.shown(registry.home))
    counted = count(len(found), "setting")
    if found and not confirm_unless(yes)(f"Change {counted}?"):
        raise typer.Exit(ExitCode.NO)
    account_settings.apply(found)
    say(f"{file}: {f'{counted} changed' if found else 'every account setting is as declared'}")
