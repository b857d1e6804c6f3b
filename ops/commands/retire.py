"""`ecrctl retire`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, App, RegistryFile, Yes, confirm_unless
from ops.program import Panel, app
from ops.terminal import count, print_json, say, warn
from registry.errors import ExitCode


@app.command("retire", rich_help_panel=Panel.LATER)
def retire(
    file: RegistryFile = DEFAULT_FILE,
    check: Annotated[
        bool, typer.Option("--check", help="Only check: exits 1 if a stack has left the app; `make deploy` runs it.")
    ] = False,
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="ID", help="An account that left the file: remove all its stacks."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="A name the registry had before: remove all its stacks."),
    ] = None,
    folder: App = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print as JSON what would be removed, and remove nothing.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Remove stacks of this registry that the app no longer has, after showing their content.

    Finds them by the tag ecr-registry, in every enabled region of the credentials' account. It never removes a stack
    that the app still has. Repositories stay with their images, unless empty_on_delete was deployed for them. It
    removes the stacks in the reverse order of a deploy, and switches termination protection off one by one.

    Exits 0 when no such stack is left, 1 when one is, 3 when a region of the file could not be read.
    """
    from ops.aws.cdk_cli import app_stacks
    from ops.deploy import retired_stacks as retiring
    from ops.registry_file import load

    registry, _ = load(file)
    of = retiring.account_of(registry, account)
    stacks, closed = retiring.retired(registry, of, app_stacks(file, folder=folder), name=name)
    going = retiring.inspect(stacks)
    blind = retiring.blind(registry, of, closed)
    if closed:
        warn(f"not looked at, because these credentials may not: {', '.join(closed)}")
    if as_json:
        print_json([it.as_dict() for it in going])
    elif going:
        say(retiring.shown(going))
    elif not blind:
        say(f"every stack of {registry.name if name is None else name} in {of} is in the app")
    if blind:
        warn(
            f"the file has stacks in {', '.join(blind)}, so whether one has left the app there is not known\n"
            "    way out: allow these credentials cloudformation:DescribeStacks there"
        )
    if going:
        if check and not as_json:
            warn(f"    way out: look at them and remove them with `ecrctl retire --registry {file}`")
        if check or as_json or not retiring.retire(going, confirm_unless(yes)):
            raise typer.Exit(ExitCode.NO)
        say(f"removed {count(len(going), 'stack')}")
    if blind:
        raise typer.Exit(ExitCode.UNKNOWN)
