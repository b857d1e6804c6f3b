"""`ecrctl before-deploy`: the questions before `cdk deploy`, in one process."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, App, RegistryFile, app_option
from ops.program import Panel, app, run_commands


@app.command("before-deploy", rich_help_panel=Panel.DEPLOY)
def before_deploy(
    guard: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- OPTIONS OF LIFECYCLE GUARD]", help="Such as -- --running pods.json."),
    ] = None,
    file: RegistryFile = DEFAULT_FILE,
    folder: App = None,
    all_accounts: Annotated[
        bool, typer.Option("--all-accounts", help="The deploy includes the other accounts of the file.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Skip `replacements` and `drift --before-deploy`.")] = False,
) -> None:
    """Check whether a deploy can begin; `make deploy` runs this first.

    Runs `replacements`, `bootstrap --check`, `clear-failed`, `drift --before-deploy` and `lifecycle guard`
    in this order.

    Exits 0 when nothing stops the deploy; otherwise with the code of the first command that stops it.
    """
    here = ("--registry", str(file))
    run_commands(
        [
            *([] if force else [("replacements", *here, *app_option(folder))]),
            ("bootstrap", "--check", *here, *(["--all-accounts"] if all_accounts else [])),
            ("clear-failed", *here, "--yes"),
            *([] if force else [("drift", "--before-deploy", *here)]),
            ("lifecycle", "guard", *here, *(guard or ())),
        ]
    )
