"""The tables of docs/scale.md, and the section of docs/reliability.md: computed, so the same on every machine."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from benchmarks.deploys import assumptions, quotas
from benchmarks.deploys.assumptions import CASES, MORE_STACKS_AT_A_TIME, STACKS_AT_A_TIME
from benchmarks.deploys.engines import CHANGES, FIRST, account, durations
from benchmarks.fleet import WHOLE, Size
from scripts.reliability import Section, Table

PAGE: Final = Path(__file__).resolve().parent.parent.parent / "docs" / "scale.md"
_PLACE: Final = re.compile(r"(<!-- table: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_TRIED: Final = (1, STACKS_AT_A_TIME, 8, MORE_STACKS_AT_A_TIME, 25, 60)
_COLUMNS: Final = ("quota", "is", f"{WHOLE.accounts} accounts take", "of it", "ends at", "AWS raises it")


def filled(text: str) -> str:
    """A page with its tables as they are computed now.

    :raises KeyError: where it asks for a table that there is not.
    """
    return _PLACE.sub(lambda found: f"{found[1]}{_markdown(tables()[found[2]])}\n{found[3]}", text)


@cache
def tables() -> Mapping[str, Table]:
    """Every table by its name in docs/scale.md."""
    return {
        "durations": Table(
            columns=("", *(change.name for change in CHANGES)),
            rows=[[engine, *map(_range, found)] for engine, found in _durations()],
        ),
        "quotas": Table(columns=_COLUMNS, rows=quotas.rows(quotas.OF_ACCOUNTS, WHOLE)),
        "other-quotas": Table(columns=_COLUMNS, rows=quotas.rows(quotas.OF_OTHER_ENGINES, WHOLE)),
        "assumptions": Table(columns=("what", *CASES, "source"), rows=assumptions.rows()),
    }


def section() -> Section:
    """What docs/reliability.md says of it."""
    return Section(
        place=60,
        title="Deploys of a whole fleet, simulated",
        says=[
            f"{_told(WHOLE)}: what engines take for it, and one account alone. Nothing was deployed: docs/scale.md "
            "says what is assumed, and from where.",
            "Calls that ECR throttles are tried again after a random time, at most 1, 2, 4 … 20 s. The AWS SDKs give "
            "up after three tries by default; how often CloudFormation tries is not published.",
        ],
        tables=[
            Table(
                columns=("engine", "deploy", *CASES),
                rows=[
                    [engine, change.name, *map(time_of, each)]
                    for engine, found in _durations()
                    for change, each in zip(CHANGES, found, strict=True)
                ],
            ),
            Table(
                columns=("stacks at a time in one account", *CASES, "throttled calls, likely", "tries of one call"),
                rows=[_account(workers) for workers in _TRIED],
            ),
        ],
        command="python -m benchmarks.deploys --write",
    )


@cache
def _durations() -> list[tuple[str, list[list[float]]]]:
    return list(durations(WHOLE, list(CASES.values())))


def _account(workers: int) -> list[str | int]:
    found = {name: account(WHOLE, FIRST, case, workers) for name, case in CASES.items()}
    likely = found["likely"]
    return [
        workers,
        *(time_of(it.seconds) for it in found.values()),
        f"{likely.throttled:,}",
        likely.most_throttled + 1,
    ]


def _told(size: Size) -> str:
    return (
        f"{size.accounts} accounts, {size.regions} regions, {size.repositories:,} repositories, each in every region: "
        f"{size.accounts * size.stacks_in_account:,} stacks with {size.regions * size.repositories:,} repositories"
    )


def _range(cases: Sequence[float]) -> str:
    low, likely, high = cases
    return f"**{time_of(likely)}** ({time_of(low)} to {time_of(high)})"


def time_of(seconds: float) -> str:
    """Seconds as people say them: `45 s`, `22 min`, `1.9 h`, `2.4 days`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 36 * 3600 else f"{seconds / 86400:.1f} days"


def _markdown(table: Table) -> str:
    lines = [table.columns, ["---"] * len(table.columns), *table.rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
