"""`ecrctl permissions`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json, say
from registry.errors import UnknownName


@app.command("permissions", rich_help_panel=Panel.FILE)
def permissions(
    command: Annotated[
        str | None, typer.Argument(metavar="COMMAND", help='Such as drift, "drift --fix", deploy.', show_default=False)
    ] = None,
    file: RegistryFile = DEFAULT_FILE,
    account: Annotated[
        str | None, typer.Option("--account", metavar="ID", help="For this account; default: the home account.")
    ] = None,
) -> None:
    """Print what a command of ecrctl, or make diff and make deploy, may need to do in AWS, as IAM policies.

    For whoever gives a role its permissions: a list of managed policies, one where IAM's size of a policy allows it.
    Without COMMAND it lists the commands. Needs no AWS account and no network.
    """
    from ops.aws.permissions import COMMANDS, policy_documents
    from registry.load import load
    from registry.nearest import did_you_mean

    registry, _ = load(file)
    if command is None:
        for name in COMMANDS:
            say(name)
        return
    if command not in COMMANDS:
        near = did_you_mean(command, list(COMMANDS)) or "`ecrctl permissions` lists the commands"
        raise UnknownName(f"no command that asks AWS is called {command}\n    way out: {near}")
    if account is not None and account not in registry.deployed_accounts:
        known = ", ".join(registry.deployed_accounts)
        raise typer.BadParameter(f"the registry is in {known}", param_hint="--account")
    print_json(policy_documents(command, registry, account or registry.account))
