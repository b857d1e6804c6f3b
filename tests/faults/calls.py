"""Which calls of a line are killed, so that every run of it finds the same ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.faults.kinds import KILLS, KINDS, Fault
from tests.faults.request import Request

KILLED = [KINDS[name] for name in KILLS]


@dataclass(frozen=True)
class Call:
    """A call as every run of a line has it, in whatever order: stacks are deployed four at a time."""

    region: str
    operation: str
    about: str
    number: int  # of those that are alike, from 0
    writes: bool

    def is_last_of(self, asked: Sequence[Request]) -> bool:
        """Whether this is the one that was asked just now."""
        return calls_of(asked[-1:])[0] == replace(self, number=0) and calls_of(asked)[-1] == self


def calls_of(asked: Sequence[Request]) -> list[Call]:
    """What was asked for."""
    found, met = [], Counter[tuple[str, str, str]]()
    for request in asked:
        key = (request.scope[0], request.call, request.about)
        found.append(Call(*key, met[key], request.writes))
        met[key] += 1
    return found


def kills(calls: Sequence[Call]) -> list[tuple[Fault, Call]]:
    """Before and after each call that changes something, and before the first one of each operation that reads.

    Between two changes the cloud stays as it is, so the next reading call would tell nothing new.
    """
    first = {call.operation: call for call in reversed(calls)}
    return [
        (fault, call)
        for call in calls
        if call.writes or first[call.operation] == call
        for fault in KILLED[: 1 + call.writes]
    ]
