"""`ecrctl bootstrap`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, RegistryFile, Yes, confirm_unless
from ops.program import Panel, app
from ops.terminal import print_json, warn
from registry.errors import ExitCode


@app.command("bootstrap", rich_help_panel=Panel.DEPLOY)
def bootstrap(
    file: RegistryFile = DEFAULT_FILE,
    print_: Annotated[bool, typer.Option("--print", help="Print the policies as JSON, and do nothing.")] = False,
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="ID", help="With --print: for this account; default: the home account."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Check whether a deploy can begin; change nothing. make deploy runs it.")
    ] = False,
    all_accounts: Annotated[
        bool, typer.Option("--all-accounts", help="With --check: of the other accounts, too.")
    ] = False,
    trust_home: Annotated[
        bool | None,
        typer.Option(
            "--trust-home/--no-trust-home",
            help="Let the home account deploy to this other account, or stop that. Default: as before, at first not.",
        ),
    ] = None,
    deployer: Annotated[
        str | None,
        typer.Option(
            "--deployer",
            metavar="ORG/REPO",
            help="Print a CloudFormation template of the role in which a workflow of this GitHub repository deploys.",
        ),
    ] = None,
    environment: Annotated[
        str, typer.Option("--environment", help="With --deployer: the environment of that workflow's job.")
    ] = "registry",
    yes: Yes = False,
) -> None:
    """Prepare an account for `cdk deploy`: CloudFormation gets the permissions that the stacks need, and no more.

    Creates managed policies from the file and calls `cdk bootstrap --cloudformation-execution-policies` with them, in
    every region of the credentials' account. The registry has its own qualifier and bootstrap stack, so other CDK apps
    keep theirs. Run it before every deploy that adds or removes a kind of resource; a deploy can still delete resources
    that left the file.
    """
    from ops.registry_file import load
    from registry.access.cloudformation import execution_policies

    registry, _ = load(file)
    if deployer is not None:
        from ops.deploy.deployer import ENVIRONMENT, REPOSITORY, deployer_template

        if not REPOSITORY.fullmatch(deployer):
            raise typer.BadParameter(f'"{deployer}" is not ORG/REPO or ORG@ID/REPO@ID', param_hint="--deployer")
        if not ENVIRONMENT.fullmatch(environment):
            raise typer.BadParameter(f'"{environment}" is no name without wildcards', param_hint="--environment")
        print_json(deployer_template(registry, deployer, environment))
        return
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
