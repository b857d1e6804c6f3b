"""Budgets of owners: what a month costs by owner, and whose costs are above what the file allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from registry.cost.bill import Bill
from registry.cost.money import Range, amount_text, cents
from registry.findings import Finding, Severity
from registry.model import Registry
from registry.reading.sources import Sources

RULE = "budget-exceeded"


@dataclass(frozen=True, slots=True)
class Spent:
    """What an owner costs in a month, beside the budget; None where there is none.

    `over`: even the low end of the estimate is above it. `maybe`: the high end is.
    """

    owner: str
    monthly: Range
    budget: int | None

    @property
    def over(self) -> bool:
        """Whether the budget is certainly not enough."""
        return self.budget is not None and self.monthly.low > Decimal(self.budget)

    @property
    def maybe(self) -> bool:
        """Whether the budget may not be enough."""
        return self.budget is not None and self.monthly.high > Decimal(self.budget)


def spent(bill: Bill, registry: Registry) -> tuple[Spent, ...]:
    """Every owner that costs something or has a budget; what nobody's repository causes comes first, without a name."""
    found = bill.by_owner()
    owners = sorted({*found, *registry.budgets})
    return tuple(Spent(owner, found.get(owner, Range()), registry.budgets.get(owner)) for owner in owners)


def findings(bill: Bill, registry: Registry, sources: Sources) -> Iterator[Finding]:
    """The budgets that are not enough: errors where that is certain, warnings where the estimate leaves it open."""
    currency = bill.prices.currency
    for it in spent(bill, registry):
        if it.maybe:
            assert it.budget is not None
            yield Finding(
                RULE,
                Severity.ERROR if it.over else Severity.WARNING,
                sources.position(("budgets", it.owner)),
                f"{it.owner} {'costs' if it.over else 'may cost'} more than its budget",
                f"{amount_text(it.monthly)} {currency} a month",
                f"{cents(Decimal(it.budget))} {currency}",
                "`ecrctl usage` says what takes the room; a lifecycle, fewer replicas, or a larger budget",
                "docs/cost.md",
            )
