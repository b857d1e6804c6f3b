"""Warnings that somebody has accepted: which of them are silent today, and which acceptances have no warning left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from registry.findings import Finding, Position, Severity, YamlPath, shown
from registry.reading.sources import Sources
from registry.rules import RULES, RuleContext
from registry.rules.acceptances import acceptances
from registry.rules.rule import intact


def apply_acceptances(
    findings: Sequence[Finding], declared: RuleContext, sources: Sources, damaged: frozenset[YamlPath], today: date
) -> list[Finding]:
    """The findings without the accepted warnings, and a warning for each acceptance that has lapsed or does nothing.

    The root file accepts for all files, a team's file for itself. Errors cannot be accepted. Of a `damaged` acceptance
    nothing is said: its own finding is enough.
    """
    said: list[Finding] = []
    silent: set[tuple[str, str | None]] = set()
    failed = any(finding.severity is Severity.ERROR for finding in findings)
    for place, file, acceptance in acceptances(declared):
        if not intact(place, damaged):
            silent.add((acceptance.rule, file))
            continue
        at = sources.position((*place, "until"))
        if acceptance.last_day is not None and today > acceptance.last_day:
            given = shown(acceptance.until)
            said.append(
                _warning("acceptance-lapsed", at, f"{acceptance.rule} is no longer accepted", given,
                         f"today is {today}", "solve the cause of the warning, or give a later day")
            )  # fmt: skip
            continue
        silent.add((acceptance.rule, file))
        rule = RULES.get(acceptance.rule)
        warned = any(_covers(acceptance.rule, file, finding) for finding in findings)
        if rule and rule.severity is Severity.WARNING and not warned and not failed:
            said.append(
                _warning("acceptance-unused", sources.position((*place, "rule")), f"there is no warning {rule.id} here",
                         shown(rule.id), "acceptances of warnings that exist", "remove it")
            )  # fmt: skip
    kept = [f for f in findings if not any(_covers(rule, file, f) for rule, file in silent)]
    return [*kept, *said]


def _covers(rule: str, file: str | None, finding: Finding) -> bool:
    return (
        finding.rule == rule
        and finding.severity is Severity.WARNING
        and (file is None or finding.position.file == file)
    )


def _warning(rule: str, position: Position, message: str, given: str, allowed: str, way_out: str) -> Finding:
    return Finding(rule, Severity.WARNING, position, message, given, allowed, way_out, "docs/rules.md")
