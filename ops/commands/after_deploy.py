"""`ecrctl after-deploy`: what is left to do after `cdk deploy`, in one process."""

from __future__ import annotations

from ops.options import DEFAULT_FILE, App, RegistryFile, app_option
from ops.program import Panel, app, run_commands


@app.command("after-deploy", rich_help_panel=Panel.DEPLOY)
def after_deploy(file: RegistryFile = DEFAULT_FILE, folder: App = None) -> None:
    """Finish a deploy; `make deploy` runs this last.

    Runs `settings --yes` and `retire --check`: applies the account settings, and names stacks that left the app.

    Exits 0 when no such stack is left; otherwise with the code of the first command that fails.
    """
    here = ("--registry", str(file))
    run_commands([("settings", *here, "--yes"), ("retire", "--check", *here, *app_option(folder))])
