"""One thing dropped in a fork of a pytest that has collected its tests already: which test notices it?"""

from __future__ import annotations

import gc
import inspect
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.mutants.dropped import Mutant

#: Seconds for all tests of a part.
_HANGS: Final = 900


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was dropped, and the test that noticed; empty where none did."""

    part: str
    name: str
    noticed_by: str


def trials(mutants: Iterable[Mutant], tests: Callable[[Mutant], Callable[[], str]], at_once: int) -> Iterator[Outcome]:
    """Each in a fork of its own, some at a time, as they end.

    :param tests: what runs the tests of a mutant until one fails, and says which one.
    """
    waiting, running = list(mutants)[::-1], dict[int, tuple[Mutant, int]]()
    while waiting or running:
        while waiting and len(running) < at_once:
            mutant = waiting.pop()
            process, pipe = _forked(mutant, tests(mutant))
            running[process] = (mutant, pipe)
        process, status = os.wait()
        if process not in running:  # a child of something that was imported
            continue
        mutant, pipe = running.pop(process)
        with os.fdopen(pipe) as said:
            noticed = said.read()
        if code := os.waitstatus_to_exitcode(status):
            raise RuntimeError(f"{mutant.part}: {mutant.name}: its process ended with {code}")
        yield Outcome(mutant.part, mutant.name, noticed)


def _forked(mutant: Mutant, tests: Callable[[], str]) -> tuple[int, int]:
    """The process, and what it says of which test."""
    read, write = os.pipe()
    process = os.fork()
    if process:
        os.close(write)
        return process, read
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(nothing, number)
        signal.alarm(_HANGS)
        mutant.drop()
        os.write(write, tests().encode())
        os._exit(0)
    finally:
        os._exit(1)  # an exception: what is left behind is no test


class Collected:
    """A plugin of pytest: what it has collected runs for each mutant, until a test fails."""

    def __init__(self, mutants: Sequence[Mutant], rooms: Mapping[str, Sequence[str]], at_once: int) -> None:
        self.mutants, self.rooms, self.at_once = mutants, rooms, at_once
        self.outcomes: list[Outcome] = []
        self.red = "nothing was tried"  # without anything dropped

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        said = {item: _said(item) for item in session.items}

        def tests(mutant: Mutant) -> Callable[[], str]:
            rooms = tuple(self.rooms[mutant.part])
            own = [item for item in session.items if item.nodeid.startswith(rooms)]
            own.sort(key=lambda item: mutant.word not in said[item])
            return lambda: first_red(session, own)

        gc.freeze()  # so that a fork does not copy what it only looks at
        for outcome in trials(self.mutants, tests, self.at_once):
            self.outcomes.append(outcome)
            print(f"{outcome.part}: {outcome.name}: {outcome.noticed_by or 'NOBODY NOTICES'}", flush=True)
        noticing = {it.noticed_by for it in self.outcomes}
        again = [item for item in session.items if item.nodeid in noticing]
        (whole,) = trials(
            [Mutant(part="", name="", word="", drop=lambda: None)], lambda _: lambda: first_red(session, again), 1
        )
        self.red = whole.noticed_by
        return True


def _said(item: pytest.Item) -> str:
    """What a test says: its name, its text, its values, and the messages that stand beside a file it is given."""
    function = inspect.unwrap(getattr(item, "function", _said))
    given = getattr(item, "callspec", None)
    values = list(given.params.values()) if given else []
    beside = [it.with_suffix(".txt") for it in values if isinstance(it, Path)]
    texts = [it.read_text(encoding="utf-8") for it in beside if it.is_file()]
    return "".join([item.nodeid, inspect.getsource(function), *map(repr, values), *texts])


def first_red(session: pytest.Session, items: Sequence[pytest.Item]) -> str:
    """Run tests until one fails, and say which one."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return item.nodeid
    return ""
