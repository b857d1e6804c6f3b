"""`ecrctl replacements`: what the next deploy could only replace."""

from __future__ import annotations

import typer

from ops.options import DEFAULT_FILE, App, Json, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json, say, warn
from registry.errors import ExitCode


@app.command("replacements", rich_help_panel=Panel.DEPLOY)
def replacements(file: RegistryFile = DEFAULT_FILE, folder: App = None, as_json: Json = False) -> None:
    """Show the resources that the next deploy would have to replace, and the way out; `make deploy` runs this first.

    CloudFormation cannot change every property of a resource. It creates the resource again, and fails midway if the
    old one still has the name. This compares the templates of the file with those deployed in the credentials' account:
    the encryption of a repository, a cache rule, the path of roles, and names that are still in another stack after the
    home moved, shards were added or the registry was renamed. Changes nothing.

    Exits 0 when nothing stops a deploy, 1 when something does, 3 when AWS could not be asked.
    """
    from ops.aws.cdk_cli import synthesized_assembly
    from ops.deploy.replacements import look
    from ops.registry_file import load

    registry, _ = load(file)
    with synthesized_assembly(file, folder=folder) as assembly:
        looked = look(registry, assembly)
    if as_json:
        print_json(looked.as_dict())
    else:
        for each in looked.found:
            say(str(each))
        if not looked.found:
            say(f"{file}: a deploy replaces nothing")
        for what in (*looked.accounts, *looked.regions, *looked.names):
            warn(f"not looked at with these credentials: {what}")
    raise typer.Exit(ExitCode.NO if looked.stops else ExitCode.FINE)
