"""Drift for people, for programs and for pull requests."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, Final

from ops.drift.compare import INFORMATIONAL, Drift, State
from ops.drift.fix import Step
from ops.terminal import count
from registry.findings import listed
from registry.locations import Location
from registry.naming import audit_policy_name

COLUMNS: Final = ("where", "what", "setting", "expected", "live")
_LONGEST: Final = 300  # characters of a value on a terminal; what is piped is whole


def as_json(found: Sequence[Drift], compared_with: str) -> dict[str, Any]:
    """Everything, whole."""
    told = [_row(drift) for drift in found if drift.state in INFORMATIONAL]
    wrong = [_row(drift) for drift in found if drift.state not in INFORMATIONAL]
    return {"comparedWith": compared_with, "drift": wrong, "information": told}


def _row(drift: Drift) -> dict[str, Any]:
    return {
        "account": drift.thing.at.account,
        "region": drift.thing.at.region,
        "kind": drift.thing.noun,
        "name": drift.thing.name or None,
        "state": str(drift.state),
        "setting": drift.setting or None,
        "expected": drift.expected,
        "live": drift.live,
        **({"stack": drift.owner} if drift.owner else {}),
        **({"refused": drift.refused} if drift.refused else {}),
    }


def table(found: Sequence[Drift], home: Location) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """The same as columns and rows."""
    return COLUMNS, [_cells(drift, home) for drift in found]


def step_text(step: Step, home: Location) -> str:
    """What one call puts back, or why a row stays: for the question and for the list."""
    thing = step.thing
    what = f"{thing.noun} {thing.name}".rstrip() + f" in {thing.at.beside(home)}"
    if step.change is not None and step.change.deletes:
        return f"{what}: take it away, the file does not declare it"
    if step.change is not None and step.change.live is None:
        return f"{what}: create it again as the file declares it" + (
            ", without images" if thing.noun == "repository" else ""
        )
    settings = listed(row.setting for row in step.rows if row.setting)
    return f"{what}: {settings or step.rows[0].state}"


def summary(found: Sequence[Drift]) -> str:
    """One line that counts."""
    wrong = sum(drift.state not in INFORMATIONAL for drift in found)
    refused = sum(drift.refused is not None for drift in found)
    told = len(found) - wrong - refused
    return (
        (count(wrong, "difference") if wrong else "no drift")
        + (f", {told:,} for information" if told else "")
        + (f", {count(refused, 'kind')} not compared" if refused else "")
    )


def refused_text(refused: Sequence[Drift], registry: str) -> str:
    """Which kinds are not compared, and what lets these credentials read them."""
    kinds = dict.fromkeys(f"{drift.thing.noun} of {drift.thing.at.account}" for drift in refused)
    actions = dict.fromkeys(str(drift.refused) for drift in refused)
    return (
        f"note: not compared: every {listed(kinds)}; these credentials may not call {listed(actions)}\n"
        f"    way out: attach the managed policy {audit_policy_name(registry)} to them"
    )


def _cells(drift: Drift, home: Location) -> tuple[str, ...]:
    thing = drift.thing
    where, what = thing.at.beside(home), f"{thing.noun} {thing.name}".rstrip()
    if drift.refused:
        return where, f"every {what}", "", "", f"not compared: these credentials may not call {drift.refused}"
    if drift.state in _WHOLE:
        expected, live = _WHOLE[drift.state]
        return where, what, "", expected, f"exists, in the stack {drift.owner}" if drift.owner else live
    expected, live = short(drift.expected, drift.live), short(drift.live, drift.expected)
    if drift.state is State.NOT_COMPARED:
        live += " (not compared: this key cannot be asked for)"
    return where, what, drift.setting, expected, live


_WHOLE: Final = {
    State.MISSING: ("there is one", "nothing"),
    State.EXISTS_OUTSIDE_STACK: ("none outside its stack", "exists, and is in no stack"),
    State.LEFT_OVER: ("nothing", "exists, and the file does not declare it"),
    State.UNDECLARED: ("", "exists, and the file does not declare it"),
}


def only(value: Any, other: Any) -> Any:
    """The parts of a value that the other does not have: of two long policies the statements that differ."""
    if isinstance(value, dict) and isinstance(other, dict):
        return {
            key: only(each, other.get(key)) for key, each in value.items() if key not in other or other[key] != each
        }
    if isinstance(value, list) and isinstance(other, list):
        return [each for each in value if each not in other]
    return value


def short(value: Any, other: Any) -> str:
    """What a value has and the other has not, in so many characters as a terminal is read for."""
    value = only(value, other)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST or not sys.stdout.isatty() else f"{text[:_LONGEST]}…"
