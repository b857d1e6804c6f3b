"""`ecrctl findings`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import typer

from ops.options import DEFAULT_FILE, InReplica, Json, Markdown, RegistryFile
from ops.program import Panel, app
from ops.terminal import print_json, print_markdown, print_table, warn
from registry.errors import ExitCode

Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNTRIAGED", "UNDEFINED"]


@app.command("findings", rich_help_panel=Panel.IMAGES)
def findings(
    reference: Annotated[
        str | None,
        typer.Argument(metavar="REFERENCE", help="REPOSITORY, REPOSITORY:TAG or @DIGEST.", show_default=False),
    ] = None,
    region: InReplica = None,
    severity: Annotated[Severity, typer.Option("--severity", help="Only this one and worse ones.")] = "UNDEFINED",
    fixable: Annotated[bool, typer.Option("--fixable", help="Leave out what no version fixes yet.")] = False,
    fail_on: Annotated[
        Severity | None,
        typer.Option("--fail-on", help="Exit 1 if there is one like this, or worse.", show_default=False),
    ] = None,
    sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF, for code scanning of a forge.")] = False,
    file: RegistryFile = DEFAULT_FILE,
    as_json: Json = False,
    as_markdown: Markdown = False,
) -> None:
    """Show what the last scans found: the worst first, and of these what can be fixed.

    Of a REPOSITORY the image that was pushed last with a tag; without REFERENCE that of every declared repository. With
    --fail-on an image whose scan is not complete ends it with 3: nobody knows what is in it. What the file accepts in a
    repository is shown with its last day, and fails nothing.
    """
    from ops.images import scanned
    from ops.images.places import location
    from ops.images.vulnerabilities import open_ones
    from ops.output import vulnerabilities as shown
    from ops.registry_file import load

    registry, _ = load(file)
    at = location(registry, region)
    found = scanned.results(at, scanned.targets(registry, at, reference), scanned.last_scan)
    found = scanned.accepting(registry, found, datetime.now(UTC).date())
    if sarif:
        print_json(shown.sarif(found, severity, fixable=fixable))
    elif as_json:
        print_json(shown.rows(found, severity, fixable=fixable))
    else:
        columns, rows = shown.table(found, severity, fixable=fixable)
        if as_markdown:
            print_markdown(columns, rows)
        elif rows:
            print_table(columns, rows)
    for it in found:
        warn(shown.summary(it))
    if fail_on is None:
        return
    if any(open_ones(shown.shown(each, fail_on, fixable=fixable)) for each in found):
        raise typer.Exit(ExitCode.NO)
    if not found or not all(it.result.done for it in found):
        warn("it is not known whether there is anything to fail on\n    way out: `ecrctl scan`, or wait for the scan")
        raise typer.Exit(ExitCode.UNKNOWN)
