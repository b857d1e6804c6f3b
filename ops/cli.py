"""The command line of ecrctl: one function a command, and one place where errors become exit codes.

Commands import what they need when they run, so that `validate` stays fast and `--help` instant.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from ops import day_after, replacements_cli
from ops.lifecycle.cli import app as lifecycle
from ops.options import DEFAULT_FILE, Json, Markdown, RegistryFile, Yes, asking
from registry.errors import RegistryError

app = typer.Typer(
    name="ecrctl",
    help="Operate an Amazon ECR registry that registry.yaml declares.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def _root() -> None:
    """Keeps `validate` a subcommand while there are few."""


@app.command()
def validate(
    file: Annotated[Path, typer.Argument(metavar="[FILE]", help="The registry file.")] = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Check a registry file and print every problem at once.

    Exits 0 when nothing stops a deploy, 1 when an error was found, 2 when the file cannot be read.
    Needs no AWS account and no network.
    """
    from ops.output import declares, print_found, report
    from registry.load import check

    outcome = check(file)
    if as_json:
        print(report(str(file), outcome.findings))
    else:
        print_found(str(file), outcome.findings, declares(outcome))
    raise typer.Exit(1 if outcome.errors else 0)


@app.command("schema")
def schema_(
    team: Annotated[bool, typer.Option("--team", help="The schema of team files.")] = False,
) -> None:
    """Print the JSON Schema of registry.yaml, or of team files.

    For editors: the first line `# yaml-language-server: $schema=registry.schema.json` of a file names the
    committed copy.
    """
    from registry.generated import schema_text
    from registry.shape import FileShape, TeamShape

    print(schema_text(TeamShape if team else FileShape), end="")


app.add_typer(lifecycle, name="lifecycle")


@app.command()
def access(
    file: RegistryFile = DEFAULT_FILE,
    can: Annotated[
        tuple[str, str, str] | None,
        typer.Option("--can", metavar="PRINCIPAL ACTION REPOSITORY", help="Ask one question; exits 1 where it is no."),
    ] = None,
    for_account: Annotated[
        str | None,
        typer.Option("--for-account", metavar="ID", help="Print the policies another account needs on its side."),
    ] = None,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """Show who may do what where, and which line of which file says so.

    Grants, and what every `repository_policy` opens and denies. Needs no AWS account and no network.
    """
    import json

    from ops import access as shown

    registry, sources = shown.read(file)
    if can is not None:
        found = shown.answer(registry, *can)
        if as_json:
            print(json.dumps(shown.answer_as_dict(found, sources), indent=2))
        else:
            shown.print_answer(found, registry, sources, can)
        raise typer.Exit(0 if found.allowed else 1)
    if for_account is not None:
        raise typer.Exit(0 if shown.print_other_half(registry, for_account) else 1)
    rows = shown.rows(registry, sources)
    if as_json:
        print(json.dumps(rows, indent=2))
    elif as_markdown:
        print(shown.markdown(rows))
    else:
        shown.print_table(rows)


@app.command()
def network(file: RegistryFile = DEFAULT_FILE, as_json: Json = False) -> None:
    """Show the endpoints of each VPC, and what the owners of existing ones must add to their policies.

    Image layers come from S3: where its endpoint belongs to another team, pulls fail until its policy has the
    statement printed here. Needs no AWS account and no network.
    """
    import json

    from ops import network as shown
    from registry.load import load

    registry, _ = load(file)
    found = shown.rows(registry)
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        shown.print_rows(found)


@app.command("import")
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
    from ops.adopting import adopt
    from ops.importing import import_repositories
    from registry.load import load

    if not repositories and not registry_wide:
        raise typer.BadParameter("name repositories, or say --registry-wide", param_hint="REPOSITORY")
    registry, _ = load(file)
    ask = asking(yes)
    imported = (not registry_wide or adopt(registry, file=file, confirm=ask)) and (
        not repositories or import_repositories(registry, repositories, file=file, confirm=ask)
    )
    raise typer.Exit(0 if imported else 1)


@app.command()
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
    import json

    from registry.execution import execution_policies
    from registry.load import load

    registry, _ = load(file)
    if print_:
        if account is not None and account not in registry.deployed_accounts:
            known = ", ".join(registry.deployed_accounts)
            raise typer.BadParameter(f"the registry is in {known}", param_hint="--account")
        print(json.dumps(execution_policies(registry, account or registry.account), indent=2))
        return
    if check:
        from ops.bootstrapped import unready

        found = unready(registry, every_account=all_accounts)
        for message in found:
            print(message, file=sys.stderr)
        raise typer.Exit(1 if found else 0)
    from ops.bootstrap import bootstrap as prepare

    raise typer.Exit(0 if prepare(registry, trust_home=trust_home, confirm=asking(yes)) else 1)


@app.command("clear-failed")
def clear_failed_(
    file: RegistryFile = DEFAULT_FILE,
    yes: Yes = False,
) -> None:
    """Remove stacks whose first deploy failed, so that the next deploy can create them.

    They hold nothing: CloudFormation has undone what they made. Termination protection keeps the CDK from
    removing them itself. `make deploy` runs this first.
    """
    from ops.failed_stacks import clear_failed
    from registry.load import load

    registry, _ = load(file)
    for stack in clear_failed(registry, asking(yes)):
        typer.echo(f"removed {stack.name} in {stack.region}, whose creation had failed")


replacements_cli.register(app)
day_after.register(app)


def main() -> None:
    """Run ecrctl; errors for people become one message and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a name still gets the rest
    try:
        app()
    except RegistryError as problem:
        print(problem, file=sys.stderr)
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
