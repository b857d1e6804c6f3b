"""Many things at once, with a progress bar on a terminal."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
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
    results: list[Result | None] = [None] * len(items)
    with progress() as bar:
        task = bar.add_task(doing, total=len(items))
        try:
            for _ in range(min(at_once or WORKERS, WORKERS, len(items))):
                threading.Thread(target=worker, name=THREAD, daemon=True).start()
            for _ in items:
                index, result, problem = done.get()
                if problem is not None:
                    raise problem
                results[index] = result
                bar.advance(task)
        finally:
            ended.set()
    return cast("list[Result]", results)
