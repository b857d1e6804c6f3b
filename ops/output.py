"""What ecrctl shows: tables and sentences for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import typer

from registry.findings import Finding, Severity
from registry.load import Checked

_COLOURS = {Severity.ERROR: typer.colors.RED, Severity.WARNING: typer.colors.YELLOW}


def print_found(file: str, findings: Sequence[Finding], fine: str) -> None:
    """Print every finding and a closing line that counts them, or says that all is `fine`."""
    for finding in findings:
        print_finding(finding)
    if findings:
        errors, warnings = (_number(findings, severity) for severity in (Severity.ERROR, Severity.WARNING))
        typer.echo(f"{file}: {_count(errors, 'error')}, {_count(warnings, 'warning')}")
    else:
        typer.echo(f"{file}: {fine}; no findings")


def report(file: str, findings: Sequence[Finding]) -> str:
    """The same for programs."""
    return json.dumps(
        {
            "file": file,
            "errors": _number(findings, Severity.ERROR),
            "warnings": _number(findings, Severity.WARNING),
            "findings": [finding.as_dict() for finding in findings],
        },
        indent=2,
        ensure_ascii=False,
    )


def declares(outcome: Checked) -> str:
    """What a registry without findings declares, in a few words."""
    if outcome.registry is None:
        return ""
    repositories = _count(len(outcome.registry.repositories), "repository", "repositories")
    home = outcome.registry.home
    return f"{repositories} in {', '.join(location.beside(home) for location in outcome.registry.locations)}"


def print_finding(finding: Finding) -> None:
    """Print one finding, its first line in the colour of its severity on a terminal."""
    head, _, rest = str(finding).partition("\n")
    typer.secho(head, fg=_COLOURS[finding.severity] if sys.stdout.isatty() else None)
    if rest:
        typer.echo(rest)


def _number(findings: Sequence[Finding], severity: Severity) -> int:
    return sum(finding.severity is severity for finding in findings)


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
