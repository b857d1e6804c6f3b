"""`ecrctl bootstrap`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, RegistryFile, Yes, confirm_unless
from ops.output.terminal import print_json, warn
from ops.program import Panel, app
from registry.errors import ExitCode


@app.command("bootstrap", rich_help_panel=Panel.DEPLOY)
def bootstrap(
    file: RegistryFile = DEFAULT_FILE,
    print_: Annotated[bool, typer.Option("--print", help="Print the policies as JSON, and do nothing.")] = False,
    account: Annotated[
        str | None, typer.Option("--account", metavar="ID", help="With --print: of this account. Otherwise the home's.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say whether a deploy can begin, and do nothing. make deploy runs it.")
    ] = False,
    all_accounts: Annotated[
        bool, typer.Option("--all-accounts", help="With --check: of the other accounts of the file as well.")
    ] = False,
    trust_home: Annotated[
        bool | None,
        typer.Option(
            "--trust-home/--no-trust-home",
            help="Let the home's account deploy to this other account, or no longer. Otherwise that stays as it is; "
            "at first it may not.",
        ),
    ] = None,
    yes: Yes = False,
) -> None:
    """Prepare an account for `cdk deploy`, with CloudFormation allowed what the stacks need and no more.

    Makes managed policies from the file and calls `cdk bootstrap --cloudformation-execution-policies` with them,
    in every region of the account of the credentials, with a qualifier and a stack of the registry's own: other CDK
    apps keep theirs. Run it before every deploy that changes the kinds of things there are; what left the file can
    still be deleted.
    """
    from registry.access.cloudformation import execution_policies
    from registry.load import load

    registry, _ = load(file)
    if print_:
        if account is not None and account not in registry.deployed_accounts:
            known = ", ".join(registry.deployed_accounts)
            raise typer.BadParameter(f"the registry is in {known}", param_hint="--account")
        print_json(execution_policies(registry, account or registry.account))
        return
    if check:
        from ops.deploy.bootstrap_check import unready

        found = unready(registry, every_account=all_accounts)
        for message in found:
            warn(message)
        raise typer.Exit(ExitCode.NO if found else ExitCode.FINE)
    from ops.deploy.bootstrap import bootstrap as prepare

    raise typer.Exit(
        ExitCode.FINE if prepare(registry, trust_home=trust_home, confirm=confirm_unless(yes)) else ExitCode.NO
    )
