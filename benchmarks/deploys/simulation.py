"""One account's deploy as events: stacks by dependency and workers, repositories in parallel, calls against rates."""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.deploys.assumptions import CREATES, FIRST_WAIT, LONGEST_WAIT, Case

#: How many calls a rate lets through at once before it holds: a second's worth.
BURST_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack as a deploy sees it: where, with how many repositories that change, after which others."""

    name: str
    region: str
    repositories: int = 0
    changes: bool = True
    after: Sequence[str] = ()


@dataclass(slots=True)
class Outcome:
    """What came of a deploy: seconds to its end, calls that were throttled, and how often one call was at most."""

    seconds: float = 0.0
    throttled: int = 0
    most_throttled: int = 0


@dataclass(slots=True)
class _Bucket:
    """A token bucket: so many calls a second, and a second's worth at once."""

    rate: float
    tokens: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = max(1.0, self.rate * BURST_SECONDS)

    def takes(self, now: float) -> bool:
        """Whether a call gets through now."""
        self.tokens = min(max(1.0, self.rate * BURST_SECONDS), self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1 - 1e-9:
            return False
        self.tokens -= 1
        return True


class Deploy:
    """A deploy of one account by workers that take a stack each, in order, as soon as what it needs is there."""

    def __init__(self, stacks: Sequence[Stack], case: Case, workers: int, calls: Sequence[str] = CREATES) -> None:
        self._case, self._calls, self._free = case, calls, workers
        self._waiting = list(stacks)
        self._done: set[str] = set()
        self._buckets: dict[tuple[str, str], _Bucket] = defaultdict(lambda: _Bucket(case.calls_a_second))
        self._left: dict[str, int] = {}
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._count = 0
        self._chance = random.Random(0)  # noqa: S311 - the same in every run
        self.outcome = Outcome()

    def run(self) -> Outcome:
        """Let it run to its end.

        :raises ValueError: where a stack waits for one that never comes.
        """
        self._start(0.0)
        while self._events:
            now, _, event = heapq.heappop(self._events)
            event(now)
        if self._waiting:
            raise ValueError(f"{self._waiting[0].name} waits for a stack that is not there")
        return self.outcome

    def _at(self, when: float, event: Callable[[float], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (when, self._count, event))

    def _start(self, now: float) -> None:
        for stack in list(self._waiting):
            if not self._free:
                return
            if self._done.issuperset(stack.after):
                self._waiting.remove(stack)
                self._free -= 1
                self._begin(stack, now)

    def _begin(self, stack: Stack, now: float) -> None:
        if not stack.changes:
            self._at(now + self._case.unchanged, lambda then: self._end(stack, then))
            return
        ready, self._left[stack.name] = now + self._case.stack, stack.repositories
        if not stack.repositories:
            self._at(ready, lambda then: self._end(stack, then))
        for _ in range(min(stack.repositories, self._case.at_a_time)):
            self._at(ready, lambda then: self._call(stack, 0, 0, then))
        self._left[f"{stack.name} queued"] = max(0, stack.repositories - self._case.at_a_time)

    def _call(self, stack: Stack, number: int, tries: int, now: float) -> None:
        if not self._buckets[stack.region, self._calls[number]].takes(now):
            self.outcome.throttled += 1
            self.outcome.most_throttled = max(self.outcome.most_throttled, tries + 1)
            wait = self._chance.random() * min(LONGEST_WAIT, FIRST_WAIT * 2**tries)
            self._at(now + wait, lambda then: self._call(stack, number, tries + 1, then))
        elif number + 1 < len(self._calls):
            self._call(stack, number + 1, 0, now)
        else:
            self._at(now + self._case.handler, lambda then: self._made(stack, then))

    def _made(self, stack: Stack, now: float) -> None:
        self._left[stack.name] -= 1
        if self._left[f"{stack.name} queued"]:
            self._left[f"{stack.name} queued"] -= 1
            self._call(stack, 0, 0, now)
        elif not self._left[stack.name]:
            self._end(stack, now)

    def _end(self, stack: Stack, now: float) -> None:
        self._done.add(stack.name)
        self._free += 1
        self.outcome.seconds = max(self.outcome.seconds, now)
        self._start(now)


def in_turns(jobs: int, at_a_time: int, seconds: float) -> float:
    """Seconds of equal jobs of which so many run at a time."""
    return -(-jobs // at_a_time) * seconds
