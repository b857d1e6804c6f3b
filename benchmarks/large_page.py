"""The section of docs/reliability.md about very many repositories.

A run puts its rows in place of older ones about the same: all of them take hours, and one part is often enough.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.large_limits import Use
from benchmarks.large_steps import Step
from scripts.reliability import RUNS, Section, Table, put

NAME: Final = "size"
COMMAND: Final = "python -m benchmarks.large --write"  # all parts; each has an option
MEMORY_BAR: Final = 2_500  # MB of all processes of a line
_STEPS: Final = ("repositories", "line", "time", "processor", "a repository", "memory", "")
_ALLOWED: Final = "allowed"

Rows = Sequence[Sequence[str]]


def write(steps: Sequence[Step], found: Mapping[int, Sequence[Use]]) -> None:
    """Put what a run measured into docs/reliability.md, over what an older run measured of the same."""
    file = RUNS / f"{NAME}.json"
    with file.open("a+", encoding="utf-8") as opened:  # several runs at once, of a part each
        fcntl.flock(opened, fcntl.LOCK_EX)
        _write(file.read_text(encoding="utf-8"), steps, found)


def _write(text: str, steps: Sequence[Step], found: Mapping[int, Sequence[Use]]) -> None:
    tables = json.loads(text)["tables"] if text else []
    older, limits = (tables[0]["rows"], _by_limit(tables[1]["columns"], tables[1]["rows"])) if tables else ([], {})
    put(NAME, section(renewed(older, [it.row() for it in steps]), with_uses(limits, found)))


def section(steps: Rows, limits: Mapping[str, Mapping[str, str]]) -> Section:
    """The section of these rows."""
    sizes = sorted({size for cells in limits.values() for size in cells} - {_ALLOWED}, key=_number)
    columns = ("limit", *sizes, _ALLOWED)
    rows = [(limit, *(cells.get(each, "") for each in columns[1:])) for limit, cells in limits.items()]
    return Section(
        place=10,
        title="Very many repositories",
        says=[
            "A home and two replicas that hold everything, so that AWS has three times as many repositories. Of each "
            "thousand: a namespace of 400 in two shards, four of 100, twenty of 10 which share stacks; a team file, a "
            "default of its own and grants for each namespace. The change of the plan: a lifecycle, a principal, and "
            "in every tenth team a setting, a grant and three repositories.",
            "Other jobs shared the two processors, so that the time says little: look at the processor time, of which "
            "that of a repository is. Memory is that of all processes of a line together; the bar is "
            f"{MEMORY_BAR:,} MB.",
            "Then every template is held to the limits: the most that any of them has, by the repositories declared. "
            "A namespace is given more shards by the lines of docs/operations.md, and nothing is lost. 1,000 projects "
            "with two repositories each are in the home alone.",
            *_not_run(steps),
        ],
        tables=[Table(columns=_STEPS, rows=steps), Table(columns=columns, rows=rows)],
        command=COMMAND,
    )


def _not_run(steps: Rows) -> list[str]:
    """A sentence for each line that was typed for one number of repositories and not for another."""
    typed = {(row[0], row[1]) for row in steps}
    sizes = sorted({size for size, line in typed if line == "`cdk synth`"}, key=_number)
    lines = dict.fromkeys(row[1] for row in steps if row[0] in sizes)
    missing = {size: [line for line in lines if (size, line) not in typed] for size in sizes}
    return [f"**Not run** for {size}: {', '.join(found)}." for size, found in missing.items() if found]


def renewed(older: Rows, newer: Rows) -> list[Sequence[str]]:
    """The rows of both, by repositories and in the order of the lines; of two about the same line the newer."""
    rows = {(row[0], row[1]): row for row in (*older, *newer)}
    by_size = sorted(rows.values(), key=lambda row: _number(row[0]))
    turn = {line: place for place, line in enumerate(dict.fromkeys(row[1] for row in by_size))}
    return sorted(by_size, key=lambda row: (_number(row[0]), turn[row[1]]))


def with_uses(limits: Mapping[str, Mapping[str, str]], found: Mapping[int, Sequence[Use]]) -> dict[str, dict[str, str]]:
    """The most of each limit, by the number of repositories, and what is allowed."""
    result = {limit: dict(cells) for limit, cells in limits.items()}
    for size, uses in found.items():
        for use in uses:
            result.setdefault(use.limit, {}).update({f"{size:,}": f"{use.most:,}", _ALLOWED: f"{use.allowed:,}"})
    return result


def _by_limit(columns: Sequence[str], rows: Rows) -> dict[str, dict[str, str]]:
    return {row[0]: dict(zip(columns[1:], row[1:], strict=True)) for row in rows}


def _number(text: str) -> int:
    return int(text.replace(",", ""))
