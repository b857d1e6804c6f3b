"""Findings for people, for programs, and as the annotations of a pull request."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ops.output.annotations import annotation
from ops.terminal import Colour, count, print_ci_command, say
from registry.errors import ExitCode
from registry.findings import Finding, Severity
from registry.load import CheckResult

_COLOURS: Final[dict[Severity, Colour]] = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_OF_A_KIND: Final = 5  # findings with one cause that are shown; people read no more
#: Words of a message that name something of the file; without them, messages with one cause are the same.
_NAMES: Final = re.compile(r'"[^"]*"|\S*[\d./_-]\S*')


def print_findings(file: str, findings: Sequence[Finding], fine: str) -> None:
    """Show the findings and a closing line that counts them, or says that all is `fine`.

    Of many with one rule and one cause the first are shown whole, and where the last is.
    """
    for finding, more in _grouped(findings):
        head, _, rest = str(finding).partition("\n")
        say(head, colour=_COLOURS[finding.severity])
        if rest:
            say(rest)
        if more:
            say(f"    and {len(more):,} more of this kind, the last at {more[-1].position}; --json has all of them")
    if findings:
        errors, warnings = (_number(findings, severity) for severity in (Severity.ERROR, Severity.WARNING))
        say(f"{file}: {count(errors, 'error')}, {count(warnings, 'warning')}")
        say("`ecrctl rule ID` says why; the ID is the word in [brackets]")
    else:
        say(f"{file}: {fine}; no findings")
    _annotate(findings)


def report(file: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "file": file,
        "errors": _number(findings, Severity.ERROR),
        "warnings": _number(findings, Severity.WARNING),
        "findings": [finding.as_dict() for finding in findings],
    }


def exit_code(findings: Iterable[Finding]) -> ExitCode:
    """How a command ends whose answer is findings."""
    return ExitCode.NO if any(finding.severity is Severity.ERROR for finding in findings) else ExitCode.FINE


def declares(outcome: CheckResult) -> str:
    """What a registry without findings declares, in a few words."""
    if outcome.registry is None:
        return ""
    repositories = count(len(outcome.registry.repositories), "repository", "repositories")
    home = outcome.registry.home
    return f"{repositories} in {', '.join(location.beside(home) for location in outcome.registry.locations)}"


def _grouped(findings: Sequence[Finding]) -> Iterator[tuple[Finding, Sequence[Finding]]]:
    """What is shown, and after the last of a kind those that are not."""
    kinds: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault(_kind(finding), []).append(finding)
    for finding in findings:
        kind = kinds[_kind(finding)]
        if len(kind) <= _OF_A_KIND + 1:  # "and 1 more" would be as long as the one
            yield finding, ()
        elif any(finding is each for each in kind[:_OF_A_KIND]):
            yield finding, kind[_OF_A_KIND:] if finding is kind[_OF_A_KIND - 1] else ()


def _kind(finding: Finding) -> tuple[str, ...]:
    return finding.rule, finding.severity, finding.allowed, _NAMES.sub("", finding.message)


def _annotate(findings: Sequence[Finding]) -> None:
    """In GitHub Actions each finding stands beside its line in the pull request. They are no part of the answer."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    for each in findings:
        lines = [each.message, *(f"way out: {each.way_out}" for _ in [0] if each.way_out)]
        print_ci_command(annotation(each.severity, each.position, each.rule, lines), err=True)


def _number(findings: Sequence[Finding], severity: Severity) -> int:
    return sum(finding.severity is severity for finding in findings)
