"""Rules about accepted warnings. Whether one has lapsed or does nothing is known after all rules."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import TEAM_FILE, Severity, YamlPath, shown
from registry.nearest import did_you_mean
from registry.rules.rule import RULES, Problem, RuleContext, rule
from registry.shape import AcceptanceShape

RULES_PAGE = "docs/rules.md"


def acceptances(declared: RuleContext) -> Iterator[tuple[YamlPath, str | None, AcceptanceShape]]:
    """Every acceptance with its place and the team's file it stands in (None: the root file)."""
    for index, accepted in enumerate(declared.root.acceptances):
        yield ("acceptances", index), None, accepted
    for file, team in declared.written.teams.items():
        for index, accepted in enumerate(team.acceptances):
            yield (TEAM_FILE, file, "acceptances", index), file, accepted


@rule("acceptance", "Name a rule that warns, and give a reason", RULES_PAGE)
def acceptance(declared: RuleContext) -> Iterator[Problem]:
    """Only warnings can be accepted. The reason is what a reviewer judges, and what the next person reads."""
    warnings = sorted(r.id for r in RULES.values() if r.severity is Severity.WARNING)
    for at, _, accepted in acceptances(declared):
        if accepted.rule not in warnings:
            yield Problem(
                at=(*at, "rule"),
                message=f"{accepted.rule} is not a rule that warns; errors cannot be accepted",
                given=shown(accepted.rule),
                allowed="the id of a warning, in brackets at the end of its message; `ecrctl rule` lists all",
                way_out=did_you_mean(accepted.rule, warnings) or "remove the acceptance",
            )
        elif not accepted.reason.strip():
            yield Problem(
                at=(*at, "reason"),
                message="an acceptance needs a reason",
                given=shown(accepted.reason),
                allowed="words a reviewer can judge",
                way_out=f"say why {accepted.rule} is right here",
            )
