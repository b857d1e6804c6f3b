"""Rules about accepted warnings."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import Severity, shown
from registry.rules.mechanism import RULES, Declared, Problem, rule
from registry.shape_findings import did_you_mean


@rule("acceptance", "An acceptance names a rule that warns, and says why", "docs/rules.md")
def acceptance(declared: Declared) -> Iterator[Problem]:
    warnings = sorted(r.id for r in RULES.values() if r.severity is Severity.WARNING)
    for index, accepted in enumerate(declared.file.acceptances):
        if not declared.intact(("acceptances", index)):
            continue
        if accepted.rule not in warnings:
            yield Problem(
                at=("acceptances", index, "rule"),
                message=f"{accepted.rule} is not a rule that warns; errors cannot be accepted",
                given=shown(accepted.rule),
                allowed=", ".join(warnings),
                way_out=did_you_mean(accepted.rule, warnings) or "remove the acceptance",
            )
        elif not accepted.reason.strip():
            yield Problem(
                at=("acceptances", index, "reason"),
                message="an acceptance needs a reason",
                given=shown(accepted.reason),
                allowed="words a reviewer can judge",
                way_out=f"say why {accepted.rule} is right here",
            )
