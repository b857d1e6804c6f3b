"""Reading so much that Python's own work is what takes the time: in a process for each processor.

Python runs one thread at a time, and boto3 works some milliseconds for each answer that it waits 20 for. Of a thousand
repositories, threads alone spend most of the time waiting for each other (benchmarks/README.md).
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final, TypeVar, cast

from ops.aws.cloud import CloudError
from ops.aws.parallel import as_done, in_order, map_parallel
from registry.errors import RegistryError

#: Calls at a time of all processes: more than of one, because each works on some answers while others are on their way.
AT_ONCE: Final = 24

#: Items for each process: below, starting one takes longer than it wins.
LEAST: Final = 100

#: Objects more than at the last look, before Python looks for cycles: a hundred long answers at a time.
_GARBAGE: Final = 50_000

Item = TypeVar("Item")
Result = TypeVar("Result")
_Prepare = Callable[[], Callable[[Item], Result]]


def map_reading(items: Sequence[Item], prepare: _Prepare[Item, Result], doing: str) -> list[Result]:
    """The results for every item in the order of the items, as of `map_parallel`.

    Where there are many items and several processors, processes share them. So nothing that is read may be left in a
    variable, and every process makes what it asks with: an open connection has one user.

    :param prepare: makes the clients, and gives the function that reads; it is called once in each process.
    :param doing: what the bar says.
    """
    processes = min(_processors(), AT_ONCE, len(items) // LEAST)
    if processes < 2:
        return map_parallel(items, prepare(), doing)
    with _reading(items, prepare, processes) as pipes:  # before the bar, which is a thread of its own
        return in_order(len(items), _results(pipes), doing)


def _processors() -> int:
    """Those that this process may use. Elsewhere than on Linux a fork is not safe with the system's own libraries."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


@contextmanager
def _reading(items: Sequence[Item], prepare: _Prepare[Item, Result], processes: int) -> Iterator[dict[Connection, int]]:
    """So many processes that read: how many results come out of each one's pipe. At the end of the block they end."""
    fork = multiprocessing.get_context("fork")
    started: list[BaseProcess] = []
    pipes: dict[Connection, int] = {}
    try:
        with _deaf():
            for number in range(processes):
                here, there = fork.Pipe(duplex=False)
                pipes[here] = len(range(number, len(items), processes))
                started.append(fork.Process(target=_read, args=(there, items, prepare, number, processes), daemon=True))
                started[-1].start()
                there.close()  # or the end of the process would not be the end of the pipe
        yield pipes
    finally:
        for process in started:
            if process.pid is not None:  # Ctrl-C can come before it has begun
                process.kill()
                process.join()
        for here in pipes:
            here.close()


def _results(pipes: dict[Connection, int]) -> Iterator[tuple[int, Any]]:
    """The results as they come, each with its index; the first error is raised."""
    left = dict(pipes)
    while waited := [here for here, results in left.items() if results]:
        for here in cast("list[Connection]", wait(waited)):
            try:
                index, result, problem = here.recv()
            except EOFError:
                raise CloudError(
                    "a process that reads from AWS has ended before its work\n"
                    "    way out: look for what ends processes here, such as a limit of memory, and run this again"
                ) from None
            if problem is not None:
                raise problem
            left[here] -= 1
            yield index, result


@contextmanager
def _deaf() -> Iterator[None]:
    """Hear Ctrl-C afterwards: Python drops what it raises within a fork. Processes that are made here never hear it.

    The one that waits for them does, and ends them.
    """
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def _read(
    pipe: Connection,
    items: Sequence[Item],
    prepare: _Prepare[Item, Result],
    number: int,
    processes: int,
) -> None:
    """What one process does: every so many-th item, as many at a time as its part of the calls."""
    # Answers are many maps without a cycle: to look for cycles after every third of them took a sixth of the time.
    gc.set_threshold(_GARBAGE)
    with suppress(BrokenPipeError):  # nobody waits any more
        mine = range(number, len(items), processes)
        try:
            for place, result in as_done([items[it] for it in mine], prepare(), at_once=max(1, AT_ONCE // processes)):
                pipe.send((mine[place], result, None))
        except BrokenPipeError:
            raise
        except BaseException as problem:
            pipe.send((number, None, _portable(problem)))


def _portable(problem: BaseException) -> BaseException:
    """An error that the other process can be given; where that is not possible, one with its text and exit code."""
    try:
        pickle.loads(pickle.dumps(problem))  # noqa: S301
    except Exception:
        plain = RegistryError(str(problem))
        plain.exit_code = getattr(problem, "exit_code", plain.exit_code)
        return plain
    return problem
