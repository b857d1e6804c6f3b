"""`ecrctl validate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ops.options import DEFAULT_FILE, Json
from ops.program import Panel, app
from ops.terminal import print_json


@app.command("validate", rich_help_panel=Panel.FILE)
def validate(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The registry file.")] = None,
    registry: Annotated[
        Path | None, typer.Option("--registry", "-f", metavar="FILE", help="The same, as in other commands.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a registry file and print every problem at once.

    Without FILE it is registry.yaml. Exits 0 when nothing stops a deploy, 1 when an error was found, 2 when the file
    cannot be read. In GitHub Actions each finding is also shown in the pull request. Needs no AWS account and no
    network.
    """
    from ops.output.findings import declares, exit_code, print_findings, report
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
