"""What ecrctl shows to people."""

from __future__ import annotations

import sys

import typer

from registry.findings import Finding, Severity
from registry.load import Checked

_COLOURS = {Severity.ERROR: typer.colors.RED, Severity.WARNING: typer.colors.YELLOW}


def print_findings(file: str, outcome: Checked) -> None:
    """Print every finding and a closing line that counts them."""
    for finding in outcome.findings:
        print_finding(finding)
    if outcome.findings:
        typer.echo(f"{file}: {_count(len(outcome.errors), 'error')}, {_count(len(outcome.warnings), 'warning')}")
    elif outcome.registry:
        repositories = _count(len(outcome.registry.repositories), "repository", "repositories")
        regions = ", ".join(outcome.registry.regions)
        typer.echo(f"{file}: {repositories} in {regions}; no findings")


def print_finding(finding: Finding) -> None:
    """Print one finding, its first line in the colour of its severity on a terminal."""
    head, _, rest = str(finding).partition("\n")
    typer.secho(head, fg=_COLOURS[finding.severity] if sys.stdout.isatty() else None)
    if rest:
        typer.echo(rest)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
