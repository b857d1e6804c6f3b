"""Many things at once, with a progress bar on a terminal."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar, cast

from ops.terminal import progress

WORKERS: Final = 16  # calls at a time; boto3 retries what AWS throttles
THREAD: Final = "ecrctl"  # what the threads are called

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_parallel(
    items: Sequence[Item], work: Callable[[Item], Result], doing: str, *, at_once: int | None = None
) -> list[Result]:
    """The results of `work` for every item, in the order of the items; the first error ends it.

    After an error, or Ctrl-C, nothing more is begun, and nobody waits for what is under way: these threads are no
    obstacle to the end of the program. An executor of the standard library would be: it waits for a call that hangs.

    :param work: reads, or changes what the next run goes on with; it could be left half done.
    :param doing: what the bar says; it is on standard error, and only on a terminal.
    :param at_once: how many at a time (default: WORKERS).
    """
    return in_order(len(items), as_done(items, work, at_once=at_once), doing)


def in_order(number: int, done: Iterator[tuple[int, Result]], doing: str) -> list[Result]:
    """So many results by their index, put in order, while a bar shows how many are there."""
    results: list[Result | None] = [None] * number
    with progress() as bar:
        task = bar.add_task(doing, total=number)
        for index, result in done:
            results[index] = result
            bar.advance(task)
    return cast("list[Result]", results)


def as_done(
    items: Sequence[Item], work: Callable[[Item], Result], *, at_once: int | None = None
) -> Iterator[tuple[int, Result]]:
    """The same as they are done, each with the index of its item."""
    todo: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()
    ended = threading.Event()

    def worker() -> None:
        while not ended.is_set():
            try:
                index = todo.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((index, work(items[index]), None))
            except BaseException as problem:  # raised again where somebody waits for it
                ended.set()
                done.put((index, None, problem))

    for index in range(len(items)):
        todo.put(index)
    try:
        for _ in range(min(at_once or WORKERS, WORKERS, len(items))):
            threading.Thread(target=worker, name=THREAD, daemon=True).start()
        for _ in items:
            index, result, problem = done.get()
            if problem is not None:
                raise problem
            yield index, cast("Result", result)
    finally:
        ended.set()
