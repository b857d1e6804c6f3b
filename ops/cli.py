"""The command line of ecrctl: one function a command, and one place where errors become messages and exit codes.

Commands import what they need when they run, so that `validate` stays fast and `--help` instant.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from ops import day_after
from ops.commands import replacements
from ops.commands.lifecycle import app as lifecycle
from ops.commands.options import DEFAULT_FILE, Json, Markdown, RegistryFile, Yes, asking
from ops.commands.output import print_json, print_markdown, print_table, say, warn
from registry import VERSION
from registry.errors import ExitCode, RegistryError

#: The commands as README.md and --help list them: first what needs no account, then what a day brings.
ORDER: Final = (
    *("validate", "access", "network", "schema", "lifecycle"),
    *("replacements", "drift", "retire", "backfill", "settings", "import", "bootstrap", "clear-failed"),
)


class Commands(TyperGroup):
    """Every command of ecrctl runs in here, so that none has to think of what AWS may answer."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In their order; one that was forgotten there comes last."""
        return sorted(super().list_commands(ctx), key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what botocore raises becomes a CloudError. It is not loaded for that."""
        try:
            return super().invoke(ctx)
        except Exception:
            if "ops.aws.cloud" not in sys.modules:
                raise
            from ops.aws.cloud import speaking_for_aws

            with speaking_for_aws():
                raise


app = typer.Typer(
    name="ecrctl",
    cls=Commands,
    help="Operate an Amazon ECR registry that registry.yaml declares.",
    epilog="Exit codes: 0 fine; 1 findings, drift, or the answer is no; 2 bad usage, or a file that cannot be read or "
    "is invalid; 3 could not tell, because of credentials, AWS or the network; 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        say(f"ecrctl {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What holds for all commands."""


@app.command()
def validate(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The registry file.")] = None,
    registry: Annotated[
        Path | None, typer.Option("--registry", "-f", metavar="FILE", help="The same, as other commands have it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a registry file and print every problem at once.

    Without FILE it is registry.yaml. Exits 0 when nothing stops a deploy, 1 when an error was found, 2 when the file
    cannot be read. In GitHub Actions the findings stand in the pull request, too. Needs no AWS account and no network.
    """
    from ops.commands.findings_output import declares, exit_code, print_findings, report
    from registry.load import check

    if file is not None and registry is not None:
        raise typer.BadParameter("name the file once, with --registry or without", param_hint="FILE")
    checked = file or registry or DEFAULT_FILE
    outcome = check(checked)
    if as_json:
        print_json(report(str(checked), outcome.findings))
    else:
        print_findings(str(checked), outcome.findings, declares(outcome))
    raise typer.Exit(exit_code(outcome.findings))


@app.command("schema")
def schema_(
    team: Annotated[bool, typer.Option("--team", help="The schema of team files.")] = False,
) -> None:
    """Print the JSON Schema of registry.yaml, or of team files.

    For editors: the first line `# yaml-language-server: $schema=registry.schema.json` of a file names the
    committed copy.
    """
    from registry.reference.files import schema_text
    from registry.shape import FileShape, TeamShape

    say(schema_text(TeamShape if team else FileShape).removesuffix("\n"))


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
    from ops.commands import access_output as shown

    registry, sources = shown.read(file)
    if can is not None:
        found = shown.answer(registry, *can)
        if as_json:
            print_json(shown.answer_as_dict(found, sources))
        else:
            shown.print_answer(found, registry, sources, can)
        raise typer.Exit(ExitCode.FINE if found.allowed else ExitCode.NO)
    if for_account is not None:
        print_json(shown.for_account(registry, for_account))
        return
    rows = shown.rows(registry, sources)
    if as_json:
        print_json(rows)
    elif as_markdown:
        print_markdown(*shown.table(rows))
    elif rows:
        print_table(*shown.table(rows))
    else:
        say("nothing is granted to anyone")


@app.command()
def network(file: RegistryFile = DEFAULT_FILE, as_json: Json = False) -> None:
    """Show the endpoints of each VPC, and what the owners of existing ones must add to their policies.

    Image layers come from S3: where its endpoint belongs to another team, pulls fail until its policy has the
    statement printed here. Needs no AWS account and no network.
    """
    from ops.commands import network_output as shown
    from registry.load import load

    registry, _ = load(file)
    found = shown.rows(registry)
    if as_json:
        print_json(found)
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
    from ops.adopt.registry_wide import adopt
    from ops.adopt.repositories import import_repositories
    from registry.load import load

    if not repositories and not registry_wide:
        raise typer.BadParameter("name repositories, or say --registry-wide", param_hint="REPOSITORY")
    registry, _ = load(file)
    ask = asking(yes)
    imported = (not registry_wide or adopt(registry, file=file, confirm=ask)) and (
        not repositories or import_repositories(registry, repositories, file=file, confirm=ask)
    )
    raise typer.Exit(ExitCode.FINE if imported else ExitCode.NO)


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

    raise typer.Exit(ExitCode.FINE if prepare(registry, trust_home=trust_home, confirm=asking(yes)) else ExitCode.NO)


@app.command("clear-failed")
def clear_failed_(
    file: RegistryFile = DEFAULT_FILE,
    yes: Yes = False,
) -> None:
    """Remove stacks whose first deploy failed, so that the next deploy can create them.

    They hold nothing: CloudFormation has undone what they made. Termination protection keeps the CDK from
    removing them itself. `make deploy` runs this first.
    """
    from ops.deploy.failed_stacks import clear_failed
    from registry.load import load

    registry, _ = load(file)
    for stack in clear_failed(registry, asking(yes)):
        say(f"removed {stack.name} in {stack.region}, whose creation had failed")


replacements.register(app)
day_after.register(app)


def main() -> None:
    """Run ecrctl; errors for people become one message and an exit code, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a name still gets the rest
    try:
        app()
    except RegistryError as problem:
        warn(str(problem))
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
