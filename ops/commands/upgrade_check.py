"""`ecrctl upgrade-check`."""

from __future__ import annotations

from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, Json, RegistryFile
from ops.program import Panel, app
from ops.terminal import count, print_json, say
from registry.errors import ExitCode


@app.command("upgrade-check", rich_help_panel=Panel.DEPLOY)
def upgrade_check(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A version of this project: v1.2.3, HEAD, or a folder.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The version to compare with.")],
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
) -> None:
    """Show what another version of this project would change in AWS, for the same file.

    Each version synthesizes the file with its own code, and the templates are compared: stacks and resources that come
    or go, properties that change, and what CloudFormation would replace. A version is a revision that git knows in the
    checkout that runs, or the folder of another checkout. Packages are installed only where a version has other locks.
    Needs no AWS account.

    Exits 0 when nothing changes, 1 when something does, or when a version refuses the file.
    """
    from ops.upgrade.versions import checkout, templates
    from registry.load import load
    from registry.replacements.compare import differences

    load(file)
    with checkout(old) as older, checkout(new) as newer:  # both are there before either takes its seconds
        before, after = templates(old, older, file), templates(new, newer, file)
    found = differences(before, after)
    if as_json:
        print_json({"old": old, "new": new, "changes": [each.as_dict() for each in found]})
    else:
        for each in found:
            say(str(each))
        stacks = count(len({*before, *after}), "stack")
        said = f"{count(len(found), 'change')} in {stacks}" if found else f"{stacks}, and nothing changes"
        say(f"{file}: from {old} to {new}: {said}")
    raise typer.Exit(ExitCode.NO if found else ExitCode.FINE)
