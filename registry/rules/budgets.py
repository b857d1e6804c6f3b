"""Rules about budgets."""

from __future__ import annotations

from collections.abc import Iterator

from registry.findings import Severity, listed
from registry.nearest import did_you_mean
from registry.rules.rule import Problem, RuleContext, rule


@rule(
    "budget-owner",
    "Give a budget to an owner that has repositories",
    "docs/cost.md",
    Severity.WARNING,
    waits=True,
)
def budget_owner(declared: RuleContext) -> Iterator[Problem]:
    """A budget of nobody is never exceeded, whatever its team spends under another name."""
    owners = {it.owner for it in declared.registry.repositories} - {None}
    for owner in declared.root.budgets:
        if owner not in owners:
            known = sorted(map(str, owners))
            yield Problem(
                at=("budgets", owner),
                message=f"no repository has the owner {owner}",
                given=owner,
                allowed=f"owners of repositories: {listed(known)}"
                if known
                else "owners of repositories, and none has one",
                way_out=did_you_mean(owner, known) or "write owner: beside the repositories, or remove the budget",
                key=True,
            )
